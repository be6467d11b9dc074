"""The client for any server of the chat-completions protocol: one of your own, or a service.

Servers differ in what they take and give; what is tolerated here is what servers do. One call ends
within `OPIC_VENDOR_SECONDS` in all. It goes through no proxy, follows no redirect, and its reply is
read up to `MOST_BYTES`. The server's own words are looked at and stored nowhere.
"""

import base64
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from django.conf import settings

from scoring.model_clients.base import (
    DAY_QUOTA_DELAY,
    LONGEST_DELAY,
    OPERATOR_DELAY,
    UNKNOWN_DELAY,
    Ask,
    ModelError,
    Reply,
    read_seconds,
    recorded,
    within,
)
from scoring.model_clients.usage import Usage, UsageRecorder

# how a server may be told which shape is wanted; each next one is taken by more of them
FORMS = ("json_schema", "json_object", "")
SOUND_FORMATS = {"audio/wav": "wav", "audio/mp3": "mp3"}
MOST_BYTES = 4_000_000
MOST_TOKENS = 1_000_000_000  # a count beyond is none
KINDS = {
    401: ("key", OPERATOR_DELAY),
    403: ("key", OPERATOR_DELAY),
    404: ("gone", OPERATOR_DELAY),
    408: ("timeout", UNKNOWN_DELAY),
    410: ("gone", OPERATOR_DELAY),
}
FORM_STATUSES = frozenset({400, 422, 500, 501})
DEAF_STATUSES = frozenset({400, 404, 415, 422, 500, 501})
SHAPE = "Give one JSON object of this JSON schema, and nothing else:"
_DEAF = re.compile(
    r"audio|multi-?modal|modalit|mmproj|image_url|content (?:type|part|block)|must be a string"
    r"|message format",
    re.IGNORECASE,
)
_FORM = re.compile(r"response_format|json_schema|schema|grammar|structured", re.IGNORECASE)
_NO_MODEL = re.compile(r"model.{0,120}(?:not found|not exist|not loaded|unknown)", re.I | re.S)
_NO_MONEY = re.compile(r"insufficient_quota|credit|billing", re.IGNORECASE)
_LOADS = re.compile(r"load|warm|start", re.IGNORECASE)
_THOUGHT = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


class FormRefusedError(ModelError):
    """A refusal that may be about the form in which JSON was asked for."""


class OpenAiCompatibleClient:
    """The client of the server at `OPIC_LLM_URL`; it remembers which form that server takes."""

    name = "openai"
    sound_type = "audio/wav"

    def __init__(self) -> None:
        self.forms: dict[tuple[str, str], int] = {}

    def warm(self) -> None:
        """Load the library and the certificates before workers fork."""
        _client(settings.OPIC_LLM_KEY)

    def generate(self, ask: Ask, usage_recorder: UsageRecorder) -> Reply:
        """Ask `OPIC_LLM_MODEL`, in another form where one is refused. Raises ModelError."""
        server = settings.OPIC_LLM_URL, settings.OPIC_LLM_MODEL
        until = time.monotonic() + settings.OPIC_VENDOR_SECONDS
        first = self.forms.get(server, 0)
        for at in range(first, len(FORMS)):
            call = partial(_call, ask, FORMS[at], until)
            try:
                reply = recorded(ask, server[1], usage_recorder, call)
            except FormRefusedError:
                continue
            except ModelError as exc:
                if exc.kind in {"cut", "empty", "blocked"}:
                    self.forms[server] = at
                raise
            self.forms[server] = at
            return reply
        raise ModelError("refused", None, server[1])


_clients: dict[str, Any] = {}


def _client(key: str) -> Any:
    if key in _clients:
        return _clients[key]
    # at first use: the import and the certificates take a while
    import httpx2

    # an encoded body could be larger than its bytes say
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    _clients[key] = httpx2.Client(headers=headers, trust_env=False, follow_redirects=False)
    return _clients[key]


