"""What goes wrong, in one log line an incident and source, with its request or task.

A line holds no speech, no token and no cookie: exceptions are named by type, place and the first
line of what they say, with everything masked that looks like a secret or a person.
"""

import json
import logging
import re
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

REPEAT_SECONDS = 60.0
# the security log: each of its lines is an event of its own
NEVER_FOLDED = "opic.security"
MOST_CHARACTERS = 300
MOST_FRAMES = 6

request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[str] = ContextVar("task_id", default="")

_GIVEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")
_EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+")
_QUERY = re.compile(r"\?[^\s\"']+")
_SECRET = re.compile(
    r"(?i)\b(sessionid|csrf\w*|token|key|password|cookie|authorization)(\s*[=:]\s*)\S+"
)
_QUOTED = re.compile(r"\"[^\"]{33,}\"|'[^']{33,}'")
_TOKEN = re.compile(r"(?=[\w:+=.-]*\d)(?=[\w:+=.-]*[A-Z])(?=[\w:+=.-]*[a-z])[\w:+=.-]{28,}")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


def masked(text: str) -> str:
    """Return the text with e-mail addresses, queries, long quotes and likely secrets masked."""
    text = _EMAIL.sub("…@…", _QUERY.sub("?…", text))
    text = _SECRET.sub(r"\1\2…", _QUOTED.sub('"…"', text))
    return _TOKEN.sub("…", text)


def new_id() -> str:
    """Return a random id of 12 hexadecimal digits."""
    return secrets.token_hex(6)


@contextmanager
def inside(**ids: str) -> Iterator[None]:
    """Add these ids to lines logged inside: `request`, `task`."""
    variables = {"request": request_id, "task": task_id}
    tokens = [(variables[name], variables[name].set(value)) for name, value in ids.items()]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


class RequestIdMiddleware:
    """Gives each request an id; the one a trusted proxy sent, where it looks like one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with inside(request=_id_of(request)):
            reply = self.get_response(request)
            reply["X-Request-ID"] = request_id.get()
        return reply


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    is_trusted = bool(settings.ALLAUTH_TRUSTED_PROXY_COUNT)
    return given if is_trusted and _GIVEN_ID.fullmatch(given) else new_id()


class IdsFilter(logging.Filter):
    """Puts `request_id` and `task_id` on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put both ids on the record, and let every record pass."""
        record.request_id = request_id.get() or "-"
        record.task_id = task_id.get() or "-"
        return True


def _root(exc: BaseException) -> BaseException:
    """Return the error that it began with: the driver's behind Django's."""
    while (cause := exc.__cause__ or exc.__context__) is not None:
        exc = cause
    return exc


def _place(exc: BaseException) -> str:
    """Return the last frames, innermost first, each as `file:line`."""
    frames = traceback.extract_tb(exc.__traceback__)[-MOST_FRAMES:]
    names = [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}" for frame in frames]
    return " < ".join(reversed(names))


def message_of(record: logging.LogRecord) -> str:
    """Return one line: what was logged, and the exception by type, first line and place."""
    text = masked(record.getMessage())
    exc = record.exc_info[1] if record.exc_info else None
    if exc is not None:
        first = masked(str(_root(exc)).partition("\n")[0])[:MOST_CHARACTERS]
        text += f" [{type(exc).__name__}: {first} at {_place(exc)}]"
    # what a client sent must not look like a line of ours
    return _CONTROLS.sub(" ", text)


class PlainFormatter(logging.Formatter):
    """A line for people: time, level, source, ids, message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, whatever its message holds."""
        ids = f"{getattr(record, 'request_id', '-')} {getattr(record, 'task_id', '-')}"
        line = f"{self.formatTime(record)} {record.levelname} {record.name} [{ids}]"
        return f"{line} {message_of(record)}"


class JsonFormatter(logging.Formatter):
    """A JSON object a line, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON without line breaks; `error` names the root exception."""
        exc = record.exc_info[1] if record.exc_info else None
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "source": record.name,
            "message": message_of(record),
            "request": getattr(record, "request_id", "-"),
            "task": getattr(record, "task_id", "-"),
            "process": record.process,
            **({"error": type(_root(exc)).__name__} if exc else {}),
        }
        return json.dumps(line, ensure_ascii=False)


class IncidentHandler(logging.StreamHandler[IO[str]]):
    """Prints the first of a kind at once, then once a minute how often it came again.

    A kind is: source, level, and the error behind it; without an error, the words without their
    numbers and ids.
    """

    def __init__(self, stream: Any = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self.clock = clock
        self._kinds: dict[tuple[str, ...], tuple[float, int, logging.LogRecord]] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Print the first of a kind, and count the others until their minute is over."""
        if record.levelno < logging.WARNING or record.name.startswith(NEVER_FOLDED):
            super().emit(record)
            return
        self.log_repeats()
        kind = self._kind(record)
        begun, count, _last = self._kinds.get(kind, (self.clock(), 0, record))
        self._kinds[kind] = (begun, count + 1, record)
        if count == 0:
            super().emit(record)
        else:
            self._start_timer()

    def _kind(self, record: logging.LogRecord) -> tuple[str, ...]:
        exc = record.exc_info[1] if record.exc_info else None
        if exc is not None:
            return (record.name, record.levelname, type(_root(exc)).__name__)
        return (record.name, record.levelname, _NUMBERS.sub("#", record.getMessage()))

    def log_repeats(self, *, at_once: bool = False) -> None:
        """Print how often each kind came again once its minute is over, and forget the kind."""
        with self._guard():
            for kind, (begun, count, last) in list(self._kinds.items()):
                if self.clock() - begun < REPEAT_SECONDS and not at_once:
                    continue
                del self._kinds[kind]
                if count > 1:
                    super().emit(_repeated(last, count - 1))

    def _start_timer(self) -> None:
        if self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(REPEAT_SECONDS, self._on_timer)
            self._timer.daemon = True
            self._timer.start()

    def _on_timer(self) -> None:
        self.log_repeats()
        if any(count > 1 for _begun, count, _last in self._kinds.values()):
            self._timer = None
            self._start_timer()

    def _guard(self) -> Any:
        # guards the counts; `emit` comes with this lock held, the timer without: it is re-entrant
        return self.lock

    def close(self) -> None:
        """Print what was counted so far, then close."""
        self.log_repeats(at_once=True)
        super().close()


def _repeated(last: logging.LogRecord, count: int) -> logging.LogRecord:
    """Return the last record of a kind once more, with how often it came again."""
    values = dict(last.__dict__, msg="(%d more times within a minute) %s", exc_info=last.exc_info)
    values["args"] = (count, last.getMessage())
    return logging.makeLogRecord(values)
