"""The client for any server of the chat-completions protocol: one of your own, or a service.

Servers differ in what they take and give; what is tolerated here is what servers do. One call ends
within `OPIC_VENDOR_SECONDS` in all.
"""

import base64
import json
import re
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings

from scoring.model_clients import server
from scoring.model_clients.base import (
    OPERATOR_DELAY,
    UNKNOWN_DELAY,
    Ask,
    ModelError,
    Reply,
    recorded,
)
from scoring.model_clients.server import Received
from scoring.model_clients.usage import Usage, UsageRecorder

# how a server may be told which shape is wanted; each next one is taken by more of them
FORMS = ("json_schema", "json_object", "")
SOUND_FORMATS = {"audio/wav": "wav", "audio/mp3": "mp3"}
MOST_TOKENS = 1_000_000_000  # a count beyond is none
FORM_STATUSES = frozenset({400, 422, 500, 501})
DEAF_STATUSES = frozenset({400, 404, 415, 422, 500, 501})
SHAPE = "Give one JSON object of this JSON schema, and nothing else:"
_DEAF = re.compile(
    r"audio|multi-?modal|modalit|mmproj|image_url|content (?:type|part|block)|must be a string"
    r"|message format",
    re.IGNORECASE,
)
_FORM = re.compile(r"response_format|json_schema|schema|grammar|structured", re.IGNORECASE)
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
        server.client_of(settings.OPIC_LLM_KEY)

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
    model = settings.OPIC_LLM_MODEL
    made = server.post(
        f"{settings.OPIC_LLM_URL}/chat/completions",
        settings.OPIC_LLM_KEY,
        model,
        until,
        content=json.dumps(_payload(ask, form), ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json"},
    )
    if made.status == 200:
        return _read(ask, made, form)
    raise _refusal(made.status, made.headers, made.words, ask, form)


# --- what comes back ------------------------------------------------------------------------------


def _read(ask: Ask, made: Received, form: str) -> Reply:
    """Return the text of a reply. Raises ModelError where it was refused, cut or is empty."""
    model, body = settings.OPIC_LLM_MODEL, made.json
    if (error := body.get("error")) and not body.get("choices"):
        # gateways pass on the error of whom they asked, with 200
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, int) and code >= 400:
            raise _refusal(code, made.headers, json.dumps(error), ask, form)
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
    made = server.refusal(status, headers, words, model)
    is_of_client = status in {400, 422} and made.kind == "refused"
    if made.kind in {"refused", "down", "busy"} and (is_about_form or (form and is_of_client)):
        return FormRefusedError("refused", None, model)
    return made
