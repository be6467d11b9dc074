"""What is away is 503 with words for people, and JSON for scripts; what is a mistake stays 500."""

import errno
import json

import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from opic.lib.web import trouble

VIEW = "django.contrib.auth.middleware.LoginRequiredMiddleware.process_view"
INNER = "accounts.middleware.PersonMiddleware.__call__"
AWAY = [
    OperationalError("server closed the connection"),
    OperationalError("database is locked"),
    OperationalError("attempt to write a readonly database"),
    InterfaceError("connection already closed"),
    RedisConnectionError("refused"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EROFS, "Read-only file system"),
]
OURS = [
    ValueError("x"),
    DataError("x"),
    IntegrityError("x"),
    OSError(errno.ENOENT, "x"),
    KeyError(),
]


def internal(state: str) -> InternalError:
    """As PostgreSQL says it, through Django: a standby, an idle transaction."""
    cause = Exception("what the server said")
    cause.sqlstate = state
    exc = InternalError("cannot execute INSERT")
    exc.__cause__ = cause
    return exc


def ask(monkeypatch, where: str, exc: Exception, **headers: str):
    def breaks(*_given, **_named):
        raise exc

    monkeypatch.setattr(where, breaks)
    return Client(raise_request_exception=False).get("/practice/", headers=headers)


@pytest.mark.parametrize("where", [VIEW, INNER])
@pytest.mark.parametrize("exc", [*AWAY, internal("25006"), internal("25P03")], ids=repr)
def test_what_is_away_is_503_wherever_it_is_noticed(db, monkeypatch, where, exc):
    page = ask(monkeypatch, where, exc)
    assert page.status_code == 503
    assert page["Retry-After"]
    assert "stays on your device" in page.content.decode()
    for headers in ({"X-Wants": "json"}, {"X-Upload-Token": "t"}):
        script = ask(monkeypatch, where, exc, **headers)
        assert script.status_code == 503
        payload = json.loads(script.content)
        assert payload["keep"] is True
        assert payload["request"] == script["X-Request-ID"]


@pytest.mark.parametrize("where", [VIEW, INNER])
@pytest.mark.parametrize("exc", OURS, ids=repr)
def test_a_mistake_of_ours_stays_500(db, monkeypatch, where, exc):
    assert ask(monkeypatch, where, exc).status_code == 500
    script = ask(monkeypatch, where, exc, **{"X-Wants": "json"})
    assert (script.status_code, json.loads(script.content)["keep"]) == (500, True)


def test_the_last_page_needs_no_template_and_no_static_file(monkeypatch):
    def breaks(*_given):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(trouble, "render_to_string", breaks)
    assert "Try again" in trouble.page("503.html", trouble.PLAIN)
