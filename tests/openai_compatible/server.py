"""A server of the chat-completions protocol on loopback: true replies, and a strict look at what it
is sent. It can be one of the many that take less than others.
"""

import base64
import json
import re
import wave
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import Any, ClassVar

from tests.gemini.server import (
    AUDIO_TOKENS_A_SECOND,
    CHARACTERS_A_TOKEN,
    Call,
    FakeGemini,
    ScriptedReply,
    raw,
)

FINISH = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}
SENT = {"model", "messages", "temperature", "max_tokens", "response_format"}
RATE, WIDTH = 16_000, 2
# what such servers say to sound that they do not take: status and body
DEAF = [
    (500, {"error": {"code": 500, "message": "audio input is not supported", "type": "x"}}),
    (400, {"error": {"message": "At most 0 audio(s) may be provided in one prompt."}}),
    (
        400,
        {"error": "Invalid 'content': objects must have a 'type' field of 'text' or 'image_url'"},
    ),
    (404, {"error": {"message": "No endpoints found that support input audio", "code": 404}}),
    (422, {"detail": [{"loc": ["body", "messages"], "msg": "unknown variant `input_audio`"}]}),
    (400, {"object": "error", "message": "tiny is not a multimodal model", "code": 400}),
]


def failure(status: int, words: str = "scripted", **headers: str) -> ScriptedReply:
    """An error as most of these servers write it."""
    return raw({"error": {"message": words, "code": status}}, status, headers=headers)


def completion(
    message: dict[str, Any],
    *,
    finish: str | None = "stop",
    usage: Any = None,
    model: str = "",
) -> dict[str, Any]:
    """The body of a reply."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    return body if usage is None else {**body, "usage": usage}


def content_reply(content: Any, **more: Any) -> ScriptedReply:
    """A reply with this as its content, whatever it is."""
    return raw(completion({"role": "assistant", "content": content}, **more))


def problems_of_schema(schema: Any) -> list[str]:
    """What a strict server would refuse."""
    if isinstance(schema, list):
        return [one for part in schema for one in problems_of_schema(part)]
    if not isinstance(schema, dict):
        return []
    problems = [one for part in schema.values() for one in problems_of_schema(part)]
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            problems.append("other properties are allowed")
        if set(schema.get("required", [])) != set(schema["properties"]):
            problems.append("a property that is not required")
    return problems


@dataclass
class FakeOpenAiCompatible(FakeGemini):
    """`hear` and `rate` answer, as those of FakeGemini do; the rest says what it takes."""

    rater: ClassVar[str] = "openai"
    model: str = "tiny-speech"
    forms: tuple[str, ...] = ("json_schema", "json_object", "")
    deaf: tuple[int, dict[str, Any]] | None = None
    counts: str = "sound"  # sound, tokens, nothing
    refused: set[str] = field(default_factory=set)

    def failure(self, status: int) -> ScriptedReply:
        return failure(status)

    def too_many(self, seconds: int) -> ScriptedReply:
        return failure(429, **{"Retry-After": str(seconds)})

    def no_more_today(self) -> ScriptedReply:
        return failure(429, "insufficient_quota: check your plan and billing details")

    def refused_key(self) -> ScriptedReply:
        return failure(401, "Incorrect API key provided")

    def nothing(self) -> ScriptedReply:
        return raw({"choices": []})

    def _judged(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> Call:
        self._look_at_headers(handler)
        self._require(set(body) - {"response_format"} == SENT - {"response_format"}, str(set(body)))
        self._require(body["temperature"] == 0, "temperature 0")
        self._require(0 < body["max_tokens"] <= 8192, "capped output")
        system, user = body["messages"]
        self._require((system["role"], user["role"]) == ("system", "user"), "roles")
        self._require(isinstance(system["content"], str), "an instruction in text")
        form = self._form_of(body, system["content"])
        parts = user["content"]
        if isinstance(parts, str):
            parts = [{"type": "text", "text": parts}]
        texts = [part["text"] for part in parts if part["type"] == "text"]
        sounds = [part["input_audio"] for part in parts if part["type"] == "input_audio"]
        self._require(len(texts) + len(sounds) == len(parts), "parts of known types")
        data = base64.b64decode(sounds[0]["data"], validate=True) if sounds else b""
        call = Call(
            model=body["model"],
            kind="hear" if sounds else "rate",
            instruction=system["content"],
            texts=texts,
            seconds=self._seconds_of(sounds[0], data) if sounds else 0.0,
            config=body,
            sound=data,
            port=handler.client_address[1],
            wrap=self._wrapped,
        )
        if form not in self.forms:
            self._require(form not in self.refused, f"{form} only once")
            self.refused.add(form)
            call.refusal = failure(400, f"response_format.type {form!r} is not supported")
        elif sounds and self.deaf:
            call.refusal = raw(self.deaf[1], self.deaf[0])
        elif call.model != self.model:
            call.refusal = failure(404, f"model {call.model!r} not found")
        return call

    def _look_at_headers(self, handler: BaseHTTPRequestHandler) -> None:
        sent = handler.headers
        self._require(handler.path == "/v1/chat/completions", handler.path)
        keys = [f"Bearer {self.key}"] if self.key else None
        self._require(sent.get_all("Authorization") == keys, "one key, in the header")
        self._require(sent.get_all("Content-Type") == ["application/json"], "one type")
        self._require(sent.get("Accept-Encoding") == "identity", "no encoded body")
        self._require(not sent.get("Cookie"), "no cookie")

    def _form_of(self, body: dict[str, Any], instruction: str) -> str:
        form = body.get("response_format", {"type": ""})
        if form["type"] == "json_schema":
            named = form["json_schema"]
            self._require(set(named) == {"name", "schema", "strict"}, "three fields")
            self._require(bool(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", named["name"])), "a name")
            self._require(named["strict"] is True, "strict")
            self.problems += problems_of_schema(named["schema"])
        else:
            self._require(set(form) == {"type"}, "a type alone")
            shape = instruction.rsplit("\n", 1)[-1]
            self._require(json.loads(shape)["type"] == "object", "the schema in the instruction")
        return str(form["type"])

    def _seconds_of(self, sound: dict[str, str], data: bytes) -> float:
        self._require(sound["format"] == "wav", "wav")
        with wave.open(BytesIO(data)) as file:
            shape = file.getnchannels(), file.getsampwidth(), file.getframerate()
            self._require(shape == (1, WIDTH, RATE), str(shape))
            return file.getnframes() / RATE

    def _wrapped(
        self, call: Call, content: Any, *, finish: str, audio_tokens: int | None
    ) -> ScriptedReply:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        if audio_tokens is None:
            audio_tokens = round(AUDIO_TOKENS_A_SECOND * call.seconds)
        words = sum(map(len, [call.instruction, *call.texts])) // CHARACTERS_A_TOKEN
        usage: Any = {
            "prompt_tokens": words + audio_tokens,
            "completion_tokens": len(text) // CHARACTERS_A_TOKEN,
            "total_tokens": words + audio_tokens + len(text) // CHARACTERS_A_TOKEN,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": audio_tokens},
        }
        if self.counts == "tokens":
            del usage["prompt_tokens_details"]
        if self.counts == "nothing":
            usage = None
        message = {"role": "assistant", "content": text}
        return raw(completion(message, finish=FINISH[finish], usage=usage, model=call.model))
