"""The weeks up to an exam: tables, properties."""

from datetime import date, timedelta

import pytest

from opic.pages.home.study_plan import MOST_WEEKS, plan_for

TODAY = date(2026, 11, 26)  # a Thursday


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
