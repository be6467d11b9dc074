"""Decoding for processes that hold secrets: asks the decoder process, and tells errors apart.

The other end is scoring/audio/decoder_process.py; docs/decisions/0016-decoding.md says why.
`AudioError` is about the sound and is the same on every try. `DecoderBusy` is about this machine:
the same bytes are worth another try.
"""

import atexit
import json
import logging
import math
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from opic.lib import processes
from scoring.audio import decoding_places
from scoring.audio.codec import AudioError
from scoring.audio.decoder_process import MEGABYTE, Limits
from scoring.audio.frames import read_frame, write_frame

logger = logging.getLogger(__name__)
GRACE_SECONDS = 2.0  # beyond the child's own time: then its parent does not answer either
PASS_SECONDS = 2.0
BYTES_A_SECOND = 20_000  # of the m4a, several times what it takes
# what a file brings about by itself: it does so on every try
_OWN_DOING = frozenset({"cpu", "memory", "crashed", "failed"})


class DecoderBusy(Exception):
    """The sound was not decoded, for reasons that say nothing of it: try again later."""


class OneAtATime(DecoderBusy):
    """Another recording of the same person is decoded first."""


class _Gone(Exception):
    """The server ended before it replied."""


@dataclass(frozen=True)
class Made:
    """The canonical m4a of an upload, with its length and voiced time."""

    data: bytes
    length_seconds: float
    voiced_seconds: float


def canonical(segments: list[bytes], person: str) -> Made:
    """Put segments, each a file of its own, end to end as one m4a.

    One recording of a person is decoded at a time. Raises AudioError and DecoderBusy.
    """
    most = int(settings.OPIC_MAX_SECONDS * BYTES_A_SECOND) + MEGABYTE
    head = {"task": "canonical", "sizes": [len(segment) for segment in segments]}
    try:
        with decoding_places.place_for(person):
            reply, data = _ask(head, b"".join(segments), most)
    except decoding_places.OneAtATime:
        raise OneAtATime from None
    except decoding_places.NoPlace:
        raise DecoderBusy from None
    return _believed(reply, data)


def pcm(data: bytes) -> NDArray[np.int16]:
    """Return mono samples at 16 kHz of a stored file. Raises AudioError and DecoderBusy."""
    most = int((settings.OPIC_MAX_SECONDS + 60) * 32_000)
    _reply, samples = _ask({"task": "pcm"}, data, most)
    if not samples or len(samples) % 2:
        raise AudioError("failed")
    return np.frombuffer(samples, dtype="<i2").astype(np.int16, copy=False)


def _believed(reply: dict[str, Any], data: bytes) -> Made:
    """Return a checked reply: what came out of foreign bytes may be forged. Raises AudioError."""
    try:
        length, voiced = float(reply["length_seconds"]), float(reply["voiced_seconds"])
    except (KeyError, TypeError, ValueError):
        raise AudioError("failed") from None
    is_possible = 0 < length <= settings.OPIC_MAX_SECONDS + 1 and 0 <= voiced <= length + 1
    if not (math.isfinite(length) and is_possible and data[4:8] == b"ftyp"):
        raise AudioError("failed")
    return Made(data, length, voiced)


def _ask(head: dict[str, Any], data: bytes, most: int) -> tuple[dict[str, Any], bytes]:
    for is_last in (False, True):
        try:
            reply, made = _servers.current().ask(head, data, most)
        except _Gone:
            if is_last:
                raise DecoderBusy from None
            continue
        _judge(reply)
        return reply, made
    raise DecoderBusy


def _judge(reply: dict[str, Any]) -> None:
    if "refused" in reply:
        code = str(reply["refused"])
        raise AudioError("too_heavy" if code in _OWN_DOING else code)
    if "died" in reply:
        if reply["died"] in _OWN_DOING:
            logger.warning("a recording was given up: %s", reply["died"])
            raise AudioError("too_heavy")
        logger.warning("a decoder did not get done: %s", reply["died"])
        raise DecoderBusy


def start() -> None:
    """Start this process's decoder, so that the first recording does not wait for it."""
    # the first recording tries again, and gets the error then
    with suppress(DecoderBusy):
        _servers.current()


