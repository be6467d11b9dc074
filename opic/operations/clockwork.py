"""Clockwork: what has to be done every so many seconds, by whichever cluster wins its turn.

The rows hold the last runs, so after a stop of a week each task runs once. A time far ahead of now
was written before the clock stepped back: it is void, and the task is due.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from opic.operations.models import ClockworkTask, Cluster


@dataclass(frozen=True)
class Entry:
    """A task without arguments, its period, and after how many seconds a run is ended."""

    task: Callable[[], object]
    seconds: int
    limit_seconds: int

    @property
    def name(self) -> str:
        """Return the dotted name of the task, the key of its row."""
        return f"{self.task.__module__}.{self.task.__qualname__}"


entries: dict[str, Entry] = {}
# run when this cluster starts, and when it found another one dead
takeovers: list[Callable[[], object]] = []


def register(task: Callable[[], object], *, seconds: int, limit_seconds: int | None = None) -> None:
    """Have this task run every so many seconds. It may run twice, or be ended in the middle."""
    entry = Entry(task, seconds, limit_seconds or settings.OPIC_TASK_SECONDS)
    entries[entry.name] = entry


def at_takeover(task: Callable[[], object]) -> None:
    """Have this task run when a cluster that ended may have left work behind."""
    if task not in takeovers:
        takeovers.append(task)


def write_rows() -> None:
    """Write a row for each registered task that has none, and periods that changed."""
    rows = ClockworkTask.objects.in_bulk()
    missing = [
        ClockworkTask(name=entry.name, period_seconds=entry.seconds)
        for entry in entries.values()
        if entry.name not in rows
    ]
    # another cluster may write the same rows now
    ClockworkTask.objects.bulk_create(missing, ignore_conflicts=True)
    for name, row in rows.items():
        if name in entries and row.period_seconds != entries[name].seconds:
            ClockworkTask.objects.filter(pk=name).update(period_seconds=entries[name].seconds)


def drop_rows() -> None:
    """Drop rows of tasks that are not registered any more.

    Once, at a start: clusters of two releases side by side know different tasks.
    """
    ClockworkTask.objects.exclude(name__in=entries).delete()


def _is_due(entry: Entry, now: datetime) -> Q:
    period = timedelta(seconds=entry.seconds)
    never = Q(last_started_at=None)
    # further ahead than one period it is void; up to that the task waits one more period at most
    return never | Q(last_started_at__lte=now - period) | Q(last_started_at__gt=now + period)


def _is_free(entry: Entry, now: datetime) -> Q:
    limit = timedelta(seconds=2 * entry.limit_seconds)
    ended = Cluster.objects.ended().values("pk")
    void = Q(claimed_until__lte=now) | Q(claimed_until__gt=now + limit)
    return Q(claimed_until=None) | Q(claimed_by=None) | Q(claimed_by__in=ended) | void


def due(now: datetime | None = None) -> list[Entry]:
    """Return the tasks that seem to be due, from one query; `claim` decides."""
    now = now or timezone.now()
    rows = {row.name: row for row in ClockworkTask.objects.all()}
    return [
        entry
        for entry in entries.values()
        if entry.name in rows and _seems_due(rows[entry.name], entry, now)
    ]


def _seems_due(row: ClockworkTask, entry: Entry, now: datetime) -> bool:
    if row.last_started_at is None:
        return True
    return not -entry.seconds <= (now - row.last_started_at).total_seconds() < entry.seconds


def claim(entry: Entry, cluster_id: uuid.UUID, now: datetime | None = None) -> bool:
    """Claim the task's run in one UPDATE; return whether this cluster won."""
    now = now or timezone.now()
    rows = ClockworkTask.objects.filter(_is_due(entry, now), _is_free(entry, now), pk=entry.name)
    until = now + timedelta(seconds=entry.limit_seconds)
    return bool(rows.update(last_started_at=now, claimed_by=cluster_id, claimed_until=until))


def finish(entry: Entry, cluster_id: uuid.UUID, *, is_done: bool) -> None:
    """Free the task after a run; only one without an error counts as finished."""
    done = {"last_finished_at": timezone.now()} if is_done else {}
    rows = ClockworkTask.objects.filter(pk=entry.name, claimed_by=cluster_id)
    rows.update(claimed_by=None, claimed_until=None, **done)


def give_back_all(cluster_id: uuid.UUID) -> None:
    """Make due again what this cluster's last heartbeat process had claimed.

    That process is gone, so nobody runs it any more.
    """
    rows = ClockworkTask.objects.filter(claimed_by=cluster_id)
    rows.update(claimed_by=None, claimed_until=None, last_started_at=None)
