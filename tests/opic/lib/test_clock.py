from datetime import UTC, date, datetime, timedelta

import pytest

from opic.lib.clock import clamped, counts_for_day, day_of, zone_or_default


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2026, 11, 23, 14, 50, tzinfo=UTC), "Asia/Seoul", date(2026, 11, 23)),
        (datetime(2026, 11, 23, 15, 10, tzinfo=UTC), "Asia/Seoul", date(2026, 11, 24)),
        (datetime(2026, 11, 23, 15, 10, tzinfo=UTC), "Asia/Ho_Chi_Minh", date(2026, 11, 23)),
        (datetime(2026, 11, 23, 15, 10, tzinfo=UTC), "Mars/Base", date(2026, 11, 24)),
    ],
)
def test_the_day_is_the_persons_own(moment, zone, day):
    assert day_of(moment, zone) == day


def test_an_unknown_zone_is_the_default():
    assert zone_or_default("Nowhere/Land") == "Asia/Seoul"
    assert zone_or_default("Europe/Paris") == "Europe/Paris"


def test_a_wrong_device_clock_is_kept_within_what_can_be_true():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert clamped(early - timedelta(days=9), earliest=early, latest=late) == early
    assert clamped(late + timedelta(hours=1), earliest=early, latest=late) == late
    middle = early + timedelta(hours=3)
    assert clamped(middle, earliest=early, latest=late) == middle


def test_late_uploads_count_for_two_days():
    now = datetime(2026, 1, 3, tzinfo=UTC)
    assert counts_for_day(now - timedelta(hours=48), now, 5000)
    assert not counts_for_day(now - timedelta(hours=49), now, 5000)


def test_a_day_counts_from_five_voiced_seconds_on():
    now = datetime(2026, 1, 3, tzinfo=UTC)
    assert not counts_for_day(now, now, 4999)
    assert counts_for_day(now, now, 5000)
