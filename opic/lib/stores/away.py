"""A short memory that a service is gone: not every request waits for the same time limit."""

import threading
import time


class Away:
    """Who asks first finds out; for some seconds the others need not, then one of them tries."""

    def __init__(self, seconds: float, trial_seconds: float) -> None:
        self.seconds, self.trial_seconds = seconds, trial_seconds
        # many threads ask at the same moment: one of them gets the trial
        self._lock = threading.Lock()
        self._until = 0.0
        self._has_failed = False

    def may_try(self) -> bool:
        """Return False for a moment after a failure, and while somebody else is finding out."""
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                return False
            if self._has_failed:
                self._until = now + self.trial_seconds
            return True

    def failed(self) -> None:
        with self._lock:
            self._has_failed = True
            self._until = time.monotonic() + self.seconds

    def worked(self) -> None:
        # read without the lock: this is asked at every success
        if self._has_failed:
            with self._lock:
                self._has_failed, self._until = False, 0.0
