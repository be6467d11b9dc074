"""Each task runs once in its period, on one cluster, whatever the clock does."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from opic.management.commands import qcluster
from opic.operations import clockwork
from opic.operations.models import ClockworkTask, Cluster

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
STEPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]


def sweep():
    """Stands for a task."""


def hang():
    """Stands for another."""


@pytest.fixture(autouse=True)
def only_ours(monkeypatch):
    monkeypatch.setattr(clockwork, "entries", {})
    monkeypatch.setattr(clockwork, "takeovers", [])


@pytest.fixture
def entry():
    clockwork.register(sweep, seconds=60, limit_seconds=20)
    clockwork.write_rows()
    return clockwork.entries[f"{__name__}.sweep"]


def cluster(**fields):
    return Cluster.objects.create(host="here", pid=1, version="1", **fields)


def run(entry, who, now):
    won = clockwork.claim(entry, who.pk, now)
    if won:
        clockwork.finish(entry, who.pk, is_done=True)
    return won


def test_a_turn_has_one_winner_and_comes_again_after_a_period(entry):
    first, second = cluster(), cluster()
    assert clockwork.due(NOON) == [entry]
    assert clockwork.claim(entry, first.pk, NOON)
    assert not clockwork.claim(entry, second.pk, NOON)
    assert clockwork.due(NOON + timedelta(seconds=59)) == []
    clockwork.finish(entry, first.pk, is_done=True)
    assert not clockwork.claim(entry, second.pk, NOON + timedelta(seconds=59))
    assert clockwork.claim(entry, second.pk, NOON + timedelta(seconds=60))


def test_a_run_that_failed_is_not_finished(entry):
    who = cluster()
    clockwork.claim(entry, who.pk)
    clockwork.finish(entry, who.pk, is_done=False)
    row = ClockworkTask.objects.get()
    assert (row.last_finished_at, row.claimed_until) == (None, None)
    clockwork.give_back_all(who.pk)
    clockwork.claim(entry, who.pk, NOON)


def test_a_week_without_anybody_means_one_run(entry):
    who = cluster()
    assert run(entry, who, NOON)
    back = NOON + timedelta(days=7)
    assert [run(entry, who, back + timedelta(seconds=n)) for n in range(59)].count(True) == 1


def test_what_a_dead_cluster_had_claimed_is_free_at_its_next_turn(entry):
    dead, living = cluster(), cluster()
    entry = clockwork.Entry(entry.task, 60, limit_seconds=3600)
    clockwork.claim(entry, dead.pk, NOON)
    later = NOON + timedelta(seconds=60)
    assert not clockwork.claim(entry, living.pk, later)
    Cluster.objects.filter(pk=dead.pk).update(ended_at=later)
    assert clockwork.claim(entry, living.pk, later)


def test_a_replaced_heartbeat_starts_its_runs_again(entry):
    who = cluster()
    clockwork.claim(entry, who.pk, NOON)
    clockwork.give_back_all(who.pk)
    assert clockwork.claim(entry, who.pk, NOON + timedelta(seconds=1))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_held", [False, True])
def test_after_a_step_a_task_runs_within_two_periods(entry, step, is_held):
    """Also where whoever held it was killed in the middle, or goes on holding it."""
    who = cluster()
    for seed in range(20):
        ClockworkTask.objects.update(last_started_at=None, claimed_by=None, claimed_until=None)
        chance = random.Random(seed)
        assert clockwork.claim(entry, who.pk, NOON)
        if not is_held:
            clockwork.finish(entry, who.pk, is_done=True)
        passed = chance.randrange(0, 60)
        for waited in range(passed, 121):
            now = NOON + timedelta(seconds=waited) + step
            if clockwork.due(now) and clockwork.claim(entry, who.pk, now):
                break
        else:
            pytest.fail(f"not within two periods: {seed}, {step}")


def test_small_steps_too_cost_one_period_at_most(entry):
    who = cluster()
    for step in range(-130, 131, 7):
        ClockworkTask.objects.update(last_started_at=None)
        assert run(entry, who, NOON)
        for waited in range(121):
            if run(entry, who, NOON + timedelta(seconds=waited + step)):
                break
        else:
            pytest.fail(f"not within two periods: {step}")


def test_rows_follow_the_list(entry):
    ClockworkTask.objects.create(name="of.an.old.release", period_seconds=60)
    clockwork.register(sweep, seconds=120)
    clockwork.register(hang, seconds=10)
    for _ in range(2):
        clockwork.write_rows()
        assert ClockworkTask.objects.count() == 3
    clockwork.drop_rows()
    rows = dict(ClockworkTask.objects.values_list("name", "period_seconds"))
    assert rows == {f"{__name__}.sweep": 120, f"{__name__}.hang": 10}


def test_the_product_says_what_runs_and_how_often():
    qcluster.register_all()
    periods = {name: entry.seconds for name, entry in clockwork.entries.items()}
    expected = {
        "scoring.tasks.sweep": 60,
        "scoring.tasks.sweep_files": 3600,
        "exams.tasks.sweep": 60,
        "practice.tasks.tell_late": 60,
        "accounts.tasks.send_reminders": 600,
        "accounts.tasks.sweep": 600,
        "opic.lib.queue.mend_entries": 60,
    }
    assert expected.items() <= periods.items()
