"""A short memory that a service is away, so that not every request waits for its time limit."""

import threading
import time


class Away:
    """After a failure nobody asks for `seconds`; then one caller tries before all others."""

    def __init__(self, seconds: float, trial_seconds: float) -> None:
        self.seconds, self.trial_seconds = seconds, trial_seconds
        # many threads ask at the same moment: one of them gets the trial
        self._lock = threading.Lock()
        self._until = 0.0
        self._has_failed = False

    def may_try(self) -> bool:
        """Return False for a while after a failure, and while another caller is trying."""
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                return False
            if self._has_failed:
                self._until = now + self.trial_seconds
            return True

    def failed(self) -> None:
        """Note a failure: nobody asks for `seconds`."""
        with self._lock:
            self._has_failed = True
            self._until = time.monotonic() + self.seconds

    def worked(self) -> None:
        """Note a success: everybody may ask again."""
        # read without the lock first: this is called at every success
        if self._has_failed:
            with self._lock:
                self._has_failed, self._until = False, 0.0
