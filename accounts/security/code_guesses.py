"""How often a mailed code may be guessed: counted where every process sees it.

The library counts in the session, where guesses sent at the same moment overwrite one another.
"""

from django.core.cache import cache
from django.utils.crypto import salted_hmac

MOST = 3
# longer than any code is good for
_SECONDS = 60 * 60


def take(code: str) -> bool:
    """Use up one of the guesses at this code. False: there was none left.

    One cache entry a guess: adding is atomic on every kind of cache, counting up is not on the
    database's.
    """
    mark = salted_hmac("accounts.code_guesses", code, algorithm="sha256").hexdigest()
    return any(cache.add(f"code-guess:{mark}:{number}", 1, _SECONDS) for number in range(MOST))
