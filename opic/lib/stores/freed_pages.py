"""SQLite alone: what was deleted leaves its files, too.

`secure_delete` (`database_limits`) writes zeros over what a page of the database no longer holds,
but the write-ahead log still has the page as it was, until the log is used again from its start.
"""

from django.db import DatabaseError, connection

PATIENCE_MS = 500


def overwrite() -> bool:
    """Write the write-ahead log into the database and empty it; False when others use it.

    Does nothing on PostgreSQL, or within a transaction.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    usual = connection.settings_dict.get("OPTIONS", {}).get("timeout", 5)
    with connection.cursor() as cursor:
        try:
            # the usual limit would be too long for the person who waits for the deletion
            cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = bool(cursor.fetchone()[0])
        except DatabaseError:
            is_busy = True
        finally:
            cursor.execute(f"PRAGMA busy_timeout={round(1000 * usual)}")
    return not is_busy
