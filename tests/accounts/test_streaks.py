"""Streaks: which days count, what a free day forgives, whose midnight it is."""

from datetime import UTC, date, datetime, timedelta

from django.test import SimpleTestCase, TestCase

from accounts import streaks
from accounts.models import Activity, Streak
from tests.factories import make_user

MONDAY = date(2026, 11, 2)


def days(marks, first=MONDAY):
    """`x` spoke, `.` did not; from a Monday on."""
    return [first + timedelta(days=n) for n, mark in enumerate(marks) if mark == "x"]


def stored(marks):
    runs = streaks.runs_of(days(marks))
    if not runs:
        return None
    last = runs[-1]
    return Streak(
        length=last.length,
        started_on=last.started_on,
        last_on=last.last_on,
        last_free_on=last.last_free_on,
        longest=max(run.length for run in runs),
    )


# days from Monday on, the last mark is today: days in a row, longest, spoke, free today, ends
TABLE = [
    (".", 0, 0, False, False, False),
    ("x", 1, 1, True, False, False),
    ("xxx", 3, 3, True, False, False),
    ("xx.", 2, 2, False, True, False),  # today would be the week's free day
    ("x.x", 2, 2, True, False, False),  # Tuesday was free
    ("x.x.", 2, 2, False, False, True),  # the free day is used: it ends tonight
    ("x..", 1, 1, False, False, True),  # yesterday was the free day
    ("x...", 0, 1, False, False, False),
    ("x.x.x", 1, 2, True, False, False),  # two silent days in one week: a new row
    ("x.xxxxx.x", 7, 7, True, False, False),  # one in each week, and both forgiven
    ("xxxxxx..x", 7, 7, True, False, False),  # Sunday of one week, Monday of the next
    ("xxxxxx..", 6, 6, False, True, False),
    ("xxxxxx...", 6, 6, False, False, True),
    ("xxxxxx....", 0, 6, False, False, False),
    ("xxxxxx...x", 1, 6, True, False, False),
    ("xxxxx..x", 1, 5, True, False, False),  # Saturday and Sunday: one too many
    ("xxxx.........xx", 2, 4, True, False, False),
]


class StreakTableTests(SimpleTestCase):
    def test_the_table(self):
        for marks, length, longest, spoke, is_free, ends in TABLE:
            with self.subTest(marks):
                today = MONDAY + timedelta(days=len(marks) - 1)
                status = streaks.status(stored(marks), today)
                assert (status.days, status.longest) == (length, longest)
                flags = (status.spoke_today, status.is_free_today, status.ends_tonight)
                assert flags == (spoke, is_free, ends)

    def test_the_turn_of_the_year_is_an_ordinary_week(self):
        first = date(2026, 12, 28)  # the Monday of week 53
        runs = streaks.runs_of(days("xxx.xxxxxx", first))
        assert [run.length for run in runs] == [9]

    def test_who_flew_west_has_spoken_tomorrow(self):
        status = streaks.status(stored("xx"), MONDAY)
        assert status.spoke_today
        assert status.days == 2


class NotedTests(TestCase):
    def setUp(self):
        self.person = make_user()

    def note(self, *moment, zone="Asia/Seoul", voiced_ms=9000):
        streaks.note(self.person, datetime(*moment, tzinfo=UTC), zone, voiced_ms)

    def days(self):
        rows = Activity.objects.filter(person=self.person).order_by("day")
        return [str(row.day) for row in rows]

    def test_ten_to_midnight_and_ten_past_are_two_days(self):
        self.note(2026, 11, 2, 14, 50)
        self.note(2026, 11, 2, 15, 10)
        assert self.days() == ["2026-11-02", "2026-11-03"]
        assert Streak.objects.get().length == 2

    def test_two_devices_in_two_zones_make_one_day_each(self):
        self.note(2026, 11, 2, 16, 0, zone="Asia/Seoul")  # 3 November there
        self.note(2026, 11, 2, 16, 0, zone="America/New_York")  # still the second
        assert self.days() == ["2026-11-02", "2026-11-03"]

    def test_the_hour_that_comes_twice_and_the_one_that_does_not_exist(self):
        self.note(2026, 10, 25, 0, 30, zone="Europe/Berlin")  # 2:30, summer time
        self.note(2026, 10, 25, 1, 30, zone="Europe/Berlin")  # 2:30 once more
        self.note(2026, 10, 25, 23, 30, zone="Europe/Berlin")  # 0:30 of the next day
        assert self.days() == ["2026-10-25", "2026-10-26"]
        self.note(2026, 3, 29, 0, 59, zone="Europe/Berlin")
        self.note(2026, 3, 29, 1, 1, zone="Europe/Berlin")
        assert self.days()[0] == "2026-03-29"
        assert Activity.objects.get(day="2026-03-29").responses == 2

    def test_a_late_upload_repairs_the_streak(self):
        for day in (2, 3, 6):
            self.note(2026, 11, day, 3)
        assert Streak.objects.get().length == 1
        self.note(2026, 11, 4, 3)
        streak = Streak.objects.get()
        assert (streak.length, streak.longest) == (4, 4)
        assert streak.last_free_on == date(2026, 11, 5)

    def test_a_second_answer_of_a_day_adds_to_the_day_only(self):
        self.note(2026, 11, 2, 3, voiced_ms=6000)
        self.note(2026, 11, 2, 4, voiced_ms=7000)
        row = Activity.objects.get()
        assert (row.responses, row.voiced_ms) == (2, 13000)
        assert Streak.objects.get().length == 1

    def test_the_longest_is_kept_when_a_row_ends(self):
        for day in (2, 3, 4):
            self.note(2026, 11, day, 3)
        self.note(2026, 11, 20, 3)
        streak = Streak.objects.get()
        assert (streak.length, streak.longest) == (1, 3)
