import uuid
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import localdate

from opic.lib.pagination import Key

ID = uuid.UUID("12345678-1234-5678-1234-567812345678")
MOMENT = datetime(2026, 11, 26, 13, 0, 0, 250, tzinfo=UTC)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-7))])
def test_a_key_survives_its_url(zone):
    key = Key(MOMENT.astimezone(zone), ID)
    assert Key.read(str(key)) == Key(MOMENT, ID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "nonsense",
        f"~{ID}",
        f"2026-11-26~{ID}",  # no time
        f"2026-11-26T13:00:00~{ID}",  # no zone
        f"2026-13-26T13:00:00Z~{ID}",
        f"0001-01-01T00:00:00+14:00~{ID}",  # before time began
        "2026-11-26T13:00:00Z",
        "2026-11-26T13:00:00Z~12",
    ],
)
def test_what_makes_no_sense_is_no_key(text):
    assert Key.read(text) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"])
@pytest.mark.parametrize("reader", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_a_key_at_the_edge_of_the_calendar_has_a_day_everywhere(text, reader):
    key = Key.read(f"{text}Z~{ID}")
    assert key is not None
    assert localdate(key.moment, timezone=ZoneInfo(reader)).year in {1, 9999}
