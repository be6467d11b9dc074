"""The client for Google's models: text and sound in, JSON text out, every call recorded.

It has its own time-out, and one error that says when another try makes sense. Model names come from
settings: where a name is gone (404), the next one is asked. Nothing is retried here and nothing
waits: the caller decides when to come back.
"""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any

from django.conf import settings

from scoring.model_clients.base import (
    DAY_QUOTA_DELAY,
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

SOUND_TYPES = frozenset({"audio/wav", "audio/mp3", "audio/aac", "audio/ogg", "audio/flac"})
BLOCKED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})


class GeminiClient:
    """The client behind `GEMINI_API_KEY`."""

    name = "gemini"
    sound_type = "audio/flac"

    def warm(self) -> None:
        """Load the SDK and make a client before workers fork: it takes a second."""
        for name in ("google.genai.types", "httpx2"):
            import_module(name)
        _client(settings.GEMINI_API_KEY, settings.GEMINI_API_ENDPOINT, settings.OPIC_VENDOR_SECONDS)

    def generate(self, ask: Ask, usage_recorder: UsageRecorder) -> Reply:
        """Ask the first model of `GEMINI_MODELS` that exists. Raises ModelError."""
        for model in settings.GEMINI_MODELS:
            try:
                return recorded(ask, model, usage_recorder, partial(_call, ask, model))
            except ModelError as exc:
                if exc.kind != "gone":
                    raise
        raise ModelError("gone", OPERATOR_DELAY, ", ".join(settings.GEMINI_MODELS))


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

    def give_up() -> None:
        # ends the read that still goes on in the thread
        client.close()
        _client.cache_clear()

    try:
        reply = within(seconds + 1, call, give_up)
    except TimeoutError:
        raise ModelError("timeout", UNKNOWN_DELAY, model) from None
    except errors.APIError as exc:
        raise _from_api(exc, model) from None
    except httpx2.TimeoutException:
        raise ModelError("timeout", UNKNOWN_DELAY, model) from None
    except httpx2.RequestError:
        raise ModelError("unreachable", UNKNOWN_DELAY, model) from None
    except (ValueError, TypeError, RecursionError):
        # the SDK lets these through for a body that is no JSON, or not of its shape
        raise ModelError("empty", UNKNOWN_DELAY, model) from None
    return _read(reply, model)


def _read(reply: Any, model: str) -> Reply:
    """Return the text of a reply. Raises ModelError where it was blocked, cut or is empty."""
    usage = _usage(reply.usage_metadata)
    candidates = reply.candidates or []
    if not candidates:
        blocked = reply.prompt_feedback and reply.prompt_feedback.block_reason
        raise ModelError(
            "blocked" if blocked else "empty", None if blocked else UNKNOWN_DELAY, model, usage
        )
    reason = _name(candidates[0].finish_reason)
    if reason in BLOCKED:
        raise ModelError("blocked", None, model, usage)
    if reason == "MAX_TOKENS":
        raise ModelError("cut", UNKNOWN_DELAY, model, usage)
    content = candidates[0].content
    text = "".join(
        part.text or "" for part in (content and content.parts) or [] if not part.thought
    )
    if not text.strip():
        raise ModelError("empty", UNKNOWN_DELAY, model, usage)
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


def _from_api(exc: Any, model: str) -> ModelError:
    kinds: dict[int, Callable[[], ModelError]] = {
        404: lambda: ModelError("gone", OPERATOR_DELAY, model),
        429: lambda: _too_many(exc, model),
        401: lambda: ModelError("key", OPERATOR_DELAY, model),
        403: lambda: ModelError("key", OPERATOR_DELAY, model),
    }
    if exc.code in kinds:
        return kinds[exc.code]()
    # the service refuses an unknown key with 400, not with 401
    if exc.code == 400 and "API_KEY" in str(exc.details):
        return ModelError("key", OPERATOR_DELAY, model)
    if exc.code >= 500:
        return ModelError("down", UNKNOWN_DELAY, model)
    return ModelError("refused", None, model)


def _too_many(exc: Any, model: str) -> ModelError:
    """Return the error of a 429.

    A burst says how long to wait; a day's quota waits for an hour or more.
    """
    body = exc.details if isinstance(exc.details, dict) else {}
    outer = body.get("error")
    rows = outer.get("details") if isinstance(outer, dict) else None
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    delays = [read_seconds(row["retryDelay"]) for row in rows if "retryDelay" in row]
    violations = [one for row in rows for one in row.get("violations") or []]
    quotas = [str(one.get("quotaId", "")) for one in violations if isinstance(one, dict)]
    if any("PerDay" in quota for quota in quotas):
        return ModelError("day_quota", max([DAY_QUOTA_DELAY, *delays]), model)
    return ModelError("busy", max(delays, default=UNKNOWN_DELAY), model)
