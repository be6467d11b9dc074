"""The heartbeat process of a cluster: beats, runs clockwork, finds dead clusters.

It shares nothing with the engine but gauges, so a stalled engine does not stop it. Each clockwork
run is a child with a time limit, so a hanging one stops neither the beat nor the others. All its
waiting is on the monotonic clock.
"""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connection, connections

from opic.lib import processes, queue
from opic.lib.engine.gauges import Gauges
from opic.operations import clockwork, clusters
from opic.operations.models import Cluster
from opic.operations.own import Own

logger = logging.getLogger("opic.queue")
TICK_SECONDS = 0.25
# between looks at the clockwork
LOOK_SECONDS = 1.0
# between looks whether the clockwork's rows are still there
ROWS_SECONDS = 60.0
# a queue in which nothing ended for so long gets an entry that shows whether it works
PROBE_SECONDS = 30.0
# exit codes, for the supervisor
NO_STORE, DECLARED_DEAD = 4, 5


def close_connections() -> None:
    """Close every connection and pool, which a forked child would share."""
    for each in connections.all(initialized_only=True):
        each.close()
        if hasattr(each, "close_pool"):
            each.close_pool()


class StoreMissing(Exception):
    """Database or broker did not reply in time; the text says which and what to do."""


NO_DATABASE = (
    "the database does not answer: start it, correct DATABASE_URL, or run `manage.py prepare`"
)
NO_BROKER = (
    "the queue's broker does not answer: start it, or correct OPIC_QUEUE_REDIS_URL or REDIS_URL"
)


def wait_for_stores(
    seconds: float, still: Callable[[], bool], report: Callable[[str], None]
) -> None:
    """Wait until database and broker reply; raise StoreMissing when the time is up.

    What is being waited for is reported beforehand: the asking itself may hang. It ends early when
    `still` says no.
    """
    until = time.monotonic() + seconds
    for ask, missing in ((_ask_database, NO_DATABASE), (queue.ask_broker, NO_BROKER)):
        report(missing)
        while (error := _error_of(ask)) is not None:
            if time.monotonic() >= until or not still():
                raise StoreMissing(f"{missing} ({error})")
            time.sleep(TICK_SECONDS)
    report("")


def _ask_database() -> None:
    # a table of this release: a database that is not prepared yet is waited for as well
    Cluster.objects.exists()


def _error_of(ask: Callable[[], None]) -> str | None:
    try:
        ask()
    except Exception as exc:  # noqa: BLE001 - drivers and brokers raise their own errors
        connection.close()
        return f"{type(exc).__name__}: {str(exc).strip().splitlines()[0] if str(exc) else ''}"
    return None


@dataclass
class Run:
    """One clockwork run: who does it, and until when on the monotonic clock."""

    name: str
    until: float
    entry: clockwork.Entry | None = None


