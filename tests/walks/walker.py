"""Sends requests to places and looks at what comes back. What happened is undone each time."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.cache import caches
from django.db import connection

from tests.walks.places import Place
from tests.walks.values import UNESCAPED
from tests.walks.world import FREE, Person, undone, written_tables

FORM = "application/x-www-form-urlencoded"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """What came back, read to the end."""

    status: int
    body: bytes
    headers: dict[str, str]
    error: str
    wrote: frozenset[str]

    @property
    def is_html(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")

    @property
    def leads_away(self) -> bool:
        """Does it send the browser to another host?"""
        targets = (
            self.headers.get(name, "") for name in ("location", "hx-redirect", "hx-push-url")
        )
        return any(_is_foreign(target) for target in targets)


def _is_foreign(target: str) -> bool:
    """As browsers read it: a backslash is a slash."""
    parts = urlsplit(target.replace("\\", "/").strip())
    return parts.netloc not in {"", "testserver"} or parts.scheme not in {"", "http", "https"}


def encoded(pairs: Pairs) -> str:
    """Names quoted, values as they are: they are written the way they stand in a URL."""
    return "&".join(f"{quote(name, safe='')}={raw}" for name, raw in pairs)


def _reason(exc_info: Any) -> str:
    """What was raised, and the last line of it that is ours."""
    if not exc_info:
        return ""
    kind, error, trace = exc_info
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    where = f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else "?"
    return f"{kind.__name__} at {where}: {str(error)[:90]!r}"


def _send(person: Person, method: str, path: str, **extra: Any) -> Reply:
    """One request as this person."""
    for cache in caches.all():
        cache.clear()
    client = person.client
    client.cookies.clear()
    for name, value in {**person.cookies, **extra.pop("cookies", {})}.items():
        client.cookies[name] = value
    body = extra.pop("body", b"")
    content_type = extra.pop("content_type", FORM)
    with written_tables() as wrote:
        reply = client.generic(method, path, body, content_type, **extra)
        error = _reason(getattr(reply, "exc_info", None))
        content, status = b"", reply.status_code
        try:
            content = b"".join(reply.streaming_content) if reply.streaming else reply.content
        except Exception as failure:  # noqa: BLE001 - whatever it is, the walk tells of it
            status, error = 500, _reason((type(failure), failure, failure.__traceback__))
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Reply(status, content, headers, error, frozenset(wrote))


def send(person: Person, method: str, path: str, **extra: Any) -> Reply:
    """One request, and nothing of it stays."""
    with undone():
        return _send(person, method, path, **extra)


def send_and(look: Callable[[Reply], Any], person: Person, *args: Any, **extra: Any) -> Reply:
    """One request; what it left behind is looked at before it is undone."""
    with undone():
        reply = _send(person, *args, **extra)
        look(reply)
        return reply


def problems_of(reply: Reply, what: str) -> Iterable[str]:
    """What no answer to anybody may be."""
    # 503 is an answer: nothing to ask, nothing configured
    if reply.status >= 500 and (reply.status != 503 or reply.error):
        yield f"{reply.status} {reply.error} | {what}"
    if reply.is_html and any(text in reply.body for text in UNESCAPED):
        yield f"printed as it came | {what}"
    if reply.leads_away:
        yield f"leads away | {what}"
    if "x-walk" in reply.headers:
        yield f"a header of the sender's | {what}"


def hostile(
    person: Person, method: str, place: Place, *, look_at: Iterable[str] = (), **extra: Any
) -> list[str]:
    """One request with strange values; if it was taken, these pages are looked at afterwards."""
    pairs: Pairs = extra.pop("fields", ())
    path = extra.pop("path", place.path)
    names = {name: raw[:60] for name, raw in pairs}
    note = extra.pop("note", "")
    sent = names or {key: str(value)[:60] for key, value in extra.items()}
    what = f"{method} {place.route} {note} {sent}"
    if method in {"GET", "HEAD", "OPTIONS", "DELETE"}:
        extra.setdefault("QUERY_STRING", encoded(pairs))
    elif pairs:
        extra["body"] = encoded(pairs).encode()
    with undone():
        reply = _send(person, method, path, **extra)
        problems = list(problems_of(reply, what))
        if reply.wrote - FREE and not problems:
            connection.check_constraints()
            for page in look_at:
                after = _send(person, "GET", page)
                problems += problems_of(after, f"{page} after {what}")
    return problems
