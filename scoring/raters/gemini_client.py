"""The client for Google's models: text and sound in, JSON text out, every call recorded.

It has its own time-out, and one error that says when another try makes sense. Model names come from
settings: where a name is gone (404), the next one is asked. Nothing is retried here and nothing
waits: the caller decides when to come back.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from typing import Any

from django.conf import settings

from scoring.raters.usage import Usage, UsageRecorder

SOUND_TYPES = frozenset({"audio/wav", "audio/mp3", "audio/aac", "audio/ogg", "audio/flac"})
BLOCKED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})
UNKNOWN_DELAY = 30.0
DAY_QUOTA_DELAY = 3600.0
OPERATOR_DELAY = 600.0  # a key or a name that somebody has to correct
LONGEST_DELAY = 86_400.0


@dataclass(frozen=True)
class Ask:
    """One request to a model. `schema` is plain JSON schema: types, enums, required."""

    kind: str  # of the recorded call: hear, rate
    instruction: str
    texts: Sequence[str]
    schema: Mapping[str, Any]
    most_output: int
    sound: bytes = b""
    sound_type: str = "audio/flac"


@dataclass(frozen=True)
class Reply:
    """Text of a reply that ended by itself; not yet validated."""

    text: str
    model: str
    usage: Usage


@dataclass
class GeminiError(Exception):
    """No usable reply.

    `kind`: busy, day_quota, down, timeout, unreachable, refused, key, gone, blocked, cut, empty.
    `after_seconds`: how long to wait before another try; None where none makes sense.
    """

    kind: str
    after_seconds: float | None = None
    model: str = ""
    usage: Usage = field(default_factory=Usage)

    def __str__(self) -> str:
        return f"{self.kind} ({self.model})"


def warm() -> None:
    """Load the SDK and make a client before workers fork: it takes a second."""
    for name in ("google.genai.types", "httpx2"):
        import_module(name)
    _client(settings.GEMINI_API_KEY, settings.GEMINI_API_ENDPOINT, settings.OPIC_VENDOR_SECONDS)


@cache
def _client(key: str, endpoint: str, seconds: int) -> Any:
    # at first use: the import takes a second
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=endpoint or None, timeout=1000 * seconds)
    return genai.Client(api_key=key, http_options=options)


def _config(ask: Ask) -> Any:
    from google.genai import types

    return types.GenerateContentConfig(
        system_instruction=ask.instruction,
        temperature=0,
        max_output_tokens=ask.most_output,
        response_mime_type="application/json",
        response_json_schema=dict(ask.schema),
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL),
    )


def _parts(ask: Ask) -> list[Any]:
    from google.genai import types

    parts = [types.Part.from_text(text=text) for text in ask.texts]
    if ask.sound:
        if ask.sound_type not in SOUND_TYPES:
            raise ValueError(f"{ask.sound_type} is on no list of the vendor's")
        parts.insert(0, types.Part.from_bytes(data=ask.sound, mime_type=ask.sound_type))
    return parts


def generate(ask: Ask, usage_recorder: UsageRecorder) -> Reply:
    """Ask the first model of `GEMINI_MODELS` that exists. Raises GeminiError."""
    for model in settings.GEMINI_MODELS:
        try:
            return _noted(ask, model, usage_recorder)
        except GeminiError as exc:
            if exc.kind != "gone":
                raise
    raise GeminiError("gone", OPERATOR_DELAY, ", ".join(settings.GEMINI_MODELS))


def _noted(ask: Ask, model: str, usage_recorder: UsageRecorder) -> Reply:
    """Make one call, recorded before it is made and whatever its outcome."""
    number, begun = usage_recorder.opened(ask.kind, model), time.monotonic()
    outcome, usage = "crashed", Usage()
    try:
        reply = _call(ask, model)
        outcome, usage = "ok", reply.usage
        return reply
    except GeminiError as exc:
        outcome, usage = exc.kind, exc.usage
        raise
    finally:
        usage_recorder.closed(
            number, outcome=outcome, usage=usage, seconds=time.monotonic() - begun
        )


def _within(seconds: float, call: Callable[[], Any], client: Any) -> Any:
    """Run a call within this time in all. Raises FutureTimeoutError."""
    # the SDK's own limit is for each read: a body that drips in byte by byte would hold a worker
    # for hours
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call).result(seconds)
    except FutureTimeoutError:
        # closing the client ends the read that still goes on in the thread
        client.close()
        _client.cache_clear()
        raise
    finally:
        pool.shutdown(wait=False)


def _call(ask: Ask, model: str) -> Reply:
    import httpx2
    from google.genai import errors, types

    seconds = settings.OPIC_VENDOR_SECONDS
    client = _client(settings.GEMINI_API_KEY, settings.GEMINI_API_ENDPOINT, seconds)
    call = partial(
        client.models.generate_content,
        model=model,
        contents=types.Content(role="user", parts=_parts(ask)),
        config=_config(ask),
    )
    try:
        reply = _within(seconds + 1, call, client)
    except FutureTimeoutError:
        raise GeminiError("timeout", UNKNOWN_DELAY, model) from None
    except errors.APIError as exc:
        raise _from_api(exc, model) from None
    except httpx2.TimeoutException:
        raise GeminiError("timeout", UNKNOWN_DELAY, model) from None
    except httpx2.RequestError:
        raise GeminiError("unreachable", UNKNOWN_DELAY, model) from None
    except (ValueError, TypeError, RecursionError):
        # the SDK lets these through for a body that is no JSON, or not of its shape
        raise GeminiError("empty", UNKNOWN_DELAY, model) from None
    return _read(reply, model)


def _read(reply: Any, model: str) -> Reply:
    """Return the text of a reply. Raises GeminiError where it was blocked, cut or is empty."""
    usage = _usage(reply.usage_metadata)
    candidates = reply.candidates or []
    if not candidates:
        blocked = reply.prompt_feedback and reply.prompt_feedback.block_reason
        raise GeminiError(
            "blocked" if blocked else "empty", None if blocked else UNKNOWN_DELAY, model, usage
        )
    reason = _name(candidates[0].finish_reason)
    if reason in BLOCKED:
        raise GeminiError("blocked", None, model, usage)
    if reason == "MAX_TOKENS":
        raise GeminiError("cut", UNKNOWN_DELAY, model, usage)
    content = candidates[0].content
    text = "".join(
        part.text or "" for part in (content and content.parts) or [] if not part.thought
    )
    if not text.strip():
        raise GeminiError("empty", UNKNOWN_DELAY, model, usage)
    return Reply(text, model, usage)


def _name(reason: Any) -> str:
    return str(getattr(reason, "value", reason) or "")


def _usage(metadata: Any) -> Usage:
    if metadata is None:
        return Usage()
    details = metadata.prompt_tokens_details or []
    audio = sum(row.token_count or 0 for row in details if _name(row.modality) == "AUDIO")
    return Usage(
        audio=audio,
        text=max((metadata.prompt_token_count or 0) - audio, 0),
        output=metadata.candidates_token_count or 0,
        thought=metadata.thoughts_token_count or 0,
    )


def _from_api(exc: Any, model: str) -> GeminiError:
    kinds: dict[int, Callable[[], GeminiError]] = {
        404: lambda: GeminiError("gone", OPERATOR_DELAY, model),
        429: lambda: _too_many(exc, model),
        401: lambda: GeminiError("key", OPERATOR_DELAY, model),
        403: lambda: GeminiError("key", OPERATOR_DELAY, model),
    }
    if exc.code in kinds:
        return kinds[exc.code]()
    # the service refuses an unknown key with 400, not with 401
    if exc.code == 400 and "API_KEY" in str(exc.details):
        return GeminiError("key", OPERATOR_DELAY, model)
    if exc.code >= 500:
        return GeminiError("down", UNKNOWN_DELAY, model)
    return GeminiError("refused", None, model)


def _too_many(exc: Any, model: str) -> GeminiError:
    """Return the error of a 429.

    A burst says how long to wait; a day's quota waits for an hour or more.
    """
    body = exc.details if isinstance(exc.details, dict) else {}
    outer = body.get("error")
    rows = outer.get("details") if isinstance(outer, dict) else None
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    delays = [_seconds(row["retryDelay"]) for row in rows if "retryDelay" in row]
    violations = [one for row in rows for one in row.get("violations") or []]
    quotas = [str(one.get("quotaId", "")) for one in violations if isinstance(one, dict)]
    if any("PerDay" in quota for quota in quotas):
        return GeminiError("day_quota", max([DAY_QUOTA_DELAY, *delays]), model)
    return GeminiError("busy", max(delays, default=UNKNOWN_DELAY), model)


def _seconds(text: Any) -> float:
    """Return the seconds of `54s` or `1.5s`; `UNKNOWN_DELAY` for what cannot be read."""
    try:
        seconds = float(str(text).rstrip("s"))
    except ValueError:
        return UNKNOWN_DELAY
    # `nan` is not >= 0 either
    return min(seconds, LONGEST_DELAY) if seconds >= 0 else UNKNOWN_DELAY
