"""The process that decodes foreign sound, so that no process with secrets has to.

`python -m scoring.audio.decoder_process FD LIMITS PARENT` loads the library once and waits on a
socket: with each byte comes the end of a connection, and a new child serves it and exits. The
process ends with PARENT, or, where that is 0, when the socket closes. The children hold no secret,
no database and no file of ours, and are limited in memory, processor time, files and processes.
Nothing of Django is imported here. scoring/audio/decoding.py is the other end.

A request and a reply are one frame each (scoring/audio/frames.py). For a child that ended without a
reply its parent replies {"died": why}, with why one of cpu, time, memory, crashed and killed.
"""

import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from opic.lib import processes
from scoring.audio import codec
from scoring.audio.frames import LENGTH, read_frame, write_frame
from scoring.audio.measures import voiced_seconds

MEGABYTE = 1024 * 1024
PR_SET_DUMPABLE = 4
OUT_OF_MEMORY = 3
NICE = 5  # who waits for a page goes first
LONG_WORK = 1.0  # seconds of processor time; beyond it a short answer goes first
NICER = 10
FEW_FILES = 24


@dataclass(frozen=True)
class Limits:
    """What one decoding may use: seconds by the clock, processor seconds, bytes, and sound."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int
    max_seconds: float


# --- In the child: one answer --------------------------------------------------------------------
def _work(
    head: dict[str, Any], data: bytes, limits: Limits, encoder: Executor
) -> tuple[dict[str, Any], bytes]:
    if head["task"] == "pcm":
        return {}, codec.pcm_of(data).astype("<i2", copy=False).tobytes()
    segments, at = [], 0
    for size in head["sizes"]:
        segments.append(data[at : at + size])
        at += size
    made = codec.canonical(segments, max_seconds=limits.max_seconds, encoder=encoder)
    voiced = voiced_seconds(made.samples_16k)
    return {"length_seconds": made.length_seconds, "voiced_seconds": voiced}, made.data


def _serve_job(end: socket.socket, limits: Limits, encoder: Executor) -> None:
    head, data = read_frame(end, most=2**31)
    try:
        reply, made = _work(head, data, limits, encoder)
    except codec.AudioError as exc:
        reply, made = {"refused": exc.code}, b""
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as exc:  # noqa: BLE001 - whatever a library makes of foreign bytes is told
        reply, made = {"refused": "failed", "why": type(exc).__name__}, b""
    write_frame(end, reply, made)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _step_back(_number: int, _frame: Any) -> None:
    os.nice(NICER)


def _bind(limits: Limits, parent: int) -> None:
    """Give up what decoding one recording does not need; the order matters, limits come last."""
    processes.die_with(parent)
    processes.refuse_new_rights()
    _prctl(PR_SET_DUMPABLE, 0)
    signal.signal(signal.SIGPROF, _step_back)
    signal.setitimer(signal.ITIMER_PROF, LONG_WORK)
    for which, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, _size_now() + limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 256 * MEGABYTE),
        (resource.RLIMIT_NOFILE, FEW_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # of processor time the hard limit comes a second later: SIGXCPU names the cause, and the
        # SIGKILL of the hard limit does not
        resource.setrlimit(which, (most, most + (which == resource.RLIMIT_CPU)))


def _size_now() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - before the limit of files
        return int(file.read().split()[0]) * resource.getpagesize()


def _close_all_but(handle: int) -> None:
    """Close the handles of others; what goes wrong in a child is not written into our log."""
    os.closerange(3, handle)
    os.closerange(handle + 1, 4096)
    os.dup2(0, 2)


def _child(end: socket.socket, limits: Limits, parent: int) -> None:
    code = 1
    try:
        os.nice(NICE)
        # started after `nice`, which a thread inherits, and before the limits, which allow no more
        encoder = ThreadPoolExecutor(1)
        encoder.submit(int).result()
        _bind(limits, parent)
        _serve_job(end, limits, encoder)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    except (OSError, EOFError, ValueError):
        # the other end is gone
        code = 1
    finally:
        os._exit(code)


# --- In the parent -------------------------------------------------------------------------------
@dataclass
class _Job:
    end: socket.socket
    until: float
    is_over_time: bool = False


def _cause(status: int, job: _Job) -> str:
    if job.is_over_time:
        return "time"
    if os.WIFEXITED(status):
        return "memory" if os.WEXITSTATUS(status) == OUT_OF_MEMORY else "killed"
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return "cpu"
    return "crashed" if number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS) else "killed"


class Server:
    """Forks a child for each connection; ends when the other end of `control` closes."""

    def __init__(self, control: socket.socket, limits: Limits) -> None:
        self.control, self.limits = control, limits
        self.jobs: dict[int, _Job] = {}
        self.bell, wake = os.pipe()
        for handle in (self.bell, wake):
            os.set_blocking(handle, False)
        # the end of a child wakes `select` through this pipe, also just before it begins to wait
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        # a signal to the whole group is for our parent to act on
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def serve(self) -> None:
        """Serve connections until the control socket closes, then kill the children."""
        while True:
            ends: list[Any] = [self.control, self.bell]
            ready, _, _ = select.select(ends, [], [], self._patience())
            if self.bell in ready:
                with suppress(BlockingIOError):
                    os.read(self.bell, 4096)
            self._reap()
            self._end_late()
            if self.control in ready and not self._take():
                self._kill_all()
                return

    def _patience(self) -> float | None:
        waits = [job.until - time.monotonic() for job in self.jobs.values()]
        return max(0.0, min(waits)) if waits else None

    def _take(self) -> bool:
        """Take one more connection; False when nobody is at the other end any more."""
        message, handles, _flags, _address = socket.recv_fds(self.control, 1, 1)
        if not message:
            return False
        for handle in handles:
            self._fork(socket.socket(fileno=handle))
        return True

    def _fork(self, end: socket.socket) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            end.close()
            return
        if pid == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            _close_all_but(end.fileno())
            _child(end, self.limits, parent)
        self.jobs[pid] = _Job(end, time.monotonic() + self.limits.wall_seconds)

    def _reap(self) -> None:
        while self.jobs:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            job = self.jobs.pop(pid, None)
            if job is not None:
                self._send_status(job, status)

    def _send_status(self, job: _Job, status: int) -> None:
        with job.end, suppress(OSError):
            if status:
                text = json.dumps({"died": _cause(status, job)}).encode()
                # never wait for one connection: all others would wait too
                job.end.send(LENGTH.pack(len(text)) + text, socket.MSG_DONTWAIT)

    def _end_late(self) -> None:
        now = time.monotonic()
        for pid, job in self.jobs.items():
            if now >= job.until and not job.is_over_time:
                job.is_over_time = True
                os.kill(pid, signal.SIGKILL)
                job.until = now + 3600

    def _kill_all(self) -> None:
        for pid in self.jobs:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _warm() -> None:
    """Use the library once: what it sets up then, its children share."""
    made = codec.canonical([codec.silence(seconds=1)])
    voiced_seconds(codec.pcm_of(made.data))
    voiced_seconds(np.zeros(1600, np.int16))


def main() -> None:
    """Run the server that the command line describes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    limits = Limits(**json.loads(sys.argv[2]))
    # a stopped process does not notice a closed socket: where we can, we are killed with our parent
    if parent := int(sys.argv[3]):
        processes.die_with(parent)
    processes.call_this("opic-decoder")
    os.chdir("/")
    _warm()
    # the collector must not write to memory that the children share
    gc.collect()
    gc.freeze()
    Server(control, limits).serve()


if __name__ == "__main__":
    main()
