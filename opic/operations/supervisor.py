"""The parent of a cluster: touches no store, so nothing that hangs can hang it.

    supervisor (what systemd, compose or `manage.py run` started)
      heartbeat process   beats, clockwork, dead clusters          one process group,
      engine's guard      workers, pusher, monitor                 a cluster with an id

It starts both, watches children and gauges, and ends and replaces the whole group when a process
died that nobody asked to end, or when nothing gets on. A new group is a new cluster: the claims
of the old one come back at once.
"""

import logging
import os
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from types import FrameType

from django.conf import settings

from opic.lib import processes, queue
from opic.lib.engine.gauges import Gauges, Standstill
from opic.operations import own, pulse
from opic.operations.own import Own

logger = logging.getLogger("opic.queue")
TURN_SECONDS = 0.1
# the heartbeat's last word: one UPDATE
LAST_WORD_SECONDS = 3
# a heartbeat that waits for a locked database is not dead yet, nor is an engine that starts on a
# crowded machine
LEAST_SILENCE_SECONDS = 30
MINUTE = 60.0


@dataclass
class Stall:
    """Looks at the gauges, turn by turn, for what has made no progress for `most` seconds."""

    most: float  # seconds
    # what `guard_at` said when the engine was started: until it says something else, it starts
    started_at: float | None = None
    guard: Standstill = field(default_factory=Standstill)
    pusher: Standstill = field(default_factory=Standstill)
    workers: Standstill = field(default_factory=Standstill)
    monitor: Standstill = field(default_factory=Standstill)
    broker: Standstill = field(default_factory=Standstill)

    def reason(self, gauges: Gauges, now: float) -> str:
        """Return in words what stands still; empty while everything gets on or is busy."""
        is_starting = gauges["guard_at"] == self.started_at
        most = max(self.most, LEAST_SILENCE_SECONDS) if is_starting else self.most
        idle = not gauges["busy"]
        work = gauges["begun_at"] + gauges["ended_at"]
        unstored = gauges["ended_at"] > gauges["stored_at"]
        stands = {
            "its guard does not turn": (self.guard, True, gauges["guard_at"]),
            "nothing is taken from the broker": (self.pusher, idle, gauges["pulled_at"]),
            "no worker takes what waits": (self.workers, idle and gauges["handed"] > 0, work),
            "results are not put away": (self.monitor, unstored, gauges["stored_at"]),
            "entries wait and none is worked on": (
                self.broker,
                idle and gauges["waiting"] > 0,
                work,
            ),
        }
        for words, (stand, is_standing, progress) in stands.items():
            counts = is_standing and (stand is self.guard or not is_starting)
            if stand.look(now, stands=counts, progress=progress) >= most:
                return f"{words} for {most:g} s"
        return ""


@dataclass
class Group:
    """One cluster: its heartbeat process and its engine."""

    gauges: Gauges = field(default_factory=Gauges)
    own: Own = field(default_factory=Own)
    leader: int = 0
    pulse: int = 0
    engine: int = 0
    # of the heartbeat process
    silence: Standstill = field(default_factory=Standstill)
    stall: Stall = field(default_factory=lambda: Stall(settings.OPIC_WATCHDOG_SECONDS))

    def start_pulse(self) -> None:
        """Start the heartbeat process.

        The first one leads the process group, those that replace it join.
        """
        own.begin(self.own)
        self.gauges.now("pulse_at")
        self.pulse = processes.fork("opic-pulse", self._beat, group=self.leader)
        self.leader = self.leader or self.pulse

    def _beat(self) -> int:
        return pulse.Pulse(self.own, self.gauges, self.leader or os.getpid()).run()

    def start_engine(self) -> None:
        """Start the engine in the group that the heartbeat process leads."""
        self.gauges.now("guard_at")
        self.stall.started_at = self.gauges["guard_at"]
        self.engine = processes.fork(
            "opic-engine", lambda: queue.run_engine(self.gauges), group=self.leader
        )


class GiveUp(Exception):
    """The cluster cannot go on; the text says why."""


