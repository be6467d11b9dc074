"""A limit of so many an hour, counted in the cache that all processes share."""

from django.core.cache import cache

SECONDS = 3600


def take(name: str, most: int) -> bool:
    """Take one of `most` slots of this name for an hour; return False when none is free."""
    keys = [f"hourly:{name}:{number}" for number in range(most)]
    taken = cache.get_many(keys)
    # an entry for each: `add` is atomic on every cache, counting up is not on the database's
    return any(cache.add(key, 1, SECONDS) for key in keys if key not in taken)
