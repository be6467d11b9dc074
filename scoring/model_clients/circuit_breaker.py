"""The circuit breaker of a vendor: while it is open, nobody asks.

All workers share it, through the cache.
"""

import time

from django.conf import settings
from django.core.cache.backends.base import BaseCache

AT_ONCE = frozenset({"day_quota", "key", "gone", "deaf"})  # every other call would fail too
COUNTED = frozenset({"down", "timeout", "unreachable"})


class Breaker:
    """Opens after `OPIC_BREAKER_FAULTS` failures in a row; at once where all calls would fail."""

    def __init__(self, store: BaseCache, vendor: str) -> None:
        """Take the cache and the name of the vendor, under which its failures are counted."""
        self.store = store
        self.opened, self.failures = f"{vendor}:open-until", f"{vendor}:faults"

    def seconds_left(self) -> float:
        """Return for how many seconds nobody may ask; 0 while the breaker is closed."""
        return max(float(self.store.get(self.opened) or 0) - time.time(), 0.0)

    def note_reply(self) -> None:
        """Forget earlier failures: the vendor has replied, so they are not in a row any more."""
        self.store.delete(self.failures)

    def note_failure(self, kind: str, after_seconds: float) -> None:
        """Count a failure, and open where it is one too many.

        `kind` is one of `ModelError`. `after_seconds`: how long to stay open for a kind in
        `AT_ONCE`.
        """
        if kind in AT_ONCE:
            self._open(after_seconds)
        elif kind in COUNTED and self._one_more() >= settings.OPIC_BREAKER_FAULTS:
            self._open(settings.OPIC_BREAKER_SECONDS)

    def _one_more(self) -> int:
        self.store.add(self.failures, 0, settings.OPIC_BREAKER_SECONDS * 10)
        try:
            return self.store.incr(self.failures)
        except ValueError:
            # the count expired between `add` and `incr`: this failure is the first of a new one
            return 1

    def _open(self, seconds: float) -> None:
        self.store.set(self.opened, time.time() + seconds, seconds)
        self.store.delete(self.failures)
