"""A clock that can be stepped while the product runs: for its processes only, never the machine's.

Python loads this by itself when its folder is on PYTHONPATH. STEPPED_CLOCK names a file of two
doubles: the offset in seconds, and the true time of the last step. Timed waits of multiprocessing
end on the stepped clock too, because in the C library they are waits on the real-time clock.
"""

import mmap
import multiprocessing.synchronize as synchronize
import os
import posixpath
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BOTH = struct.Struct("dd")


class SteppedClock:
    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.shared = mmap.mmap(file.fileno(), BOTH.size, access=mmap.ACCESS_READ)
        self.true_time, self.true_mtime = time.time, posixpath.getmtime

    def time(self) -> float:
        return self.true_time() + float(BOTH.unpack_from(self.shared)[0])

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def getmtime(self, name: str) -> float:
        """Files written since the step carry the stepped time."""
        offset, since = BOTH.unpack_from(self.shared)
        true = self.true_mtime(name)
        return float(true + offset if true >= since else true)

    def waiting(self, acquire: Callable[..., Any]) -> Callable[..., bool]:
        """A semaphore's acquire whose time limit is a moment on this clock."""

        def until(block: bool = True, timeout: float | None = None) -> bool:
            if not block or timeout is None:
                return bool(acquire(block, timeout))
            end = self.time() + timeout
            while not acquire(True, max(min(end - self.time(), 0.1), 0)):
                if self.time() >= end:
                    return False
            return True

        return until


def install(clock: SteppedClock) -> None:
    import django.utils.timezone as django_timezone

    make_methods = synchronize.SemLock._make_methods

    def make_stepped(self: Any) -> None:
        make_methods(self)
        self.acquire = clock.waiting(self._semlock.acquire)

    time.time = clock.time
    django_timezone.now = clock.now
    posixpath.getmtime = clock.getmtime
    synchronize.SemLock._make_methods = make_stepped


if os.environ.get("STEPPED_CLOCK"):
    install(SteppedClock(Path(os.environ["STEPPED_CLOCK"])))
