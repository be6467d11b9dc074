"""A server of the transcription protocol on loopback: true replies, a strict look at what it gets.

It answers as two well-spread servers do: one gives words with a probability and times, the other
words and segments without one.
"""

import json
import re
import wave
from dataclasses import dataclass
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import Any, ClassVar

from tests.gemini.server import Call, ScriptedReply, raw
from tests.openai_compatible.server import FakeOpenAiCompatible, failure

RATE, WIDTH = 16_000, 2
FIELDS = {"file", "model", "language", "response_format", "temperature"}
GRANULARITY = "timestamp_granularities[]"


def transcription(text: str, seconds: float, *, has_probability: bool) -> dict[str, Any]:
    """A reply in which the words are spread evenly over the sound."""
    words = text.split()
    step = seconds / max(len(words), 1)
    rows: list[dict[str, Any]] = [
        {
            "word": f" {word}" if has_probability else re.sub(r"[^\w']", "", word),
            "start": round(at * step, 2),
            "end": round((at + 0.9) * step, 2),
        }
        for at, word in enumerate(words)
    ]
    if has_probability:
        rows = [{**row, "probability": 0.9} for row in rows]
    segment = {"id": 0, "start": 0.0, "end": seconds, "text": f" {text}", "avg_logprob": -0.25}
    segments = [segment] if words else []
    body = {"task": "transcribe", "language": "english", "duration": seconds, "text": text}
    return {**body, "words": rows, "segments": segments}


def written(text: str, *, has_probability: bool = True, **changes: Any) -> Any:
    """A script that hears this, whatever the sound."""

    def script(call: Call) -> ScriptedReply:
        made = transcription(text, call.seconds, has_probability=has_probability)
        return raw({**made, **changes})

    return script


@dataclass
class FakeTranscription(FakeOpenAiCompatible):
    """`hear` answers; what is sent is taken apart as such a server does."""

    rater: ClassVar[str] = "transcription"
    model: str = "small-ears"

    def _body_of(self, handler: BaseHTTPRequestHandler, data: bytes) -> dict[str, Any]:
        head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(head + data)
        self._require(parts.get_content_type() == "multipart/form-data", "a form")
        body: dict[str, Any] = {GRANULARITY: []}
        for part in parts.get_payload():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if name == "file":
                body[name] = content
            elif name == GRANULARITY:
                body[name].append(content.decode())
            else:
                body[name] = content.decode()
        return body

    def _judged(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> Call:
        sent = handler.headers
        self._require(handler.path == "/v1/audio/transcriptions", handler.path)
        keys = [f"Bearer {self.key}"] if self.key else None
        self._require(sent.get_all("Authorization") == keys, "one key, in the header")
        self._require(sent.get("Accept-Encoding") == "identity", "no encoded body")
        self._require(set(body) == FIELDS | {GRANULARITY}, str(set(body)))
        self._require(body["response_format"] == "verbose_json", "times")
        self._require(set(body[GRANULARITY]) == {"word", "segment"}, "times of words")
        self._require((body["language"], body["temperature"]) == ("en", "0"), "English, no chance")
        with wave.open(BytesIO(body["file"])) as file:
            shape = file.getnchannels(), file.getsampwidth(), file.getframerate()
            self._require(shape == (1, WIDTH, RATE), str(shape))
            seconds = file.getnframes() / RATE
        call = Call(
            model=body["model"],
            kind="hear",
            instruction="",
            texts=[],
            seconds=seconds,
            config=body,
            sound=body["file"],
            port=handler.client_address[1],
            wrap=self._plain,
        )
        if call.model != self.model:
            call.refusal = failure(404, f"model {call.model!r} not found")
        return call

    def _plain(self, _call: Call, content: Any, **_more: Any) -> ScriptedReply:
        text = content if isinstance(content, str) else json.dumps(content)
        return ScriptedReply(200, text.encode())