def limits() -> Limits:
    """Return what one decoding may use, by the settings."""
    most_memory = settings.OPIC_DECODE_MEGABYTES * MEGABYTE + 100_000 * settings.OPIC_MAX_SECONDS
    return Limits(
        wall_seconds=settings.OPIC_DECODE_SECONDS,
        cpu_seconds=settings.OPIC_DECODE_CPU_SECONDS,
        memory_bytes=most_memory,
        max_seconds=settings.OPIC_MAX_SECONDS,
    )


class Server:
    """One running `scoring.audio.decoder_process`, started without secrets or files of ours."""

    def __init__(self, bounds: Limits) -> None:
        self.bounds = bounds
        self.control, theirs = socket.socketpair()
        self.control.settimeout(PASS_SECONDS)
        # the control socket: threads hand over their connections one after the other
        self.passing = threading.Lock()
        whom = processes.whom_to_follow()
        arguments = [str(theirs.fileno()), json.dumps(asdict(bounds)), str(whom)]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scoring.audio.decoder_process", *arguments],
                env=processes.clean_environment(settings.BASE_DIR),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # a signal to our group would reach it before it ignores signals; its socket ends it
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        """Return whether the process still runs."""
        return self.process.poll() is None

    def ask(self, head: dict[str, Any], data: bytes, most: int) -> tuple[dict[str, Any], bytes]:
        """Send a request; return head and bytes of the reply, `most` bytes at most.

        Raises DecoderBusy, and _Gone when the server ended: a new one may do it.
        """
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    self._hand_over(theirs)
                ours.settimeout(self.bounds.wall_seconds + GRACE_SECONDS)
                return _exchange(ours, head, data, most)
            except TimeoutError:
                # a server that works ends late children itself: this one is stuck
                logger.error("the decoder did not answer: it is ended and started again")
                self.end()
                raise DecoderBusy from None
            except (OSError, EOFError, ValueError):
                if self._ends_now():
                    raise _Gone from None
                raise DecoderBusy from None

    def _hand_over(self, theirs: socket.socket) -> None:
        with self.passing:
            socket.send_fds(self.control, [b"j"], [theirs.fileno()])

    def _ends_now(self) -> bool:
        """Return whether the process has ended, or does so within a moment."""
        # the connection breaks a moment before the process counts as ended
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2)
        return not self.is_alive()

    def end(self) -> None:
        """End the process, and wait a second for it."""
        self.control.close()
        with suppress(OSError):
            self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)


def _exchange(
    end: socket.socket, head: dict[str, Any], data: bytes, most: int
) -> tuple[dict[str, Any], bytes]:
    try:
        write_frame(end, head, data)
    except (BrokenPipeError, ConnectionResetError):
        # the child ended while we were sending: the reply with its cause is on its way
        return read_frame(end, most)
    return read_frame(end, most)


class _Servers:
    """The one server of this process, started when first asked, and again when it was killed."""

    def __init__(self) -> None:
        # `server`: two threads that ask first at once start one
        self.lock = threading.Lock()
        self.server: Server | None = None
        self.inherited: list[Server] = []

    def current(self) -> Server:
        """Return the running server; start one where there is none. Raises DecoderBusy."""
        with self.lock:
            wanted = limits()
            old = self.server
            if old is not None and old.is_alive() and old.bounds == wanted:
                return old
            if old is not None:
                if not old.is_alive():
                    logger.error("the decoder ended by itself and is started again")
                old.end()
            try:
                self.server = Server(wanted)
            except OSError:
                logger.exception("the decoder cannot be started")
                self.server = None
                raise DecoderBusy from None
            return self.server

    def forget(self) -> None:
        """Let go, after a fork, of the parent's server: it must end with the parent alone."""
        # another thread of the parent may have held the lock, and is not here to release it
        self.lock = threading.Lock()
        if self.server is not None:
            self.server.control.close()
            # referenced, because a Popen that is collected waits for a process not our child
            self.inherited.append(self.server)
            self.server = None

    def end(self) -> None:
        if self.server is not None:
            self.server.end()
            self.server = None


_servers = _Servers()
os.register_at_fork(after_in_child=_servers.forget)
atexit.register(_servers.end)
