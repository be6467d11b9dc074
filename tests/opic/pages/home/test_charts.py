"""Charts as geometry: places that are right, and text that no language changes."""

import re
from datetime import date, timedelta

import pytest
from django.utils import translation

from opic.pages.home import charts
from opic.pages.home.charts import Scale

TODAY = date(2026, 11, 26)  # a Thursday


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (12, "12"), (12.34, "12.3"), (-0.25, "-0.2"), (7.0, "7")]
)
def test_attributes_are_the_same_in_every_language(number, text):
    with translation.override("vi"):
        assert charts.attribute(number) == text


def test_columns_stand_on_zero_and_the_highest_fills_the_room():
    low, high, none = charts.columns([5, 10, 0])
    assert float(high.y) == charts.COLUMN_TOP
    assert float(low.height) == float(high.height) / 2
    assert (none.height, none.y) == ("0", str(charts.COLUMN_BASE))
    assert [one.is_last for one in (low, high, none)] == [False, False, True]
    assert charts.columns([]) == []


def dots(line):
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", line.dots)]


def test_a_line_has_gaps_where_nothing_is_known():
    chart = charts.line([10, 20, None, 30, None, 40, 50], Scale(0, 100))
    assert (chart.path.count("M"), chart.path.count("L")) == (3, 2)
    assert len(dots(chart)) == 5
    heights = [y for _x, y in dots(chart)]
    assert heights == sorted(heights, reverse=True)
    assert charts.line([None, None], Scale(0, 1)) == charts.Line("", "")


def test_what_lies_outside_the_scale_stays_in_the_picture():
    low, high = dots(charts.line([-50, 500], Scale(0, 100)))
    assert low[1] == charts.SPARK_HEIGHT - charts.SPARK_EDGE
    assert high[1] == charts.SPARK_EDGE


def test_a_band_lies_between_its_ends():
    scale = Scale(0, 100)
    top, height = scale.band(25, 75)
    assert float(top) == scale.y(75)
    assert float(top) + float(height) == scale.y(25)


@pytest.mark.parametrize(
    ("minutes", "depth"), [(0, 0), (0.1, 1), (2, 1), (2.1, 2), (5.1, 3), (10, 3), (10.1, 4)]
)
def test_more_minutes_are_deeper(minutes, depth):
    assert charts.depth_of(minutes) == depth


def cells(calendar):
    return {kind: re.findall(r"M(\d+) (\d+)", path) for kind, path in calendar.paths}


@pytest.mark.parametrize("today", [TODAY + timedelta(days=n) for n in range(7)])
def test_a_year_ends_today_and_begins_on_a_monday(today):
    days = cells(charts.year_map({today: 3.0}, today))
    assert sum(map(len, days.values())) == 52 * 7 + today.weekday() + 1
    assert days["2"] == [(str(52 * charts.STEP), str(today.weekday() * charts.STEP))]
    assert ("0", "0") in days["0"]


def test_months_are_marked_where_they_begin():
    marks = charts.year_map({}, TODAY).marks
    assert len(marks) in {11, 12}
    assert all(day.day == 1 for _x, day in marks)


def test_a_strip_of_days():
    spoken = {TODAY - timedelta(days=1)}
    first, end = TODAY - timedelta(days=3), TODAY + timedelta(days=5)
    days = cells(charts.strip(first, end, TODAY, end, spoken, 49))
    assert {kind: len(places) for kind, places in days.items()} == {
        "past": 2,
        "spoken": 1,
        "today": 1,
        "ahead": 4,
        "end": 1,
    }
    assert days["end"] == [(str(8 * charts.STEP), "0")]


def test_a_strip_on_the_day_itself():
    days = cells(charts.strip(TODAY, TODAY, TODAY, TODAY, set(), 49))
    assert set(days) == {"end"}
