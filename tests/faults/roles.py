"""Which process of the product does what: read from /proc, from outside.

The queue's processes have names. Which of the idle workers holds the queue's read lock (the reader)
and which wait for it is told by the system call they stand in.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

READ, FUTEX = ("63", "98") if os.uname().machine == "aarch64" else ("0", "202")
MARK = "SOAK_SITE"


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    born: int
    name: str
    words: str


def send(pid: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def _read(task: int | str, name: str) -> str:
    try:
        return (Path("/proc") / str(task) / name).read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _look(pid: int) -> Process | None:
    before, _mark, after = _read(pid, "stat").rpartition(")")
    fields, name = after.split(), before.partition("(")[2]
    if not fields or fields[0] == "Z":
        return None
    words = _read(pid, "cmdline").replace("\0", " ").strip()
    return Process(pid, int(fields[1]), int(fields[19]), name, words)


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


def call_of(task: int | str) -> str:
    """Number of the system call that a process or thread stands in; "running" on a core."""
    words = _read(task, "syscall").split()
    return words[0] if words else ""


@dataclass(frozen=True)
class Cluster:
    """One queue cluster as processes: `supervisor` started `pulse` and `engine`, that the rest."""

    supervisor: int
    pulse: int
    engine: int
    workers: tuple[int, ...]
    monitor: int
    pusher: int

    def reader(self) -> int | None:
        """The idle worker inside the read: who kills it leaves the queue's read lock held."""
        return next((pid for pid in self.workers if call_of(pid) == READ), None)

    def waiter(self) -> int | None:
        return next((pid for pid in self.workers if call_of(pid) == FUTEX), None)

    def busy(self) -> int | None:
        """A worker that does something: neither in the read nor waiting for it."""
        return next((pid for pid in self.workers if call_of(pid) not in {READ, FUTEX}), None)

    def children(self) -> tuple[int, ...]:
        """Those of the engine."""
        return (*self.workers, self.monitor, self.pusher)

    def everybody(self) -> tuple[int, ...]:
        return (self.supervisor, self.pulse, self.engine, *self.children())


def clusters(processes: list[Process], workers: int) -> list[Cluster]:
    """The whole clusters among these; one that is starting or ending is none."""
    found = []
    for supervisor in (one for one in processes if one.name == "opic-queue"):
        pulses = _below(processes, supervisor.pid, "opic-pulse")
        for engine in _below(processes, supervisor.pid, "opic-engine"):
            names = ("opic-worker", "opic-monitor", "opic-pusher")
            parts = [_below(processes, engine, name) for name in names]
            if [len(part) for part in (pulses, *parts)] == [1, workers, 1, 1]:
                own, (monitor,), (pusher,) = parts
                found.append(
                    Cluster(supervisor.pid, pulses[0], engine, tuple(own), monitor, pusher)
                )
    return found


def _below(processes: list[Process], parent: int, name: str) -> list[int]:
    return [one.pid for one in processes if one.parent == parent and one.name == name]


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
