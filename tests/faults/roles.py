"""Which process of the product does what: read from /proc, from outside.

The queue's children have no names of their own. Which of the idle ones holds the queue's read lock
(the reader) and which wait for it is told by the system call they stand in.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

READ, FUTEX = "0", "202"  # x86-64; elsewhere the order of birth has to do
MARK = "SOAK_SITE"


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    born: int
    words: str


def send(pid: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def _read(pid: int, name: str) -> str:
    try:
        return (Path("/proc") / str(pid) / name).read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _look(pid: int) -> Process | None:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    if not fields or fields[0] == "Z":
        return None
    words = _read(pid, "cmdline").replace("\0", " ").strip()
    return Process(pid, int(fields[1]), int(fields[19]), words)


def is_alive(pid: int) -> bool:
    return _look(pid) is not None


def table() -> dict[int, Process]:
    """Every living process of this machine."""
    numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return {pid: found for pid in numbers if (found := _look(pid)) is not None}


def family(pid: int, everybody: dict[int, Process] | None = None) -> list[int]:
    """The process and all below it, parents first."""
    everybody = table() if everybody is None else everybody
    members = [pid] if pid in everybody else []
    for member in members:
        below = [one for one in everybody.values() if one.parent == member]
        members += [one.pid for one in sorted(below, key=lambda one: (one.born, one.pid))]
    return members


def marked(mark: str) -> list[Process]:
    """All that were started for one site, whoever their parent is by now."""
    everybody = table()
    own = {pid for pid in everybody if f"{MARK}={mark}" in _read(pid, "environ").split("\0")}
    for pid in list(own):
        own |= set(family(pid, everybody))
    return [everybody[pid] for pid in sorted(own) if pid in everybody]


def _waits_in(pid: int) -> tuple[str, str]:
    """Number and first argument of the system call it stands in; ("running", "") on a core."""
    words = _read(pid, "syscall").split()
    return (words[0], words[1]) if len(words) > 1 else (words[0] if words else "", "")


@dataclass(frozen=True)
class Cluster:
    """One queue cluster as processes; `chief` is the one a supervisor started."""

    chief: int
    parent: int
    sentinel: int
    workers: tuple[int, ...]
    monitor: int
    pusher: int
    others: tuple[int, ...]

    def reader(self) -> int | None:
        """The idle worker inside the read: who kills it leaves the read lock held."""
        return next((pid for pid in self.workers if _waits_in(pid)[0] == READ), None)

    def waiter(self) -> int | None:
        return next((pid for pid in self.workers if _waits_in(pid)[0] == FUTEX), None)

    def busy(self) -> int | None:
        """A worker that does something: neither in the read nor waiting for it."""
        return next((pid for pid in self.workers if _waits_in(pid)[0] not in {READ, FUTEX}), None)

    def children(self) -> tuple[int, ...]:
        return (*self.workers, self.monitor, self.pusher)


def clusters(processes: list[Process], workers: int) -> list[Cluster]:
    """The whole clusters among these; one that is starting or ending is none."""
    own = {one.pid: one for one in processes}
    queue = {pid: one for pid, one in own.items() if "qcluster" in one.words}
    found = []
    for pid, one in queue.items():
        below = sorted((c for c in queue.values() if c.parent == pid), key=lambda c: c.born)
        if len(below) != workers + 2 or one.parent not in queue:
            continue
        chief = one.parent
        while queue[chief].parent in queue:
            chief = queue[chief].parent
        known = {pid, one.parent, chief, *(c.pid for c in below)}
        others = tuple(set(family(chief, own)) - known)
        parts = _sorted_children([c.pid for c in below])
        found.append(Cluster(chief, one.parent, pid, *parts, others))
    return found


def _sorted_children(pids: list[int]) -> tuple[tuple[int, ...], int, int]:
    """Workers, monitor, pusher. By birth: workers come first; after a replacement by the pipe
    each idle one reads (that of the tasks was made first).
    """
    reading = {pid: int(fd, 16) for pid in pids for call, fd in [_waits_in(pid)] if call == READ}
    monitor = pids[-2]
    if len(set(reading.values())) > 1:
        monitor = max(reading, key=lambda pid: reading[pid])
    rest = [pid for pid in pids if pid != monitor]
    waiting = [pid for pid in rest if _waits_in(pid)[0] in {READ, FUTEX}]
    pusher = rest[-1]
    if pusher in waiting:
        pusher = next((pid for pid in reversed(rest) if pid not in waiting), rest[-1])
    return tuple(pid for pid in rest if pid != pusher), monitor, pusher


@dataclass(frozen=True)
class Web:
    master: int
    workers: tuple[int, ...]
    others: tuple[int, ...]


def webs(processes: list[Process]) -> list[Web]:
    own = {one.pid: one for one in processes}
    all_web = {pid for pid, one in own.items() if "gunicorn" in one.words}
    masters = [pid for pid in all_web if own[pid].parent not in all_web]
    found = []
    for master in masters:
        workers = tuple(pid for pid in all_web if own[pid].parent == master)
        others = tuple(set(family(master, own)) - {master, *workers})
        found.append(Web(master, workers, others))
    return found
