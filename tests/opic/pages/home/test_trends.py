"""Trends and strengths, from days: figures, words, and nothing that a measure could enter."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from opic.lib.levels import Level
from opic.pages.home import trends
from scoring.summaries.days import Day
from scoring.summaries.facts import ResponseFacts, facts_of
from tests.factories import MEASURES
from tests.scoring.summaries.test_days import judged, response_facts

TODAY = date(2026, 11, 26)  # a Thursday


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def day(back, *facts, voiced_ms=120_000):
    return Day(TODAY - timedelta(days=back), voiced_ms, facts_of(facts))


def measured(**changed):
    return ResponseFacts("DESC", "parks", is_first=True, measures={**MEASURES, **changed})


def test_weeks_run_from_monday_and_the_empty_ones_are_there():
    weeks = trends.weeks_of([day(0), day(3), day(4), day(60)], TODAY)
    assert len(weeks) == trends.WEEKS
    assert [week.first.weekday() for week in weeks] == [0] * trends.WEEKS
    assert weeks[-1].first == date(2026, 11, 23)
    assert [week.minutes for week in weeks[-3:]] == [0, 2, 4]


def test_labels_are_the_readers_way():
    for language, label in (("en", "11/23"), ("ko", "11/23"), ("vi", "23/11")):
        with translation.override(language):
            assert trends.day_label(date(2026, 11, 23)) == label


def test_minutes_have_words_at_each_column():
    weeks = trends.weeks_of([day(0, voiced_ms=30_000), day(7, voiced_ms=150_000)], TODAY)
    trend = trends.minutes_of(weeks)
    assert [text for _column, _label, text in trend.columns[-3:]] == ["0", "2", "<1"]
    assert trend.has_any
    assert not trends.minutes_of(trends.weeks_of([], TODAY)).has_any


def test_criteria_are_the_share_that_was_met():
    weeks = trends.weeks_of(
        [
            day(7, response_facts(lower="MMMMM", upper="NNNNN")),
            day(0, response_facts(lower="PMMMM", upper="PMMMM")),
        ],
        TODAY,
    )
    functions = trends.criteria_of(weeks)[0]
    assert functions.cells[-2:] == ["100 % · 0 %", "50 % · 50 %"]
    assert functions.cells[0] == "–"
    assert functions.now == "partly at Intermediate"
    assert trends.criteria_of(weeks)[1].now == "holds at Advanced"
    assert len(functions.lines) == 2


def test_measures_enter_no_criterion_and_no_strength():
    days = [day(0, measured())]
    weeks = trends.weeks_of(days, TODAY)
    assert trends.criteria_of(weeks) == []
    assert trends.types_of(days, Level.IH) == []
    assert trends.topics_of(days, Level.IH, {}) == []
    assert len(trends.measures_of(weeks, Level.IH)) == 3


def test_measures_are_means_of_a_week_beside_what_is_typical():
    days = [day(1, measured(words_per_minute=70.0)), day(0, measured(words_per_minute=90.0))]
    pace = trends.measures_of(trends.weeks_of(days, TODAY), Level.IM2)[0]
    assert pace.cells[-1] == "80"
    assert "typical 65–\u206095" in pace.now
    with translation.override("vi"):
        assert trends.measures_of(trends.weeks_of(days, TODAY), Level.IM2)[1].cells[-1] == "2,1"
    assert trends.measures_of(trends.weeks_of([], TODAY), Level.IM2) == []


@pytest.mark.parametrize(
    ("kind", "points", "target", "words"),
    [
        ("PAST", 88, Level.IH, "reaches IH"),
        ("PAST", 75, Level.IH, "close to IH"),
        ("PAST", 50, Level.IH, "below IH"),
        ("DESC", 75, Level.IH, "reaches IM3"),  # it cannot show more
        ("DESC", 50, Level.IL, "reaches IL"),
    ],
)
def test_strength_is_told_against_what_the_question_can_show(kind, points, target, words):
    (trend,) = trends.types_of([day(0, response_facts(kind, points=points))], target)
    assert trend.words == words
    assert trend.count == "1 answer"
    assert trend.query == f"type={kind}"


def test_the_weakest_come_first_and_topics_are_few():
    rows = [response_facts("DESC", topic=f"t{n}", points=90 - n) for n in range(10)]
    trend = trends.topics_of([day(0, *rows)], Level.IM2, {"t9": "공원"})
    assert len(trend) == trends.MOST_TOPICS
    assert trend[0].query == "topic=t9"
    assert [one.place for one in trend[:2]] == ["81%", "82%"]
    assert [one.label for one in trend[:2]] == ["공원", "t8"]


def test_second_tries_are_no_strength():
    assert trends.types_of([day(0, response_facts(is_first=False))], Level.IH) == []


def test_judgements_of_both_standards_are_known():
    assert judged("MMMMM", "PPPPP")["functions"] == {"intermediate": "met", "advanced": "partly"}