@dataclass
class Pulse:
    """The heartbeat process of a cluster; `group` is the cluster's process group."""

    own: Own
    gauges: Gauges
    group: int
    runs: dict[int, Run] = field(default_factory=dict)
    is_stopping: bool = False
    is_cut_off: bool = False
    probed_at: float = field(default_factory=time.monotonic)

    def run(self) -> int:
        """Beat until SIGTERM; return the exit code: 0, NO_STORE or DECLARED_DEAD."""
        signal.signal(signal.SIGTERM, self._stop)
        self.gauges.now("pulse_at")
        try:
            wait_for_stores(settings.OPIC_START_SECONDS, self._still_waits, self.gauges.note)
            self._begin()
            self._turn()
        except StoreMissing as exc:
            self.gauges.note(str(exc))
            return 0 if self.is_stopping else NO_STORE
        except clusters.Ended:
            self.gauges.note("another cluster had found this one dead and took its answers")
            return DECLARED_DEAD
        # the supervisor ended the engine before this process: what it had claimed is free
        self._safely(lambda: clusters.end(self.own))
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def _still_waits(self) -> bool:
        self.gauges.now("pulse_at")
        return not self.is_stopping

    def _begin(self) -> None:
        clusters.write_row(self.own, self.group)
        clockwork.drop_rows()
        clockwork.write_rows()
        clockwork.give_back_all(self.own.id)
        self.watch = clusters.Watch(self.own.id)
        self.watch.end_silent()
        self.gauges.now("ready_at")
        self._take_over()

    def _turn(self) -> None:
        often = [
            (settings.OPIC_BEAT_SECONDS, self._beat),
            (LOOK_SECONDS, self._start_due),
            (ROWS_SECONDS, clockwork.write_rows),
            (min(settings.OPIC_BEAT_SECONDS, settings.OPIC_WATCHDOG_SECONDS / 3), self._ask_queue),
        ]
        due_at = dict.fromkeys(range(len(often)), time.monotonic())
        while not self.is_stopping:
            self.gauges.now("pulse_at")
            self._end_runs()
            for number, (seconds, step) in enumerate(often):
                if time.monotonic() >= due_at[number]:
                    due_at[number] = time.monotonic() + seconds
                    self._safely(step)
            time.sleep(TICK_SECONDS)

    def _safely(self, step: Callable[[], object]) -> None:
        """Run a step. A database that is away ends nothing; it is logged once, and its return."""
        try:
            step()
        except DatabaseError as exc:
            connection.close()
            if not self.is_cut_off:
                logger.error("the heartbeat cannot reach the database: %s", exc)
            self.is_cut_off = True
            return
        if self.is_cut_off:
            logger.error("the heartbeat reaches the database again")
            self.is_cut_off = False

    def _beat(self) -> None:
        clusters.beat(self.own, self.gauges, self.group)
        if self.watch.end_silent():
            self._take_over()

    def _ask_queue(self) -> None:
        """Note how many entries wait, and queue a probe where nothing came through for a while."""
        self.gauges["waiting"] = queue.waiting() or 0
        last = max(self.gauges["ended_at"], self.gauges["begun_at"], self.probed_at)
        if time.monotonic() - last >= PROBE_SECONDS:
            self.probed_at = time.monotonic()
            queue.enqueue(queue.probe)

    def _start_due(self) -> None:
        for entry in clockwork.due():
            if self._is_running(entry) or not clockwork.claim(entry, self.own.id):
                continue
            self._start(entry.name, entry.task, entry.limit_seconds, entry)

    def _is_running(self, entry: clockwork.Entry) -> bool:
        return any(run.entry is entry for run in self.runs.values())

    def _take_over(self) -> None:
        for task in clockwork.takeovers:
            self._start(f"{task.__module__}.{task.__qualname__}", task, settings.OPIC_TASK_SECONDS)

    def _start(
        self,
        name: str,
        task: Callable[[], object],
        seconds: float,
        entry: clockwork.Entry | None = None,
    ) -> None:
        close_connections()
        pid = processes.fork("opic-clockwork", lambda: _work(name, task))
        self.runs[pid] = Run(name, time.monotonic() + seconds, entry)

    def _end_runs(self) -> None:
        for pid, code in processes.ended_children().items():
            if run := self.runs.pop(pid, None):
                self._note_end(run, code)
        for pid, run in self.runs.items():
            if time.monotonic() > run.until:
                logger.error("clockwork %s did not end in time and was killed", run.name)
                run.until += settings.OPIC_TASK_SECONDS
                processes.signal_process(pid, signal.SIGKILL)

    def _note_end(self, run: Run, code: int) -> None:
        if code:
            logger.error("clockwork %s %s", run.name, processes.how_ended(code))
        if entry := run.entry:
            self._safely(lambda: clockwork.finish(entry, self.own.id, is_done=code == 0))


def _work(name: str, task: Callable[[], object]) -> int:
    try:
        task()
    # whatever a task raises, its row says that it did not finish
    except Exception:
        logger.exception("clockwork %s broke", name)
        return 1
    finally:
        close_connections()
    return 0
