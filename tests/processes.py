"""Processes of the product as the kernel sees them: who is whose child, what each waits for.

Roles are the names that the product gives its processes:

    opic-queue      the supervisor
    opic-pulse      heartbeat and clockwork          opic-clockwork  one clockwork run
    opic-engine     the guard of the engine
    opic-worker, opic-pusher, opic-monitor           its children
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ENGINE_ROLES = ("opic-engine", "opic-worker", "opic-pusher", "opic-monitor")
ALL_ROLES = ("opic-queue", "opic-pulse", *ENGINE_ROLES)


@dataclass(frozen=True)
class Process:
    """One process at the moment it was looked at."""

    pid: int
    parent: int
    group: int
    role: str
    state: str

    @property
    def is_alive(self) -> bool:
        """Still the same one, and not only waiting to be reaped."""
        now = look(self.pid)
        return now is not None and now.state not in "ZX" and now.group == self.group

    @property
    def waits_in(self) -> str:
        """The kernel function it sleeps in; empty while it runs."""
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/wchan").read_text()
        return ""

    def kill(self, number: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


def look(pid: int) -> Process | None:
    try:
        head, _, tail = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except OSError:
        return None
    state, parent, group = tail.split()[:3]
    return Process(pid, int(parent), int(group), head.partition("(")[2], state)


def everything() -> list[Process]:
    pids = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return [process for process in map(look, pids) if process is not None]


def family(pid: int) -> list[Process]:
    """The process and all its descendants that live, parents first."""
    children: dict[int, list[Process]] = {}
    for process in everything():
        if process.state not in "ZX":
            children.setdefault(process.parent, []).append(process)
    top = look(pid)
    members = [top] if top else []
    for member in members:
        members.extend(children.get(member.pid, []))
    return members


def of_role(pid: int, *roles: str) -> list[Process]:
    return [process for process in family(pid) if process.role in roles]


def idle_reader(pid: int) -> Process:
    """The idle worker that waits inside the queue's read, its lock held."""
    return _worker(pid, lambda process: "pipe" in process.waits_in)


def idle_waiter(pid: int) -> Process:
    """An idle worker that waits for the lock which the reader holds."""
    return _worker(pid, lambda process: "futex" in process.waits_in)


def _worker(pid: int, fits: Callable[[Process], bool]) -> Process:
    """One that fits at two looks: a worker on its way elsewhere is in neither place for long."""

    def steady() -> list[Process]:
        first = {process.pid for process in of_role(pid, "opic-worker") if fits(process)}
        time.sleep(0.05)
        return [each for each in of_role(pid, "opic-worker") if each.pid in first and fits(each)]

    return wait_for(steady, 20, "an idle worker")[0]


def wait_for(ask: Callable[[], T], seconds: float, what: str) -> T:
    """What `ask` returns once it is true; an AssertionError that names it when time is up."""
    until = time.monotonic() + seconds
    while not (result := ask()):
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return result


def wait_gone(processes: Iterable[Process], seconds: float = 10) -> None:
    left = list(processes)
    wait_for(
        lambda: not any(process.is_alive for process in left),
        seconds,
        f"the end of {[(process.pid, process.role) for process in left]}",
    )


def wait_working(pid: int, *, workers: int = 2, seconds: float = 60) -> None:
    """Until the cluster under this supervisor has all its processes."""

    def is_whole() -> bool:
        roles = [process.role for process in family(pid)]
        single = all(role in roles for role in ALL_ROLES)
        return single and roles.count("opic-worker") >= workers

    wait_for(is_whole, seconds, "a whole cluster")
