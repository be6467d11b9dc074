"""Checks that work is being done, by ages, not by numbers: many waiting responses are no alarm."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from opic.health.probes import Finding, Lane, Level, Probe
from opic.health.ready import DATABASE
from opic.lib import queue
from opic.lib.ages import Age
from opic.operations.models import ClockworkTask, Cluster
from scoring.models import Response

QUEUE = Lane("queue") if settings.OPIC_QUEUE_REDIS_URL else DATABASE
# a response is late after this part (a fifth) of the time that raises an alarm
LATE_PART = 5


def _age(now: datetime, at: datetime | None) -> int | None:
    """Return whole seconds between, never negative: a clock may have stepped back."""
    return None if at is None else abs(int((now - at).total_seconds()))


def clusters() -> Finding:
    """Check that a cluster lives, and that a task came through its queue not long ago."""
    now = timezone.now()
    rows = Cluster.objects.not_ended().values_list("beat_at", "worked_at", "started_at")
    near = settings.OPIC_ALARM_BEAT_SECONDS
    seen = [
        ((_age(now, beat) or 0), _age(now, worked or started)) for beat, worked, started in rows
    ]
    alive = [worked for beat, worked in seen if beat < near]
    figures: dict[str, Any] = {"clusters": len(alive)}
    if not alive:
        figures["beat_seconds"] = beat = min((beat for beat, _worked in seen), default=None)
        return _no_cluster(beat, figures)
    # a cluster that just started has not had the time to do anything
    figures["worked_seconds"] = silence = min(worked or 0 for worked in alive)
    if silence < settings.OPIC_ALARM_QUEUE_SECONDS:
        return Finding(figures=figures)
    text = _("No task has come through the queue for %(age)s. Restart manage.py qcluster.")
    return Finding(Level.DOWN, text, {"age": Age(silence)}, figures)


def _no_cluster(beat: int | None, figures: dict[str, Any]) -> Finding:
    if beat is None:
        text = _("No queue cluster is running. Start manage.py qcluster.")
        return Finding(Level.DOWN, text, {}, figures)
    text = _("No queue cluster has been alive for %(age)s. Start manage.py qcluster.")
    return Finding(Level.DOWN, text, {"age": Age(beat)}, figures)


def response_finding() -> Finding:
    """Check the oldest response that is due, and whether any was settled lately."""
    now = timezone.now()
    due = Response.objects.due(now)
    waits = _age(now, due.aggregate(at=Min(Coalesce("not_before_at", "received_at")))["at"])
    figures = {"due": due.count(), "oldest_due_seconds": waits}
    most = settings.OPIC_ALARM_ANSWER_SECONDS
    if waits is None or waits < most / LATE_PART:
        return Finding(figures=figures)
    lately = now - timedelta(seconds=settings.OPIC_ALARM_SETTLED_SECONDS)
    if waits >= most and not Response.objects.settled_since(lately).exists():
        text = _("The oldest answer has been waiting for %(age)s and none is being worked on.")
        return Finding(Level.DOWN, text, {"age": Age(waits)}, figures)
    text = _("Answers are late: the oldest has been waiting for %(age)s.")
    return Finding(Level.LATE, text, {"age": Age(waits)}, figures)


def clockwork() -> Finding:
    """Check that every task that runs by the clock ended within three of its periods."""
    now = timezone.now()
    tasks = list(ClockworkTask.objects.all())
    ages = {task.name: _age(now, task.last_seen_at()) or 0 for task in tasks}
    most = settings.OPIC_ALARM_PERIODS
    late = [task.name for task in tasks if ages[task.name] > most * task.period_seconds]
    figures = {"clockwork": ages}
    if not late:
        return Finding(figures=figures)
    worst = max(late, key=lambda name: ages[name])
    text = _("%(name)s has not run for %(age)s. Restart manage.py qcluster.")
    return Finding(Level.DOWN, text, {"name": worst, "age": Age(ages[worst])}, figures)


def entries() -> Finding:
    """Count the entries of the queue; raise ConnectionError when its broker does not reply.

    Entries are only hints, the rows say what is due: a silent broker is no alarm.
    """
    count = queue.waiting()
    if count is None:
        raise ConnectionError("the queue's broker does not answer")
    return Finding(figures={"queue": count})


_GONE = Finding(Level.DOWN, _("The database cannot be reached."))
_SILENT = Finding(Level.DOWN, _("The database does not answer."))
_NO_BROKER = Finding(
    Level.DEGRADED,
    _("The queue's Redis does not answer. Answers are worked on later, none is lost."),
)
PROBES = [
    Probe("clusters", DATABASE, clusters, failed=_GONE, silent=_SILENT),
    Probe("answers", DATABASE, response_finding, failed=_GONE, silent=_SILENT),
    Probe("clockwork", DATABASE, clockwork, failed=_GONE, silent=_SILENT),
    Probe("queue", QUEUE, entries, failed=_NO_BROKER, silent=_NO_BROKER),
]