# --- what is sent ---------------------------------------------------------------------------------


def _payload(ask: Ask, form: str) -> dict[str, Any]:
    instruction = ask.instruction
    if form != "json_schema":
        shape = json.dumps(ask.schema, ensure_ascii=False)
        instruction = f"{instruction}\n\n{SHAPE}\n{shape}"
    payload = {
        "model": settings.OPIC_LLM_MODEL,
        "messages": [
            {"role": "system", "content": instruction},
            {"role": "user", "content": _content(ask)},
        ],
        "temperature": 0,
        "max_tokens": ask.most_output,
    }
    if form == "json_schema":
        schema = {"name": ask.kind, "schema": _strict(ask.schema), "strict": True}
        payload["response_format"] = {"type": form, "json_schema": schema}
    elif form:
        payload["response_format"] = {"type": form}
    return payload


def _content(ask: Ask) -> str | list[dict[str, Any]]:
    """Return the user's message: plain text, which all servers take, or parts with the sound."""
    if not ask.sound:
        return "\n".join(ask.texts)
    sound = {
        "data": base64.b64encode(ask.sound).decode(),
        "format": SOUND_FORMATS[ask.sound_type],
    }
    parts: list[dict[str, Any]] = [{"type": "input_audio", "input_audio": sound}]
    return [*parts, *({"type": "text", "text": text} for text in ask.texts)]


def _strict(schema: Any) -> Any:
    """Return the schema with no other properties allowed, as strict servers demand."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {name: _strict(value) for name, value in schema.items()}
    return {**made, "additionalProperties": False} if made.get("type") == "object" else made


# --- one call -------------------------------------------------------------------------------------


def _call(ask: Ask, form: str, until: float) -> Reply:
    import httpx2

    model, client = settings.OPIC_LLM_MODEL, _client(settings.OPIC_LLM_KEY)
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise ModelError("timeout", UNKNOWN_DELAY, model)
    body = json.dumps(_payload(ask, form), ensure_ascii=False).encode()

    def give_up() -> None:
        # ends the read that still goes on in the thread
        client.close()
        _clients.pop(settings.OPIC_LLM_KEY, None)

    try:
        call = partial(_post, client, body, seconds)
        status, headers, received = within(seconds, call, give_up)
    except (TimeoutError, httpx2.TimeoutException):
        raise ModelError("timeout", UNKNOWN_DELAY, model) from None
    except httpx2.RequestError:
        raise ModelError("unreachable", UNKNOWN_DELAY, model) from None
    if status == 200:
        return _read(ask, headers, received, form)
    raise _refusal(status, headers, received.decode("utf-8", "replace"), ask, form)


def _post(client: Any, body: bytes, seconds: float) -> tuple[int, Mapping[str, str], bytes]:
    url = f"{settings.OPIC_LLM_URL}/chat/completions"
    headers = {"Content-Type": "application/json"}
    with client.stream("POST", url, content=body, headers=headers, timeout=seconds) as reply:
        received = bytearray()
        for chunk in reply.iter_raw():
            received += chunk
            if len(received) > MOST_BYTES:
                raise ModelError("empty", UNKNOWN_DELAY, settings.OPIC_LLM_MODEL)
        return reply.status_code, reply.headers, bytes(received)


# --- what comes back ------------------------------------------------------------------------------


def _read(ask: Ask, headers: Mapping[str, str], received: bytes, form: str) -> Reply:
    """Return the text of a reply. Raises ModelError where it was refused, cut or is empty."""
    model = settings.OPIC_LLM_MODEL
    body = _json(headers, received)
    if (error := body.get("error")) and not body.get("choices"):
        # gateways pass on the error of whom they asked, with 200
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, int) and code >= 400:
            raise _refusal(code, headers, json.dumps(error), ask, form)
    usage, counts_sound = _usage(body.get("usage"))
    choice = _first(body.get("choices"))
    message = _dict(choice.get("message"))
    finish = str(choice.get("finish_reason") or "").lower()
    text, refusal = _text_of(message.get("content"))
    if finish == "content_filter" or (not text and (refusal or message.get("refusal"))):
        raise ModelError("blocked", None, model, usage)
    if finish in {"length", "max_tokens"}:
        raise ModelError("cut", UNKNOWN_DELAY, model, usage)
    text = _without_thoughts(text)
    if not text.strip():
        raise ModelError("empty", UNKNOWN_DELAY, model, usage)
    return Reply(text, model, usage, counts_sound)


def _json(headers: Mapping[str, str], received: bytes) -> dict[str, Any]:
    """Return the body; empty for a stream, a page, or anything else that is no JSON object."""
    if headers.get("content-encoding", "identity") != "identity":
        return {}
    try:
        return _dict(json.loads(received))
    except (ValueError, RecursionError):
        return {}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(choices: Any) -> dict[str, Any]:
    return _dict(choices[0]) if isinstance(choices, list) and choices else {}


def _text_of(content: Any) -> tuple[str, bool]:
    """Return the text of a message, given as text or in parts, and whether a part refuses."""
    if isinstance(content, str):
        return content, False
    parts = (
        [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    )
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "".join(texts), any(part.get("type") == "refusal" for part in parts)


def _without_thoughts(text: str) -> str:
    """Return the text behind a model's thoughts, which some servers leave in it."""
    text = _THOUGHT.sub("", text)
    # some templates open the thought themselves: then only its end is there
    if not text.lstrip().startswith(("{", "[", "`")) and "</think" in text:
        return text.split("</think", 1)[1].partition(">")[2]
    return text


