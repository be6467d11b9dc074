"""Servers of one protocol or another behind an address and a key: one POST, and its refusals.

One call ends within its time in all. It goes through no proxy, follows no redirect, and its reply
is read up to `MOST_BYTES`. The server's own words are looked at and stored nowhere.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from scoring.model_clients.base import (
    DAY_QUOTA_DELAY,
    LONGEST_DELAY,
    OPERATOR_DELAY,
    UNKNOWN_DELAY,
    ModelError,
    read_seconds,
    within,
)

MOST_BYTES = 4_000_000
KINDS = {
    401: ("key", OPERATOR_DELAY),
    403: ("key", OPERATOR_DELAY),
    404: ("gone", OPERATOR_DELAY),
    408: ("timeout", UNKNOWN_DELAY),
    410: ("gone", OPERATOR_DELAY),
}
_NO_MODEL = re.compile(r"model.{0,120}(?:not found|not exist|not loaded|unknown)", re.I | re.S)
_NO_MONEY = re.compile(r"insufficient_quota|credit|billing", re.IGNORECASE)
_LOADS = re.compile(r"load|warm|start", re.IGNORECASE)


@dataclass(frozen=True)
class Received:
    """What came back: status, headers with small names, and the bytes as they came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Return the body; empty for a stream, a page, or anything else that is no JSON object."""
        if self.headers.get("content-encoding", "identity") != "identity":
            return {}
        try:
            made = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return made if isinstance(made, dict) else {}

    @property
    def words(self) -> str:
        """Return the body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")


_clients: dict[str, Any] = {}


def client_of(key: str) -> Any:
    """Return the client for this key, with its connections; loads the library at first use."""
    if key in _clients:
        return _clients[key]
    # the import and the certificates take a while
    import httpx2

    # an encoded body could be larger than its bytes say
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    _clients[key] = httpx2.Client(headers=headers, trust_env=False, follow_redirects=False)
    return _clients[key]


def post(url: str, key: str, model: str, until: float, **sent: Any) -> Received:
    """Send one POST, whatever its outcome; `until` is a moment of the monotonic clock.

    `sent` goes to the library: `content` and `headers`, or `files` and `data`. Raises ModelError.
    """
    import httpx2

    client, seconds = client_of(key), until - time.monotonic()
    if seconds <= 0:
        raise ModelError("timeout", UNKNOWN_DELAY, model)

    def give_up() -> None:
        # ends the read that still goes on in the thread
        client.close()
        _clients.pop(key, None)

    try:
        call = partial(_exchange, client, url, model, timeout=seconds, **sent)
        return within(seconds, call, give_up)
    except (TimeoutError, httpx2.TimeoutException):
        raise ModelError("timeout", UNKNOWN_DELAY, model) from None
    except httpx2.RequestError:
        raise ModelError("unreachable", UNKNOWN_DELAY, model) from None


def _exchange(client: Any, url: str, model: str, **sent: Any) -> Received:
    with client.stream("POST", url, **sent) as reply:
        received = bytearray()
        for chunk in reply.iter_raw():
            received += chunk
            if len(received) > MOST_BYTES:
                raise ModelError("empty", UNKNOWN_DELAY, model)
        return Received(reply.status_code, reply.headers, bytes(received))


# --- refusals -------------------------------------------------------------------------------------


def refusal(status: int, headers: Mapping[str, str], words: str, model: str) -> ModelError:
    """Return the error of a status and of the words beside it, in whatever shape they come."""
    if status in {402, 429}:
        return _too_many(status, headers, words, model)
    if status in KINDS:
        return ModelError(*KINDS[status], model)
    if status == 400 and _NO_MODEL.search(words):
        return ModelError("gone", OPERATOR_DELAY, model)
    if status >= 500:
        kind = "busy" if status == 503 and _LOADS.search(words) else "down"
        return ModelError(kind, _retry_after(headers), model)
    if status < 400:
        # a redirect: a portal that wants a sign-in, or an address that has moved
        return ModelError("unreachable", UNKNOWN_DELAY, model)
    return ModelError("refused", None, model)


def _too_many(status: int, headers: Mapping[str, str], words: str, model: str) -> ModelError:
    after = _retry_after(headers)
    if status == 402 or _NO_MONEY.search(words):
        return ModelError("day_quota", max(DAY_QUOTA_DELAY, after), model)
    return ModelError("busy", after, model)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds of `Retry-After`, a number or a date; a usual delay where it has none."""
    text = headers.get("retry-after", "").strip()
    if not text or text[0].isdecimal():
        return read_seconds(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return UNKNOWN_DELAY
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 1.0), LONGEST_DELAY)
