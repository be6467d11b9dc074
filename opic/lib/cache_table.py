"""The shared cache where it is a table: entries past their time, which nobody asks for again.

Django drops them only when the table is full, and keys of rate limits name addresses.
"""

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone

LOT = 500
MOST_LOTS = 200


def drop_expired(alias: str = "default") -> int:
    """Delete expired rows in small lots; how many. Nothing where the cache is no table."""
    cache = caches[alias]
    if not isinstance(cache, DatabaseCache):
        return 0
    dropped = 0
    for _ in range(MOST_LOTS):
        count = _drop_lot(connection.ops.quote_name(settings.CACHES[alias]["LOCATION"]))
        dropped += count
        if count < LOT:
            break
    return dropped


def _drop_lot(table: str) -> int:
    """The cache has no model, so this is SQL, as in Django's own."""
    now = timezone.now().replace(microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE cache_key IN"
            f" (SELECT cache_key FROM {table} WHERE expires < %s LIMIT {LOT})",
            [connection.ops.adapt_datetimefield_value(now)],
        )
        return int(cursor.rowcount)
