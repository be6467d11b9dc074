"""Deletion of expired entries where the shared cache is a table.

Django drops them only when the table is full, and keys of rate limits name addresses.
"""

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone

LOT = 500
MOST_LOTS = 200


def drop_expired() -> int:
    """Delete expired rows of every cache that is a table, in small lots; return how many."""
    used = [name for name in settings.CACHES if isinstance(caches[name], DatabaseCache)]
    tables = {str(settings.CACHES[name]["LOCATION"]) for name in used}
    return sum(_drop_from(connection.ops.quote_name(table)) for table in sorted(tables))


def _drop_from(table: str) -> int:
    dropped = 0
    for _ in range(MOST_LOTS):
        count = _drop_lot(table)
        dropped += count
        if count < LOT:
            break
    return dropped


def _drop_lot(table: str) -> int:
    """Delete one lot of expired rows; return how many.

    The cache has no model, so this is SQL, as in Django's own.
    """
    now = timezone.now().replace(microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE cache_key IN"
            f" (SELECT cache_key FROM {table} WHERE expires < %s LIMIT {LOT})",
            [connection.ops.adapt_datetimefield_value(now)],
        )
        return int(cursor.rowcount)