def _usage(given: Any) -> tuple[Usage, bool]:
    """Return the tokens, and whether those of sound were counted apart."""
    usage = _dict(given)
    details = _dict(usage.get("prompt_tokens_details"))
    audio = _count(details.get("audio_tokens"))
    thought = _count(_dict(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    made = Usage(
        audio=audio,
        text=max(_count(usage.get("prompt_tokens")) - audio, 0),
        output=max(_count(usage.get("completion_tokens")) - thought, 0),
        thought=thought,
    )
    return made, isinstance(details.get("audio_tokens"), int)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= MOST_TOKENS else 0


# --- refusals -------------------------------------------------------------------------------------


def _refusal(
    status: int, headers: Mapping[str, str], words: str, ask: Ask, form: str
) -> ModelError:
    """Return the error of a status and of the words beside it, in whatever shape they come."""
    model = settings.OPIC_LLM_MODEL
    # looked for first: some servers send back all that they refuse, the sound's name in it
    is_about_form = form and status in FORM_STATUSES and _FORM.search(words)
    if ask.sound and status in DEAF_STATUSES and _DEAF.search(words) and not is_about_form:
        return ModelError("deaf", OPERATOR_DELAY, model)
    if status in {402, 429}:
        return _too_many(status, headers, words)
    if status in KINDS:
        return ModelError(*KINDS[status], model)
    if status == 400 and _NO_MODEL.search(words):
        return ModelError("gone", OPERATOR_DELAY, model)
    if is_about_form or (form and status in {400, 422}):
        return FormRefusedError("refused", None, model)
    if status >= 500:
        kind = "busy" if status == 503 and _LOADS.search(words) else "down"
        return ModelError(kind, _retry_after(headers), model)
    if status < 400:
        # a redirect: a portal that wants a sign-in, or an address that has moved
        return ModelError("unreachable", UNKNOWN_DELAY, model)
    return ModelError("refused", None, model)


def _too_many(status: int, headers: Mapping[str, str], words: str) -> ModelError:
    after = _retry_after(headers)
    if status == 402 or _NO_MONEY.search(words):
        return ModelError("day_quota", max(DAY_QUOTA_DELAY, after), settings.OPIC_LLM_MODEL)
    return ModelError("busy", after, settings.OPIC_LLM_MODEL)


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
