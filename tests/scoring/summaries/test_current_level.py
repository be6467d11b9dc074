"""The level now, from the newest answers of each kind: tables, properties."""

import pytest

from opic.lib.levels import Level
from scoring.levels.sitting import WORTH_OF_LEVEL
from scoring.levels.speech_functions import FUNCTIONS
from scoring.summaries.current_level import LEAST_KINDS, MOST_EASY, MOST_PROBES, level_now
from scoring.summaries.facts import Shown
from tests.scoring.sittings import HIGH


def row(kind, lower="MMMMM", upper="", *, is_weak=False, level=6, by_person=False):
    if kind in FUNCTIONS and not upper:
        upper = "NNNNN"
    return Shown(kind, lower, upper, is_weak, level, by_person)


def sitting(lower="MMMMM", upper="NNNNN"):
    return [row(kind, lower, upper if kind in FUNCTIONS else "") for kind in HIGH.split()]


@pytest.mark.parametrize("kinds", range(LEAST_KINDS))
def test_too_few_kinds_are_no_level(kinds):
    rows = [row(kind) for kind in ("DESC", "ROUT", "PAST")[:kinds] for _ in range(9)]
    now = level_now(rows)
    assert (now.low, now.kinds, now.answers) == (None, kinds, 9 * kinds)


@pytest.mark.parametrize(
    ("upper", "level"), [("NNNNN", Level.IM2), ("PPPPP", Level.IM3), ("MMMMM", Level.AL)]
)
def test_a_sitting_worth_of_answers_is_decided_as_a_sitting(upper, level):
    now = level_now(sitting(upper=upper))
    assert now.low <= level <= now.high
    assert now.high > now.low or level == Level.AL


def test_it_is_never_quite_sure_from_few():
    few = [row(kind, "MMMMM", "MMMMM" if kind in FUNCTIONS else "") for kind in HIGH.split()[:5]]
    assert level_now(few).sureness == "not"
    assert level_now(few + few[:2]).sureness in {"fairly", "not"}
    assert level_now(sitting(upper="MMMMM")).sureness == "quite"


def test_only_the_newest_of_each_sort_count():
    old = [row("PAST", upper="NNNNN")] * 30 + [row("DESC", "NNNNN")] * 30
    assert level_now([*old, *sitting(upper="MMMMM")]).low == level_now(sitting(upper="MMMMM")).low
    assert level_now([*old, *sitting()]).answers == MOST_PROBES + MOST_EASY


def test_the_steps_cap_it():
    assert level_now(sitting(upper="MMMMM"), Level.IH).high == Level.IH


@pytest.mark.parametrize("level", list(WORTH_OF_LEVEL))
def test_a_persons_word_is_taken_as_it_was_given(level):
    rows = [row(kind, "", "", level=level.value, by_person=True) for kind in HIGH.split()]
    rows = [one._replace(upper="") for one in rows]
    now = level_now(rows)
    assert now.low <= level <= now.high


def test_the_same_answers_say_the_same():
    assert level_now(sitting(lower="MPMMM")) == level_now(sitting(lower="MPMMM"))
