"""Level now, the gap to a target and the weeks up to an exam: tables, properties."""

from datetime import date, timedelta

import pytest

from exams import labels
from opic.lib.levels import Level
from opic.pages.home.study_plan import MOST_WEEKS, plan_for
from scoring.levels import target_gap
from scoring.levels.response import ROWS
from scoring.levels.sitting import WORTH_OF_LEVEL
from scoring.levels.speech_functions import EASY_FUNCTIONS, FUNCTIONS
from scoring.summaries.current_level import LEAST_KINDS, MOST_EASY, MOST_PROBES, level_now
from scoring.summaries.facts import Shown
from tests.scoring.sittings import HIGH

TODAY = date(2026, 11, 26)  # a Thursday


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


@pytest.mark.parametrize("left", range(120))
def test_every_plan_leads_to_the_exam_and_rests_before_it(left):
    exam = TODAY + timedelta(days=left)
    plan = plan_for(TODAY, exam)
    assert plan.days_left == left
    assert plan.weeks[0].is_this
    assert len(plan.weeks) <= MOST_WEEKS
    assert plan.has_more is (not plan.weeks[-1].is_exam)
    for week in plan.weeks:
        assert week.first.weekday() == 0
        assert week.last <= exam
        assert 0 <= week.days <= 5
        assert week.sittings in {0, 1}
    for one, following in zip(plan.weeks, plan.weeks[1:], strict=False):
        assert following.first == one.last + timedelta(days=1)
    if plan.weeks[-1].is_exam and len(plan.weeks) > 1:
        assert plan.weeks[-1].sittings == 0


@pytest.mark.parametrize(
    ("left", "sittings"),
    [
        (45, [1, 0, 1, 0, 1, 1]),
        (31, [1, 0, 1, 1, 0]),
        (24, [0, 1, 1, 0]),
        (10, [1, 0]),
        (4, [1, 0]),
        (3, [0]),
    ],
)
def test_sittings_are_counted_back_from_the_exam(left, sittings):
    counted = [week.sittings for week in plan_for(TODAY, TODAY + timedelta(days=left)).weeks]
    assert counted == sittings


def test_an_exam_that_is_over_has_no_plan():
    assert plan_for(TODAY, TODAY - timedelta(days=1)) is None


def test_what_was_done_this_week_is_counted():
    spoken = {TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=9)}
    exam = TODAY + timedelta(days=24)
    this = plan_for(TODAY, exam, spoken=spoken, last_sat_on=TODAY - timedelta(days=2)).weeks[0]
    assert (this.spoken, this.days, this.sat, this.sittings) == (2, 5, True, 1)


def test_late_in_the_week_less_is_asked():
    sunday = date(2026, 11, 29)
    this = plan_for(sunday, sunday + timedelta(days=30)).weeks[0]
    assert this.days == 1


def test_no_sitting_in_the_last_days():
    for left in range(4):
        plan = plan_for(TODAY, TODAY + timedelta(days=left))
        assert plan.weeks[-1].sittings == 0
    monday = date(2026, 11, 23)
    exam = monday + timedelta(days=5)
    assert plan_for(monday, exam).weeks[0].sittings == 1
    assert plan_for(monday, exam, last_sat_on=monday - timedelta(days=3)).weeks[0].sittings == 0
