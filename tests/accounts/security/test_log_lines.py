"""A flood of events fills nothing and hides nothing; what a line says of whom."""

from unittest import mock

import pytest
from django.conf import settings
from django.test import RequestFactory, SimpleTestCase

from accounts.security import log as security_log
from accounts.security.log import Event, client_of, hash_of, write
from opic.lib.incidents import inside
from tests.accounts.security.cases import IP, LINE, fresh_counts, listening
from tests.factories import make_device, make_user

EMAIL = "zebra@example.org"


class FloodTests(SimpleTestCase):
    """A flood fills nothing, hides nothing, and is counted."""

    def setUp(self):
        self.now = 1000.0
        clock = mock.patch.object(security_log.time, "monotonic", lambda: self.now)
        clock.start()
        self.addCleanup(clock.stop)
        counts = fresh_counts()
        counts.__enter__()
        self.addCleanup(counts.__exit__, None, None, None)

    def request(self, number=1):
        address = f"198.51.{number // 250 % 250}.{number % 250 + 1}"
        return RequestFactory().get("/", REMOTE_ADDR=address)

    def counted(self, lines):
        """Lines and held-back ones together."""
        repeats = [int(line.partition("repeated=")[2]) for line in lines if "repeated=" in line]
        return len(lines) - len(repeats) + sum(repeats)

    def test_ten_thousand_failures_from_one_client_and_from_ten_thousand(self):
        most_at_all = security_log.MOST_OF_AN_EVENT
        for clients, most in ((1, security_log.MOST_OF_A_CLIENT), (10_000, most_at_all)):
            with self.subTest(clients=clients), listening() as lines:
                same = self.request()
                for number in range(10_000):
                    request = same if clients == 1 else self.request(number)
                    write(Event.SIGN_IN_FAILED, request, address=f"a{number}@example.org")
                remembered = len(security_log._repeats._written)
                assert remembered <= security_log.MOST_OF_AN_EVENT + 1
                self.now += 61
                security_log.flush()
                assert self.counted(lines) == 10_000
                assert len(lines) <= most + 1
                assert sum(map(len, lines)) < 200 * (most + 1)

    def test_minute_after_minute_it_stays_small_and_whole(self):
        with listening() as lines:
            for _minute in range(5):
                for number in range(200):
                    write(Event.TICKET_REFUSED, self.request(number))
                self.now += 60
            security_log.flush()
            assert self.counted(lines) == 5 * 200
            assert len(lines) <= 5 * 121

    def test_no_flood_hides_another_event(self):
        with listening() as lines:
            for number in range(1000):
                write(Event.SIGN_IN_FAILED, self.request(number))
            write(Event.SIGN_IN, self.request(1))
        assert [line for line in lines if line.startswith("sign_in user=")]

    def test_what_is_held_back_is_said_with_the_next_event_or_at_the_end(self):
        with listening() as lines:
            for _ in range(25):
                write(Event.CSRF_REFUSED, self.request())
            assert len(lines) == 10
            security_log.flush(at_once=True)
            assert lines[-1] == "csrf_refused repeated=15"
            security_log.flush(at_once=True)
            assert len(lines) == 11


class LineTests(SimpleTestCase):
    @pytest.fixture(autouse=True)
    def fresh(self):
        with fresh_counts():
            yield

    def test_nothing_that_is_told_can_make_a_second_line_or_field(self):
        request = RequestFactory().get("/", REMOTE_ADDR=IP)
        for hostile in ("a b", "a\nsign_in user=me", "a\rb", "é", "a=b", "x" * 5000, "\x00"):
            with listening() as lines, inside(request=hostile):
                write(Event.CSRF_REFUSED, request, how=hostile)
            assert len(lines) == 1
            assert LINE.match(lines[0]), lines
            assert "\n" not in lines[0]
            assert len(lines[0]) < 700

    def test_clients_of_both_kinds_and_of_none(self):
        assert client_of(None) == ""
        request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2::7")
        assert client_of(request).startswith("2001:db8:1::/48#")
        request = RequestFactory().get("/", REMOTE_ADDR="nonsense")
        assert client_of(request) == ""

    def test_hashes_are_keyed_and_the_same_however_it_is_typed(self):
        one = hash_of("address", EMAIL)
        assert one == hash_of("address", f" {EMAIL.upper()} ")
        assert one != hash_of("client", EMAIL)
        with self.settings(SECRET_KEY="another"):
            assert hash_of("address", EMAIL) != one
        assert len(one) == 16

    def test_the_logger_reaches_a_handler_and_is_written_once(self):
        wired = settings.LOGGING["loggers"]["opic.security"]
        assert wired == {"handlers": ["console"], "level": "INFO", "propagate": False}


def test_a_device_of_nobody_is_no_event(db):
    with fresh_counts(), listening() as lines:
        make_device(make_user())
    assert lines == []
