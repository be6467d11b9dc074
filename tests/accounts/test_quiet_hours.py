"""The hours of a day in which no push is sent."""

from datetime import UTC, datetime, timedelta

from django.test import SimpleTestCase

from accounts import quiet_hours
from accounts.models import Notice

Kind = Notice.Kind


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


class HourTests(SimpleTestCase):
    def test_quiet_hours(self):
        for hour, quiet_from, quiet_to, is_within in (
            (21, 22, 8, False),
            (22, 22, 8, True),
            (23, 22, 8, True),
            (0, 22, 8, True),
            (7, 22, 8, True),
            (8, 22, 8, False),
            (12, 12, 14, True),
            (14, 12, 14, False),
            (3, 12, 14, False),
            (23, 23, 0, True),
            (0, 23, 0, False),
            (5, 5, 5, False),  # the same hour twice: never
        ):
            with self.subTest((hour, quiet_from, quiet_to)):
                moment = utc(2026, 11, 26, hour, 30)
                assert quiet_hours.is_quiet(moment, "UTC", quiet_from, quiet_to) == is_within

    def test_it_is_quiet_where_the_person_is(self):
        moment = utc(2026, 11, 26, 14)  # 23:00 in Seoul, 9:00 in New York
        assert quiet_hours.is_quiet(moment, "Asia/Seoul", 22, 8)
        assert not quiet_hours.is_quiet(moment, "America/New_York", 22, 8)

    def test_the_hours_of_days_with_23_and_25(self):
        for zone, moment, shown in (
            ("Asia/Seoul", utc(2026, 11, 26, 12, 5), {21}),
            ("Asia/Kathmandu", utc(2026, 11, 26, 15, 20), {21}),  # 21:05
            ("Europe/Berlin", utc(2026, 3, 29, 0, 59), {1}),
            ("Europe/Berlin", utc(2026, 3, 29, 1, 10), {3, 2}),  # 3:10, and there was no 2:10
            ("Europe/Berlin", utc(2026, 3, 29, 2, 10), {4}),
            ("Europe/Berlin", utc(2026, 10, 25, 0, 30), {2}),
            ("Europe/Berlin", utc(2026, 10, 25, 1, 30), {2}),  # once more
            ("America/Havana", utc(2026, 3, 8, 5, 10), {1, 0}),  # midnight itself was left out
            ("Mars/Olympus", utc(2026, 11, 26, 12, 5), {21}),  # unknown: the default zone
        ):
            with self.subTest((zone, str(moment))):
                assert quiet_hours.hours_at(moment, zone) == shown

    def test_how_long_until_an_hour(self):
        for zone, moment, hour, length in (
            ("Asia/Seoul", utc(2026, 11, 26, 12, 30), 0, timedelta(hours=2, minutes=30)),
            ("Asia/Seoul", utc(2026, 11, 26, 12, 30), 21, timedelta(hours=23, minutes=30)),
            ("Europe/Berlin", utc(2026, 3, 28, 23, 0), 12, timedelta(hours=11)),  # one is missing
            ("Europe/Berlin", utc(2026, 10, 24, 22, 0), 12, timedelta(hours=13)),
        ):
            with self.subTest((zone, str(moment))):
                assert quiet_hours.until(moment, zone, hour) == length


# --- telling -------------------------------------------------------------------------------------
