"""What the rows of clusters and clockwork say about the work being done."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from opic.operations.models import ClockworkTask, Cluster

pytestmark = pytest.mark.django_db


def cluster(**fields):
    return Cluster.objects.create(host="here", pid=1, version="1", **fields)


@pytest.mark.parametrize(
    ("ago", "is_alive"), [(0, True), (50, True), (70, False), (-50, True), (-3600, False)]
)
def test_a_cluster_is_alive_by_a_beat_near_now(ago, is_alive):
    row = cluster(beat_at=timezone.now() - timedelta(seconds=ago))
    assert (row in Cluster.objects.alive()) == is_alive


def test_an_ended_cluster_is_not_alive():
    assert cluster(ended_at=timezone.now()) not in Cluster.objects.alive()


def test_only_a_living_cluster_that_ended_a_task_is_working():
    now = timezone.now()
    idle, busy = cluster(), cluster(worked_at=now)
    gone = cluster(worked_at=now, ended_at=now)
    working = Cluster.objects.working(now - timedelta(minutes=3))
    assert (idle in working, busy in working, gone in working) == (False, True, False)


@pytest.mark.parametrize(("ago", "is_late"), [(170, False), (190, True), (-3600, False)])
def test_a_task_is_late_after_three_periods_without_an_end(ago, is_late):
    then = timezone.now() - timedelta(seconds=ago)
    task = ClockworkTask(name=uuid.uuid4().hex, period_seconds=60, added_at=then)
    assert task.is_late(timezone.now()) == is_late
    task.added_at = then - timedelta(hours=1)
    task.last_finished_at = then
    task.last_started_at = timezone.now()
    task.save()
    assert (task in ClockworkTask.objects.late()) == is_late
