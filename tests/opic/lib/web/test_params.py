"""What comes with a request is a value of ours, or None; it never raises."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from opic.lib.web.params import json_object, moment_of, whole
from tests.walks.values import PLAIN

ZONES = sorted(available_timezones())
# numbers as people, programs and attackers write them
DIGITS = st.text(st.characters(categories=["Nd", "No", "Nl"]) | st.sampled_from("+-_. eEx"))


@given(st.text() | DIGITS, st.integers(0, 2**40))
def test_a_number_is_within_its_bounds_or_nothing(text, most):
    number = whole(text, most=most)
    assert number is None or (0 <= number <= most and text.isascii())


@given(st.integers(0, 2**31 - 1))
def test_a_number_in_ascii_digits_is_read(number):
    assert whole(str(number)) == number


@pytest.mark.parametrize("name", PLAIN)
def test_no_strange_value_raises(name):
    text = PLAIN[name]
    assert whole(text) is None or text.isascii()
    json_object(text.encode(), most=20_000)
    moment = moment_of(text, takes_naive=True)
    if moment is not None:
        moment + timedelta(days=1), moment - timedelta(days=1)


@given(st.datetimes(timezones=st.timezones()), st.sampled_from(ZONES))
def test_a_moment_has_a_day_in_every_zone(moment, zone):
    read = moment_of(moment.isoformat())
    assert read is not None or moment.year in {1, 9999}
    assert read is None or localdate(read, timezone=ZoneInfo(zone))


def test_a_moment_without_a_zone_is_taken_only_where_it_is_said():
    assert moment_of("2026-11-20T10:00:00") is None
    assert str(moment_of("2026-11-20T10:00:00", takes_naive=True)) == "2026-11-20 10:00:00+00:00"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_an_object_holds_nothing_that_a_database_refuses(value):
    parsed = json_object(json.dumps(value).encode(), most=100_000)
    assert "\x00" not in repr(parsed)
    json.dumps(parsed, ensure_ascii=False).encode()
    assert parsed == {} or isinstance(value, dict)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"\xff", b'{"a":"\\ud800"}', b'{"\\u0000":1}', b"[" * 5000, b'{"a":1} ' * 9],
)
def test_what_is_no_object_of_ours_is_empty(body):
    assert json_object(body, most=10_000) == {}


def test_more_than_the_most_is_not_even_read():
    assert json_object(b'{"a": 1}', most=7) == {}
    assert json_object(b'{"a": 1}', most=8) == {"a": 1}
