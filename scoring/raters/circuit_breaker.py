"""The circuit breaker of the vendor: while it is open, nobody asks.

All workers share it, through the cache.
"""

import time

from django.conf import settings
from django.core.cache.backends.base import BaseCache

from scoring.raters.base import RaterError

OPEN, FAILURES = "gemini:open-until", "gemini:faults"
AT_ONCE = frozenset({"day_quota", "key", "gone"})  # every other call would fail too
COUNTED = frozenset({"down", "timeout", "unreachable"})


class Breaker:
    """Opens after `OPIC_BREAKER_FAULTS` failures in a row; at once where all calls would fail."""

    def __init__(self, store: BaseCache) -> None:
        self.store = store

    def refuse_while_open(self) -> None:
        """Raise RaterError, with the seconds that are left, while the breaker is open."""
        left = float(self.store.get(OPEN) or 0) - time.time()
        if left > 0:
            text = "the vendor is given a rest"
            raise RaterError(text, retry=True, after_seconds=left, is_vendor=True)

    def note_reply(self) -> None:
        """Forget earlier failures: the vendor has replied, so they are not in a row any more."""
        self.store.delete(FAILURES)

    def note_failure(self, kind: str, after_seconds: float) -> None:
        """Count a failure, and open where it is one too many.

        `kind` is one of `GeminiError`. `after_seconds`: how long to stay open for a kind in
        `AT_ONCE`.
        """
        if kind in AT_ONCE:
            self._open(after_seconds)
        elif kind in COUNTED and self._one_more() >= settings.OPIC_BREAKER_FAULTS:
            self._open(settings.OPIC_BREAKER_SECONDS)

    def _one_more(self) -> int:
        self.store.add(FAILURES, 0, settings.OPIC_BREAKER_SECONDS * 10)
        try:
            return self.store.incr(FAILURES)
        except ValueError:
            # the count expired between `add` and `incr`: this failure is the first of a new one
            return 1

    def _open(self, seconds: float) -> None:
        self.store.set(OPEN, time.time() + seconds, seconds)
        self.store.delete(FAILURES)
