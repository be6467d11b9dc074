"""The gap from the last answers to a target level: tables."""

import pytest

from exams import labels
from opic.lib.levels import Level
from scoring.levels import target_gap
from scoring.levels.rows import ROWS
from scoring.levels.speech_functions import EASY_FUNCTIONS, FUNCTIONS


@pytest.mark.parametrize("target", list(Level))
def test_every_target_has_words_for_what_it_needs(target):
    gaps = target_gap.gaps_to(target, {})
    assert bool(gaps) is (target > Level.NL)
    for one in gaps:
        assert one.asked == 0
        assert labels.SHARES[one.needs]
        assert labels.FUNCTIONS[one.function]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (Level.IM2, set(EASY_FUNCTIONS.values())),
        (Level.IM3, set(FUNCTIONS.values())),
        (Level.AL, set(FUNCTIONS.values())),
    ],
)
def test_from_im3_on_it_hangs_on_the_advanced_functions(target, names):
    assert {one.function for one in target_gap.gaps_to(target, {})} == names


def test_the_gap_is_the_last_six_and_what_is_missing_most_comes_first():
    marks = {"narration": "111111" + "110000", "comparison": "111111", "problem": "0"}
    gaps = target_gap.gaps_to(Level.IH, marks)
    by_name = {one.function: one for one in gaps}
    assert (by_name["narration"].held, by_name["narration"].asked) == (2, 6)
    assert by_name["comparison"].is_enough
    assert [one.function for one in gaps] == ["problem", "narration", "issue", "comparison"]


@pytest.mark.parametrize(
    ("marks", "enough"), [("1", False), ("11", False), ("111", True), ("110", True), ("100", False)]
)
def test_one_good_answer_is_not_enough(marks, enough):
    gaps = target_gap.gaps_to(Level.IH, {"narration": marks})
    assert next(one for one in gaps if one.function == "narration").is_enough is enough


def test_marks_of_several_days_follow_each_other():
    days = [{"functions": {"narration": "10"}}, {}, {"functions": {"narration": "1", "issue": "0"}}]
    assert target_gap.marks_of(days) == {"narration": "101", "issue": "0"}


def test_shares_are_those_of_the_rows():
    for line in ROWS:
        assert target_gap.share_name(line.advanced or line.intermediate) in labels.SHARES
