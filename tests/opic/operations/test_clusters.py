"""Who is dead is found by looking, not by comparing clocks; and is told so."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from opic.lib import processes
from opic.lib.engine.gauges import Gauges
from opic.operations import clusters
from opic.operations.models import Cluster
from opic.operations.own import Own

pytestmark = pytest.mark.django_db
BEAT, SILENT = settings.OPIC_BEAT_SECONDS, settings.OPIC_SILENT_SECONDS


class Clock:
    """A monotonic clock that the test turns."""

    now = 100.0

    def __call__(self):
        return self.now


def beaten(row, at):
    Cluster.objects.filter(pk=row.pk).update(beat_at=at)


@pytest.fixture
def watch():
    return clusters.Watch(Own().id, clock=Clock())


@pytest.fixture
def other():
    return Cluster.objects.create(host="other", place="elsewhere", pid=1, version="1")


def looks(watch, other, seconds, beat=None):
    """Look at every beat for so long; how many were ended."""
    ended, passed = 0, 0
    while passed < seconds:
        if beat:
            beaten(other, beat(passed))
        ended += watch.end_silent()
        passed += BEAT
        watch.clock.now += BEAT
    return ended


@pytest.mark.parametrize("hours", [0, -1, 1, -24, 24])
def test_a_silent_cluster_is_ended_in_time_whatever_its_clock_said(watch, other, hours):
    beaten(other, timezone.now() + timedelta(hours=hours))
    assert looks(watch, other, SILENT) == 0
    assert looks(watch, other, 2 * BEAT) == 1
    other.refresh_from_db()
    assert other.ended_at
    assert looks(watch, other, SILENT * 2) == 0


@pytest.mark.parametrize("step", [0, 3600, -3600, 86400, -86400])
def test_a_living_cluster_is_left_alone_whatever_the_clock_does(watch, other, step):
    start = timezone.now()

    def beat(passed):
        stepped = step if passed > SILENT else 0
        return start + timedelta(seconds=passed + stepped)

    assert looks(watch, other, 10 * SILENT, beat) == 0


def test_nobody_is_accused_after_a_pause_of_the_observer(watch, other):
    watch.end_silent()
    watch.clock.now += 3600
    assert watch.end_silent() == 0


def test_a_beat_that_comes_meanwhile_saves_it(watch, other):
    seen = Cluster.objects.get(pk=other.pk)
    beaten(other, timezone.now() + timedelta(seconds=1))
    assert watch._end(seen) == 0


def test_a_group_that_is_gone_from_this_machine_is_ended_at_once(watch):
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    row = Cluster.objects.create(host="h", place=processes.place(), pid=child.pid, version="1")
    assert watch.end_silent() == 0
    child.communicate(b"\n")
    assert watch.end_silent() == 1
    row.refresh_from_db()
    assert row.ended_at


def test_a_beat_tells_age_and_last_work_and_an_ended_cluster_learns_it():
    own, gauges = Own(), Gauges()
    clusters.write_row(own, os.getpid())
    clusters.beat(own, gauges, os.getpid())
    row = Cluster.objects.get(pk=own.id)
    assert row.worked_at is None
    gauges.now("ended_at")
    clusters.beat(own, gauges, os.getpid())
    row.refresh_from_db()
    assert row.worked_at and row.up_seconds > 0
    assert row.worked_at > timezone.now() - timedelta(minutes=3)
    Cluster.objects.all().delete()
    clusters.beat(own, gauges, os.getpid())
    assert Cluster.objects.not_ended().get().pk == own.id
    clusters.end(own)
    with pytest.raises(clusters.Ended):
        clusters.beat(own, gauges, os.getpid())


def test_rows_of_long_ago_are_dropped(other):
    clusters.forget_old()
    assert Cluster.objects.count() == 1
    Cluster.objects.update(ended_at=timezone.now() - timedelta(days=8))
    clusters.forget_old()
    assert not Cluster.objects.exists()
