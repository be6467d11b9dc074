"""Who may decode now: so many at once on this host, one a person, and few who wait.

The places are byte ranges of one file, locked by open file description: processes and threads
alike take them, and the kernel gives them back when a process is killed.
"""

import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings

LOOK_AGAIN = 0.02
_FLOCK = struct.Struct("hhqqi4x")  # struct flock: kind, whence, start, length, pid
_PEOPLE = 1 << 20  # places of people lie behind those of the host


class NoPlace(Exception):
    """Nobody got to it in time."""


class OneAtATime(NoPlace):
    """This person's own answers stand before it."""


@contextmanager
def place_for(person: str) -> Iterator[None]:
    """Raises NoPlace: at once when one of this person's is waiting already, else in a while.

    So whoever sends thirty at once holds one processor and two threads, and the others none.
    """
    until = time.monotonic() + settings.OPIC_DECODE_WAIT_SECONDS
    path = settings.DATA_DIR / "decoders.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        own = _place_of(person)
        if not (_take(handle, own) and _wait(handle, [own + 1], until)):
            raise OneAtATime
        if not _wait(handle, range(settings.OPIC_DECODERS), until):
            raise NoPlace
        _take(handle, own, kind=fcntl.F_UNLCK)
        yield
    finally:
        os.close(handle)


def _place_of(person: str) -> int:
    number = int.from_bytes(hashlib.sha256(person.encode()).digest()[:6], "big")
    return _PEOPLE + 2 * number


def _take(handle: int, start: int, kind: int = fcntl.F_WRLCK) -> bool:
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, start, 1, 0))
    except BlockingIOError:
        return False
    return True


def _wait(handle: int, starts: Iterable[int], until: float) -> bool:
    while not any(_take(handle, start) for start in starts):
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_AGAIN)
    return True
