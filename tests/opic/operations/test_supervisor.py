"""When a cluster stands and when it is only busy: read from gauges, judged by pure rules."""

import pytest
from django.test import override_settings

from opic.lib.engine.gauges import Gauges, Standstill
from opic.operations.supervisor import GiveUp, Stall, Supervisor

MOST = 30


def watch(gauges, *, alive, seconds=2 * MOST):
    """Turn by turn; `alive` names the gauges that go on. The first reason, or nothing."""
    stall = Stall(MOST)
    for turn in range(seconds * 2):
        for name in alive:
            gauges[name] = 1000.0 + turn
        if reason := stall.reason(gauges, turn / 2):
            return reason, turn / 2
    return "", seconds


def gauges(**values):
    made = Gauges()
    for name, value in values.items():
        made[name] = value
    return made


def test_an_idle_cluster_does_not_stand():
    assert watch(gauges(), alive=["guard_at", "pulled_at"]) == ("", 2 * MOST)


def test_a_busy_cluster_does_not_stand_though_nothing_ends():
    busy = gauges(busy=2, handed=2, waiting=50, begun_at=5)
    assert watch(busy, alive=["guard_at"], seconds=10 * MOST)[0] == ""


@pytest.mark.parametrize(
    ("values", "alive", "words"),
    [
        ({}, ["pulled_at"], "guard"),
        ({"busy": 2}, [], "guard"),
        ({}, ["guard_at"], "broker"),
        ({"handed": 1}, ["guard_at", "pulled_at"], "no worker"),
        ({"waiting": 1}, ["guard_at", "pulled_at"], "entries wait"),
        ({"ended_at": 5, "stored_at": 4}, ["guard_at", "pulled_at"], "results"),
        ({"ended_at": 5, "stored_at": 4, "busy": 1}, ["guard_at", "ended_at"], "results"),
    ],
)
def test_what_stands_is_named_in_time(values, alive, words):
    reason, after = watch(gauges(**values), alive=alive)
    assert words in reason
    assert MOST <= after <= MOST + 1


@pytest.mark.parametrize("goes_on", ["begun_at", "ended_at"])
def test_who_gets_on_does_not_stand(goes_on):
    loaded = gauges(handed=2, waiting=100)
    assert watch(loaded, alive=["guard_at", "pulled_at", "stored_at", goes_on])[0] == ""


def test_an_engine_that_starts_has_time_whatever_the_watch_and_all_of_it_afterwards():
    slow, stall = gauges(guard_at=7, pulled_at=7), Stall(4, started_at=7)
    reasons = [stall.reason(slow, turn / 2) for turn in range(2 * MOST)]
    assert reasons == [""] * 2 * MOST
    # it turns at last: nothing is held against its pusher from before
    for turn in range(2 * MOST, 2 * MOST + 7):
        slow["guard_at"] = 100 + turn
        assert stall.reason(slow, turn / 2) == ""
    reasons = []
    for turn in range(2 * MOST + 7, 2 * MOST + 12):
        slow["guard_at"] = 100 + turn
        reasons.append(stall.reason(slow, turn / 2))
    assert "broker" in reasons[-1]


def test_an_engine_that_never_starts_is_replaced():
    stall = Stall(4, started_at=7)
    never = gauges(guard_at=7)
    reasons = [stall.reason(never, turn / 2) for turn in range(2 * MOST + 2)]
    assert "guard does not turn for 30 s" in reasons[-1]
    assert not any(reasons[: 2 * MOST])


def test_a_pause_of_the_whole_machine_accuses_nobody():
    stand = Standstill()
    stand.look(0, stands=True, progress=1)
    assert stand.look(1, stands=True, progress=1) == 1
    assert stand.look(4000, stands=True, progress=1) == 2


def test_what_dies_again_and_again_ends_with_a_line_that_says_why():
    supervisor = Supervisor()
    supervisor.is_stopping = True
    with override_settings(OPIC_STARTS_A_MINUTE=3):
        for _ in range(3):
            supervisor._note_start("worker 7 was killed by signal 9")
        with pytest.raises(GiveUp, match="worker 7 was killed by signal 9"):
            supervisor._note_start("worker 7 was killed by signal 9")


def test_a_sentence_is_kept_until_the_next_one():
    made = Gauges()
    assert made.message() == ""
    made.note("worker 1 was killed" * 100)
    made.note("짧다")
    assert made.message() == "짧다"
