"""When the vendor is down or its quota used up, nobody asks for a while: all workers share it."""

import time

from django.conf import settings
from django.core.cache.backends.base import BaseCache

from scoring.raters.base import RaterError

OPEN, FAILURES = "gemini:open-until", "gemini:faults"
AT_ONCE = frozenset({"day_quota", "key", "gone"})  # nobody's answer would fare better
COUNTED = frozenset({"down", "timeout", "unreachable"})


class Breaker:
    """Opens after so many server faults in a row, or at once for a day's quota."""

    def __init__(self, store: BaseCache) -> None:
        self.store = store

    def refuse_while_open(self) -> None:
        """Raises RaterError with the time that is left."""
        left = float(self.store.get(OPEN) or 0) - time.time()
        if left > 0:
            text = "the vendor is given a rest"
            raise RaterError(text, retry=True, after_seconds=left, is_vendor=True)

    def note_reply(self) -> None:
        self.store.delete(FAILURES)

    def note_failure(self, kind: str, after_seconds: float) -> None:
        if kind in AT_ONCE:
            self._open(after_seconds)
        elif kind in COUNTED and self._one_more() >= settings.OPIC_BREAKER_FAULTS:
            self._open(settings.OPIC_BREAKER_SECONDS)

    def _one_more(self) -> int:
        self.store.add(FAILURES, 0, settings.OPIC_BREAKER_SECONDS * 10)
        try:
            return self.store.incr(FAILURES)
        except ValueError:  # it expired between the two
            return 1

    def _open(self, seconds: float) -> None:
        self.store.set(OPEN, time.time() + seconds, seconds)
        self.store.delete(FAILURES)
