"""Limits on decoding: `OPIC_DECODERS` at once on this host, one a person, and one more waiting.

The places are byte ranges of one file, locked by open file description. Processes and threads alike
take them, and the kernel gives them back when a process is killed.
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
    """No place became free in time."""


class OneAtATime(NoPlace):
    """Another recording of the same person is decoded or waits already."""


@contextmanager
def place_for(person: str) -> Iterator[None]:
    """Hold a place to decode for this person. Raises OneAtATime and NoPlace.

    OneAtATime comes at once where another recording of this person waits already; otherwise both
    come after `OPIC_DECODE_WAIT_SECONDS`. So whoever sends thirty at once holds one decoder and two
    threads.
    """
    until = time.monotonic() + settings.OPIC_DECODE_WAIT_SECONDS
    path = settings.DATA_DIR / "decoders.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        own = _place_of(person)
        # two places a person: the first for the one that waits, the second for the one at work
        if not (_take(handle, own) and _wait(handle, [own + 1], until)):
            raise OneAtATime
        if not _wait(handle, range(settings.OPIC_DECODERS), until):
            raise NoPlace
        # the person's next recording may wait now
        _take(handle, own, kind=fcntl.F_UNLCK)
        yield
    finally:
        os.close(handle)


def _place_of(person: str) -> int:
    number = int.from_bytes(hashlib.sha256(person.encode()).digest()[:6], "big")
    return _PEOPLE + 2 * number


def _take(handle: int, start: int, kind: int = fcntl.F_WRLCK) -> bool:
    # a lock of the open file, not of the process: threads exclude one another too, and closing
    # another handle on the file releases nothing
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
