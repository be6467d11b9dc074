"""Checks that may hang, asked by pages that must not.

Each check runs in a daemon thread of its lane; whoever asks waits for it a moment, then says that
it does not answer. One run of a check is in flight at a time, and a finding is good for a moment:
asked every second by ten balancers, it costs one look a second.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from django.db import connections
from django.utils.functional import Promise

logger = logging.getLogger(__name__)
FRESH_SECONDS = 0.7
PATIENCE_SECONDS = 1.0


class Level(IntEnum):
    """How bad it is; a page is as bad as its worst finding."""

    OK = 0
    LATE = 1
    DEGRADED = 2
    DOWN = 3


@dataclass(frozen=True)
class Finding:
    """What one check says; `reason` is a lazy text that `params` are put into."""

    level: Level = Level.OK
    reason: str | Promise = ""
    params: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def words(self) -> str:
        """Return the reason in the language that is active now."""
        text = str(self.reason)
        return text % {name: str(value) for name, value in self.params.items()} if text else ""


class Lane:
    """A daemon thread that runs checks one after another; made anew in a forked process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._pid = 0
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def put(self, run: Callable[[], None]) -> None:
        """Queue a run; the first one in a process starts its thread."""
        # two askers at once must not start two threads
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._waiting = queue.SimpleQueue()
                threading.Thread(
                    target=self._work,
                    args=(self._waiting,),
                    name=f"health-{self.name}",
                    daemon=True,
                ).start()
        self._waiting.put(run)

    def _work(self, waiting: "queue.SimpleQueue[Callable[[], None]]") -> None:
        while True:
            waiting.get()()


class Probe:
    """One check, its lane, and the findings for when it fails or does not reply in time."""

    def __init__(
        self,
        name: str,
        lane: Lane,
        check: Callable[[], Finding],
        *,
        failed: Finding,
        silent: Finding,
    ) -> None:
        self.name, self.lane, self.check = name, lane, check
        self.failed, self.silent = failed, silent
        # those who ask and the lane's thread change the fields of a run together
        self._lock = threading.Lock()
        self._pid = 0
        self._forget()

    def _forget(self) -> None:
        self._done: threading.Event | None = None
        self._begun = 0.0
        self._ended = 0.0
        self._finding: Finding | None = None

    def begin(self) -> None:
        """Start a run, unless one is in flight or its finding is fresh."""
        with self._lock:
            if self._pid != os.getpid():
                # a run of the parent process never ends here
                self._pid = os.getpid()
                self._forget()
            now = time.monotonic()
            if self._done is not None or (self._finding and now - self._ended < FRESH_SECONDS):
                return
            self._done, self._begun = threading.Event(), now
        self.lane.put(self._run)

    def finding(self, until: float) -> Finding:
        """Return the finding, waiting for a run in flight until this moment (monotonic clock).

        A run that is overdue already is not waited for.
        """
        with self._lock:
            done, begun = self._done, self._begun
        if done is not None:
            overdue = time.monotonic() - begun > PATIENCE_SECONDS
            if not done.wait(0 if overdue else max(until - time.monotonic(), 0)):
                return self.silent
        return self._finding or self.silent

    def _run(self) -> None:
        try:
            finding = self.check()
        # whatever a driver or a vendor's library raises means the same here
        except Exception:
            logger.warning("health: the check of %s failed", self.name, exc_info=True)
            finding = self.failed
        finally:
            # a connection of its own for each look: it counts for a moment only, is never stale,
            # and notices that a new one cannot be had
            connections.close_all()
        with self._lock:
            done, self._done = self._done, None
            self._finding, self._ended = finding, time.monotonic()
        if done is not None:
            done.set()


def ask(probes: Iterable[Probe]) -> dict[str, Finding]:
    """Run every probe and return their findings by name, within PATIENCE_SECONDS in all."""
    probes = list(probes)
    for probe in probes:
        probe.begin()
    until = time.monotonic() + PATIENCE_SECONDS
    return {probe.name: probe.finding(until) for probe in probes}
