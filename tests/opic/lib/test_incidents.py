"""Log lines: one an incident, with its request, and nothing of a person in it."""

import io
import json
import logging
import re

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from opic.lib import incidents
from opic.lib.incidents import (
    IdsFilter,
    IncidentHandler,
    JsonFormatter,
    PlainFormatter,
    RequestIdMiddleware,
    masked,
    task_id,
)

TOKEN = "IjQyOTk2MTgyLTZjNGEtNGQ0OS1iMWM1OjAwMSI:1vOpQr:Zx81kQ_7fLmA0sYt3"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(formatter: logging.Formatter) -> tuple[logging.Logger, IncidentHandler, io.StringIO]:
    stream, clock = io.StringIO(), Clock()
    handler = IncidentHandler(stream, clock)
    handler.setFormatter(formatter)
    handler.addFilter(IdsFilter())
    logger = logging.Logger("scoring.tasks")
    logger.addHandler(handler)
    return logger, handler, stream


def lines_of(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def broken(text: str) -> Exception:
    try:
        raise ConnectionError(text)
    except ConnectionError as exc:
        return exc


def test_an_outage_of_a_thousand_errors_is_one_line_and_its_count():
    logger, handler, stream = made(PlainFormatter())
    for number in range(1000):
        exc = broken(f"server 10.0.0.{number} closed the connection\nand more")
        logger.error("%s: %s", "Internal Server Error", f"/practice/{number}/", exc_info=exc)
    assert len(lines_of(stream)) == 1
    assert "ConnectionError: server 10.0.0.0 closed the connection at" in lines_of(stream)[0]
    assert "test_incidents.py:" in lines_of(stream)[0]
    handler.clock.now += incidents.REPEAT_SECONDS + 1
    logger.error("another thing")
    assert len(lines_of(stream)) == 3
    assert "(999 more times within a minute)" in lines_of(stream)[1]
    handler.close()
    assert len(lines_of(stream)) == 3


def test_a_count_is_told_though_nothing_else_happens():
    logger, handler, stream = made(PlainFormatter())
    logger.error("x")
    logger.error("x")
    assert handler._timer is not None
    assert handler._timer.interval == incidents.REPEAT_SECONDS
    handler._timer.cancel()
    handler.clock.now += incidents.REPEAT_SECONDS + 1
    handler._on_timer()
    assert "(1 more times" in lines_of(stream)[1]
    handler.close()


def test_other_words_other_sources_and_other_errors_are_other_incidents():
    logger, handler, stream = made(PlainFormatter())
    logger.error("worker %s died", 17)
    logger.error("worker %s died", 18)
    logger.error("worker %s was stopped", 18)
    logger.warning("worker %s died", 18)
    logger.error("no", exc_info=broken("a"))
    logger.error("no", exc_info=ValueError("a"))
    assert len(lines_of(stream)) == 5
    handler.close()


def test_the_security_log_is_never_folded():
    logger, handler, stream = made(PlainFormatter())
    logger.name = "opic.security"
    for _ in range(5):
        logger.warning("sign-in refused")
    assert len(lines_of(stream)) == 5
    handler.close()


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "mina.kim@example.org",
        "sessionid=8u3q9gk2m4n5b6v7c8x9z0a1s2d3f4g5",
        "Authorization: Bearer-abc",
        "/accounts/confirm/?key=Ab1",
        '"I usually go to the park near my house with my dog every single morning"',
        "password=hunter2",
    ],
)
def test_what_looks_like_a_secret_or_a_person_is_masked(secret):
    for formatter in (PlainFormatter(), JsonFormatter()):
        logger, handler, stream = made(formatter)
        logger.error("refused %s", secret)
        logger.error("broke", exc_info=broken(f"value {secret} is bad\nDETAIL: {secret}"))
        inside = secret.split("=")[-1].split(": ")[-1].strip('"')
        assert inside not in stream.getvalue()
        assert len(lines_of(stream)) == 2
        handler.close()


def test_ids_and_places_stay_readable():
    text = "rating of 0b6a2f6e-1c1f-4f7e-9d5e-0d2b8c1f7a11 broke in scoring.tasks.rate_response"
    assert masked(text) == text


@given(st.text(max_size=200))
def test_whatever_is_logged_is_one_line(text):
    for formatter in (PlainFormatter(), JsonFormatter()):
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s", (text,), None)
        IdsFilter().filter(record)
        assert (
            len(re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", formatter.format(record))) == 1
        )


def test_json_is_one_object_a_line_with_request_and_task():
    logger, handler, stream = made(JsonFormatter())
    with incidents.inside(request="abc123", task="t1"):
        logger.error("broke", exc_info=broken("down"))
    line = json.loads(stream.getvalue())
    assert (line["request"], line["task"], line["error"]) == ("abc123", "t1", "ConnectionError")
    assert line["level"] == "ERROR"
    assert task_id.get() == ""
    handler.close()


def id_given(sent: str, *, proxies: int) -> str:
    request = RequestFactory().get("/", headers={"x-request-id": sent})
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        reply = RequestIdMiddleware(lambda _request: HttpResponse(incidents.request_id.get()))(
            request
        )
    assert reply["X-Request-ID"] == reply.content.decode()
    return reply["X-Request-ID"]


def test_an_id_is_taken_from_a_trusted_proxy_only_and_only_if_it_looks_like_one():
    good = "7f3c2b1a-0000-4000-8000-123456789abc"
    assert id_given(good, proxies=1) == good
    assert id_given(good, proxies=0) != good
    for bad in ("x", "a" * 65, "abc\u00e9defgh", "abcdefgh<script>", "ab cd efgh", "../../../../x"):
        assert re.fullmatch("[0-9a-f]{12}", id_given(bad, proxies=1)), bad


def test_every_page_says_its_id(client, db):
    ids = {client.get("/accounts/login/")["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5


def test_an_error_page_shows_the_code_that_the_log_has(db, monkeypatch, caplog):
    def breaks(*_given, **_named):
        raise RuntimeError("bug")

    monkeypatch.setattr(
        "django.contrib.auth.middleware.LoginRequiredMiddleware.process_view", breaks
    )
    reply = Client(raise_request_exception=False).get("/practice/")
    assert reply.status_code == 500
    assert reply["X-Request-ID"] in reply.content.decode()
