"""Which process of a running product does what, read from outside: `tests/processes.py` tells one
process, this a whole site with its web server and its queue clusters.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from tests import processes
from tests.processes import Process

MARK = "SOAK_SITE"


def send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def is_alive(pid: int) -> bool:
    process = processes.look(pid)
    return process is not None and process.state not in "ZX"


def words_of(pid: int) -> str:
    """The command line."""
    return _read(pid, "cmdline").replace("\0", " ").strip()


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def marked(mark: str) -> list[Process]:
    """All that were started for one site and live, whoever their parent is by now."""
    living = {one.pid: one for one in processes.everything() if one.state not in "ZX"}
    own = {pid for pid in living if f"{MARK}={mark}" in _read(pid, "environ").split("\0")}
    # a child may have been given another environment
    size = 0
    while size != len(own):
        size = len(own)
        own |= {pid for pid, one in living.items() if one.parent in own}
    return [living[pid] for pid in sorted(own)]


@dataclass(frozen=True)
class Cluster:
    """One queue cluster as processes: `supervisor` started `pulse` and `engine`, that the rest."""

    supervisor: int
    pulse: int
    engine: int
    workers: tuple[Process, ...]
    monitor: int
    pusher: int

    def reader(self) -> int | None:
        """The idle worker inside the read: who kills it leaves the queue's read lock held."""
        return next((one.pid for one in self.workers if "pipe" in one.waits_in), None)

    def waiter(self) -> int | None:
        return next((one.pid for one in self.workers if "futex" in one.waits_in), None)

    def busy(self) -> int | None:
        """A worker that does something: neither in the read nor waiting for it."""
        return next((one.pid for one in self.workers if not _is_idle(one)), None)

    def children(self) -> tuple[int, ...]:
        """Those of the engine."""
        return (*(one.pid for one in self.workers), self.monitor, self.pusher)

    def everybody(self) -> tuple[int, ...]:
        return (self.supervisor, self.pulse, self.engine, *self.children())


def _is_idle(worker: Process) -> bool:
    return any(word in worker.waits_in for word in ("pipe", "futex"))


def clusters(own: list[Process], workers: int) -> list[Cluster]:
    """The whole clusters among these; one that is starting or ending is none."""
    running = []
    for supervisor in (one.pid for one in own if one.role == "opic-queue"):
        pulses = _below(own, supervisor, "opic-pulse")
        for engine in _below(own, supervisor, "opic-engine"):
            names = ("opic-worker", "opic-monitor", "opic-pusher")
            parts = [_below(own, engine.pid, name) for name in names]
            if [len(part) for part in (pulses, *parts)] == [1, workers, 1, 1]:
                team, (monitor,), (pusher,) = parts
                pids = (supervisor, pulses[0].pid, engine.pid)
                running.append(Cluster(*pids, tuple(team), monitor.pid, pusher.pid))
    return running


def _below(own: list[Process], parent: int, role: str) -> list[Process]:
    return [one for one in own if one.parent == parent and one.role == role]


@dataclass(frozen=True)
class Web:
    """One web server; `others` are what its workers started."""

    master: int
    workers: tuple[int, ...]
    others: tuple[int, ...]


def webs(own: list[Process]) -> list[Web]:
    all_web = {one.pid: one for one in own if "gunicorn" in words_of(one.pid)}
    running = []
    for master in (pid for pid, one in all_web.items() if one.parent not in all_web):
        workers = tuple(pid for pid, one in all_web.items() if one.parent == master)
        below = {one.pid for one in processes.family(master)}
        running.append(Web(master, workers, tuple(below - {master, *workers})))
    return running
