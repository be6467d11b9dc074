"""A limit on guesses at a mailed code, counted in the cache that all processes share.

The library counts in the session, where guesses sent at the same moment overwrite one another.
"""

from django.core.cache import cache
from django.utils.crypto import salted_hmac

MOST = 3
# longer than any code is valid
_SECONDS = 60 * 60


def take(code: str) -> bool:
    """Use up one of the guesses at this code; return False when none is left."""
    mark = salted_hmac("accounts.code_guesses", code, algorithm="sha256").hexdigest()
    # an entry for each guess: `add` is atomic on every cache, counting up is not on the database's
    return any(cache.add(f"code-guess:{mark}:{number}", 1, _SECONDS) for number in range(MOST))
