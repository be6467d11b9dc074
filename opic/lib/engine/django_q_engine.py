"""django-q2, run so that a worker that dies leaves no lock behind that others wait for.

A `multiprocessing.Queue` has one lock for reading and one for writing. A process that is killed
while it holds one keeps it for ever, and all others wait. So when a child was ended by a signal,
the engine is replaced together with its queues: the guard lets running tasks end and ends itself,
and the supervisor (`opic/operations/supervisor.py`) starts another. What the guard cannot see, the
supervisor sees in the gauges.
"""

import logging
import signal
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_q import cluster
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.signals import post_execute, post_execute_in_worker, post_spawn, pre_execute
from django_q.signing import BadSignature, SignedPackage
from django_q.tasks import async_task

from opic.lib import processes
from opic.lib.engine.gauges import Gauges
from opic.lib.incidents import request_id, task_id

logger = logging.getLogger(__name__)
# exit code: the message in the gauges says which child
CHILD_DIED = 3
# seconds between a worker's last word and its end, at its time limit
LAST_WORD_SECONDS = 2
# clocks of two hosts do not differ by more
AHEAD_SECONDS = 60
# dotted names that an entry may name
allowed: set[str] = set()


def send(name: str, *ids: str) -> None:
    """Put a task on the queue by its dotted name; raise whatever error the broker raises."""
    # `save=False`: only failures are stored, as nobody reads the rest and each costs two writes;
    # `group` carries the id of the request along, for the log lines of the task
    async_task(name, *ids, save=False, group=request_id.get() or None)


def waiting() -> int:
    """Return how many entries wait at the broker; raise whatever error the broker raises."""
    return int(get_broker().queue_size())


def mend_entries() -> None:
    """Unlock entries whose lock ends later than any lock lasts: the clock stepped back.

    Only the ORM broker looks at the clock. Schedules are of an older release: nothing runs them,
    and they are deleted.
    """
    now = timezone.now()
    longest = timedelta(seconds=Conf.RETRY + AHEAD_SECONDS)
    OrmQ.objects.filter(lock__gt=now + longest).update(lock=now)
    Schedule.objects.all().delete()


class ChildDied(Exception):
    """A child that nobody asked to end was ended by a signal."""


class _Flag:
    """Stands in for the library's event: without a lock, and without the wall clock."""

    def __init__(self, before_wait: Callable[[], None] = lambda: None) -> None:
        self._is_set = False
        self._before_wait = before_wait

    def is_set(self) -> bool:
        return self._is_set

    def set(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._is_set = True

    def wait(self, seconds: float) -> bool:
        self._before_wait()
        # time.sleep counts on the monotonic clock; the library's own event on the real-time one
        if not self._is_set:
            time.sleep(seconds)
        return self._is_set


class _Broker:
    """The broker as pusher and monitor see it; notes when it was asked.

    An entry that names no task of ours is dropped.
    """

    def __init__(self, broker: Any, gauges: Gauges) -> None:
        self._broker = broker
        self._gauges = gauges

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def set_stat(self, *_given: Any) -> None:
        """Do nothing: the library would write twice a second what nobody reads."""

    def dequeue(self) -> list[tuple[Any, Any]] | None:
        try:
            entries = self._broker.dequeue()
        finally:
            self._gauges.now("pulled_at")
        return [entry for entry in entries if self._is_ours(*entry)] if entries else None

    def _is_ours(self, entry_id: Any, payload: Any) -> bool:
        try:
            entry = SignedPackage.loads(payload)
            is_ours = entry["func"] in allowed and not entry["kwargs"]
            name = str(entry["func"])
        except (BadSignature, TypeError, KeyError) as exc:
            is_ours, name = False, f"nothing that can be read ({type(exc).__name__})"
        if not is_ours:
            logger.warning("dropped a queue entry that names %.100s", name)
            self._broker.fail(entry_id)
        return is_ours


class _Sentinel(cluster.Sentinel):  # type: ignore[misc]
    """The library's guard, which ends when a child was killed instead of carrying on."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges
        # every turn of the library's guard ends with a wait on this flag
        self.stop_flag = _Flag(before_wait=self._report_trouble)
        broker = _Broker(get_broker(), gauges)
        super().__init__(self.stop_flag, _Flag(), uuid.uuid4(), broker, start=False)

    def _report_trouble(self) -> None:
        self._gauges["busy"] = self._busy()
        # read without the queue's lock: a process that died may hold it
        self._gauges["handed"] = self.task_queue.size.count.get_obj().value
        self._gauges.now("guard_at")

    def _busy(self) -> int:
        # read without the timers' locks: a process that died may hold one
        timers = [worker.timer.get_obj() for worker in self.pool if worker.is_alive()]
        return sum(timer.value > 0 for timer in timers)

    def reincarnate(self, process: Any) -> None:
        """Replace a child that ended by itself; raise ChildDied for one that was killed.

        A worker at its time limit may still write down its result: ended in the middle of that,
        it would leave the lock of the results held.
        """
        if process.exitcode is None:
            process.join(LAST_WORD_SECONDS)
            process.kill()
            process.join()
        elif process.exitcode < 0:
            raise ChildDied(
                f"{self._role(process)} {process.pid} was killed by signal {-process.exitcode}"
            )
        super().reincarnate(process)

    def _role(self, process: Any) -> str:
        names = {id(self.monitor): "monitor", id(self.pusher): "pusher"}
        return names.get(id(process), "worker")

    def drain(self, seconds: float) -> None:
        """Take nothing new, and let the workers end what they have in hand."""
        self.pusher.kill()
        until = time.monotonic() + seconds
        while self._busy() and time.monotonic() < until and not self.stop_flag.is_set():
            self._report_trouble()
            time.sleep(0.1)

    def spawn_pusher(self) -> Any:
        return self.spawn_process(
            _pusher, self._gauges, self.task_queue, self.event_out, self.broker
        )

    def spawn_monitor(self) -> Any:
        return self.spawn_process(_monitor, self._gauges, self.result_queue, self.broker)


def _pusher(gauges: Gauges, *given: Any) -> None:
    _begin("opic-pusher")
    gauges.now("pulled_at")
    pusher(*given)


def _monitor(gauges: Gauges, *given: Any) -> None:
    _begin("opic-monitor")
    gauges.now("stored_at")
    monitor(*given)


def _begin(name: str) -> None:
    processes.call_this(name)
    # the fork took the guard's handler along
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _begin_task(gauges: Gauges, task: dict[str, Any], **_given: Any) -> None:
    gauges.now("begun_at")
    # a worker does one task after another: the next one writes over these
    task_id.set(str(task["id"])[:8])
    request_id.set(str(task.get("group") or ""))


def _listen(gauges: Gauges) -> None:
    """Have workers and monitor note in the gauges when they get on."""
    listeners = {
        post_spawn: lambda **_given: _begin("opic-worker"),
        pre_execute: partial(_begin_task, gauges),
        post_execute_in_worker: lambda **_given: gauges.now("ended_at"),
        post_execute: lambda **_given: gauges.now("stored_at"),
    }
    for moment, listener in listeners.items():
        moment.connect(listener, weak=False)


def run(gauges: Gauges) -> int:
    """Run the engine until SIGTERM, or until a child was killed; return the exit code."""
    _listen(gauges)
    sentinel = _Sentinel(gauges)
    signal.signal(signal.SIGTERM, sentinel.stop_flag.set)
    gauges.now("pulled_at")
    try:
        sentinel.start()
    except ChildDied as exc:
        gauges.note(str(exc))
        sentinel.drain(settings.OPIC_STOP_SECONDS)
        return CHILD_DIED
    return 0