class Supervisor:
    """Keeps one cluster running until it is told to stop."""

    def __init__(self) -> None:
        self.is_stopping = False
        self.starts: deque[float] = deque()
        self.ended: dict[int, int] = {}

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        processes.end_with_parent()
        try:
            while not self.is_stopping:
                self._run_group()
        except GiveUp as exc:
            logger.error("the queue ends: %s", exc)
            return 1
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def _run_group(self) -> None:
        """Run one cluster, until it has to be replaced or everything stops."""
        group = Group()
        group.start_pulse()
        started = time.monotonic()
        why = ""
        try:
            while not why and not self.is_stopping:
                time.sleep(TURN_SECONDS)
                self.ended |= processes.ended_children()
                self._start_when_ready(group, started)
                why = self._pulse_trouble(group) or self._engine_trouble(group)
        finally:
            self._end(group)
        if why and not self.is_stopping:
            logger.error("%s; ended process group %s, starting anew", why, group.leader)
            self._note_start(why)

    def _start_when_ready(self, group: Group, started: float) -> None:
        if group.engine:
            return
        if group.gauges["ready_at"]:
            group.start_engine()
        # the heartbeat says itself when a store refuses; one that hangs makes it hang too
        elif time.monotonic() - started > settings.OPIC_START_SECONDS + LAST_WORD_SECONDS:
            raise GiveUp(group.gauges.message())

    def _engine_trouble(self, group: Group) -> str:
        """Say why the engine must be replaced; empty when it need not."""
        if not group.engine:
            return ""
        if group.engine in self.ended:
            how = processes.how_ended(self.ended[group.engine])
            return group.gauges.message() or f"the engine's guard {group.engine} {how}"
        return group.stall.reason(group.gauges, time.monotonic())

    def _pulse_trouble(self, group: Group) -> str:
        """Replace a heartbeat process that died: it holds nothing that the engine waits for.

        Returns why the whole group must go, and empty where it need not.
        """
        if group.pulse not in self.ended:
            self._kill_silent(group)
            return ""
        code = self.ended.pop(group.pulse)
        if code == pulse.NO_STORE:
            raise GiveUp(group.gauges.message())
        if code == pulse.DECLARED_DEAD:
            return group.gauges.message()
        why = f"the heartbeat process {group.pulse} {processes.how_ended(code)}"
        if not group.engine:
            return why
        logger.error("%s; started another", why)
        self._note_start(why)
        group.start_pulse()
        return ""

    def _kill_silent(self, group: Group) -> None:
        most = max(2 * settings.OPIC_WATCHDOG_SECONDS, LEAST_SILENCE_SECONDS)
        beaten = group.gauges["pulse_at"]
        if group.silence.look(time.monotonic(), stands=True, progress=beaten) >= most:
            group.silence = Standstill()
            processes.signal_process(group.pulse, signal.SIGKILL)

    def _note_start(self, why: str) -> None:
        """Count a replacement; wait longer before each one of the same minute."""
        now = time.monotonic()
        self.starts.append(now)
        while now - self.starts[0] > MINUTE:
            self.starts.popleft()
        if len(self.starts) > settings.OPIC_STARTS_A_MINUTE:
            raise GiveUp(
                f"{len(self.starts)} of its processes died within a minute, the last: {why}"
            )
        pause = 0.1 * 2 ** min(len(self.starts) - 1, 5)
        processes.wait_until(lambda: self.is_stopping, pause)

    def _end(self, group: Group) -> None:
        """End everything of the group.

        The engine goes first: then the heartbeat can say that its claims are free.
        """
        if group.engine:
            if self.is_stopping:
                processes.signal_process(group.engine, signal.SIGTERM)
                self._wait_for(group.engine, settings.OPIC_STOP_SECONDS)
            self._kill(group.engine)
        if group.pulse not in self.ended:
            processes.signal_process(group.pulse, signal.SIGTERM)
            self._wait_for(group.pulse, LAST_WORD_SECONDS)
        processes.signal_group(group.leader, signal.SIGKILL)
        self._wait_for(group.pulse, LAST_WORD_SECONDS)
        processes.wait_until(lambda: not processes.is_group_alive(group.leader), LAST_WORD_SECONDS)

    def _kill(self, pid: int) -> None:
        if pid not in self.ended:
            processes.signal_process(pid, signal.SIGKILL)
            self._wait_for(pid, LAST_WORD_SECONDS)

    def _wait_for(self, pid: int, seconds: float) -> None:
        def is_over() -> bool:
            self.ended |= processes.ended_children()
            return pid in self.ended

        processes.wait_until(is_over, seconds)
