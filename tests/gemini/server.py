"""A Gemini on loopback: the true generateContent wire format, scripted answers, and a strict look
at what it is sent. The product's own SDK is pointed at it; nothing is patched.
"""

import base64
import io
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import av

LISTED = {"audio/wav", "audio/mp3", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac"}
STATUSES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
AUDIO_TOKENS_A_SECOND = 32
CHARACTERS_A_TOKEN = 4


@dataclass
class Call:
    """One request as it came: which model, what kind, the words, how long the sound was."""

    model: str
    kind: str
    instruction: str
    texts: list[str]
    seconds: float
    config: dict[str, Any]
    sound: bytes = b""
    port: int = 0  # of who called
    refusal: "ScriptedReply | None" = None  # of what it takes from nobody
    wrap: "Callable[..., ScriptedReply] | None" = None  # how a server of another kind replies


@dataclass
class ScriptedReply:
    """What goes back over the wire."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    latency: float = 0.0
    drip: float = 0.0  # seconds between single bytes
    reset: bool = False
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Call], ScriptedReply]


def scripted_reply(
    content: Any,
    *,
    call: Call | None = None,
    finish: str = "STOP",
    audio_tokens: int | None = None,
    latency: float = 0.0,
) -> ScriptedReply:
    """A candidate with this content (JSON made of it unless it is text), usage as Google counts."""
    if call and call.wrap:
        made = call.wrap(call, content, finish=finish, audio_tokens=audio_tokens)
        return replace(made, latency=latency)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    if audio_tokens is None:
        audio_tokens = round(AUDIO_TOKENS_A_SECOND * call.seconds) if call else 0
    words = sum(map(len, [call.instruction, *call.texts])) // CHARACTERS_A_TOKEN if call else 0
    details = [{"modality": "TEXT", "tokenCount": words}]
    if audio_tokens:
        details.append({"modality": "AUDIO", "tokenCount": audio_tokens})
    body = {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish}
        ],
        "usageMetadata": {
            "promptTokenCount": words + audio_tokens,
            "candidatesTokenCount": len(text) // CHARACTERS_A_TOKEN,
            "promptTokensDetails": details,
        },
        "modelVersion": call.model if call else "",
    }
    return ScriptedReply(body=json.dumps(body).encode(), latency=latency)


def raw(body: Any, status: int = 200, **more: Any) -> ScriptedReply:
    return ScriptedReply(status, json.dumps(body).encode(), **more)


def error(code: int, status: str, details: list[Any] | None = None) -> ScriptedReply:
    """An error as Google's front end writes it."""
    body = {"code": code, "message": "scripted", "status": status, "details": details or []}
    return raw({"error": body}, code)


def too_many(seconds: int, *, quota: str = "GenerateRequestsPerMinutePerProject") -> ScriptedReply:
    violation = {"quotaMetric": "requests", "quotaId": quota}
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        [
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [violation],
            },
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"},
        ],
    )


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_given: Any) -> None:
        """Who asked was killed, and the connection with it; any other error fails the run."""
        if not isinstance(sys.exception(), OSError | ValueError):
            raise


@dataclass
class FakeGemini:
    """`hear` and `rate` answer; `next_up` goes first, one script a call. Use as a context."""

    hear: Script
    rate: Script
    key: str = "loopback-key"
    rater: ClassVar[str] = "gemini"  # which asks such a server
    gone: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    next_up: list[Script | ScriptedReply] = field(default_factory=list)

    def __enter__(self) -> "FakeGemini":
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # headers and body go at once: 40 ms are not the model's

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                fake._reply_to(self, fake._body_of(self, self.rfile.read(length)))

            def log_message(self, *_given: Any) -> None:
                """Quiet."""

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._lock = threading.Lock()
        # looks fifty times a second whether it shall stop: most tests have one of their own
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.server.shutdown()
        self.server.server_close()
        assert not self.problems, self.problems

    def failure(self, status: int) -> ScriptedReply:
        """A status as this server words it."""
        return error(status, STATUSES.get(status, "UNKNOWN"))

    def too_many(self, seconds: int) -> ScriptedReply:
        """Come back after so many seconds."""
        return too_many(seconds)

    def no_more_today(self) -> ScriptedReply:
        """The quota of a day is used up."""
        return too_many(20, quota="GenerateRequestsPerDayPerProject")

    def refused_key(self) -> ScriptedReply:
        """The key is none."""
        return error(400, "API_KEY_INVALID")

    def nothing(self) -> ScriptedReply:
        """A body of the right shape with nothing in it."""
        return raw({"candidates": []})

    def of_kind(self, kind: str) -> list[Call]:
        return [call for call in self.calls if call.kind == kind]

    def _body_of(self, _handler: BaseHTTPRequestHandler, data: bytes) -> dict[str, Any]:
        return dict(json.loads(data))

    def _reply_to(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        begun = time.monotonic()
        call = self._judged(handler, body)
        with self._lock:
            self.calls.append(call)
            script = self.next_up.pop(0) if self.next_up and not call.refusal else None
        if call.refusal:
            made = call.refusal
        elif call.model in self.gone:
            made = self.failure(404)
        elif isinstance(script, ScriptedReply):
            made = script
        else:
            made = (script or (self.hear if call.kind == "hear" else self.rate))(call)
        time.sleep(max(made.latency - (time.monotonic() - begun), 0))  # its own looking included
        _send(handler, made)

    def _judged(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> Call:
        """What the real one would refuse or charge for, and what we promise never to send."""
        keys = handler.headers.get_all("x-goog-api-key") or []
        model = handler.path.rsplit("/", 1)[-1].partition(":")[0]
        config = body.get("generationConfig", {})
        instruction = body.get("systemInstruction") or body.get("system_instruction") or {}
        texts, seconds, kind, data = [], 0.0, "rate", b""
        for part in [part for content in body["contents"] for part in content["parts"]]:
            sound = part.get("inlineData") or part.get("inline_data")
            if sound is None:
                texts.append(part["text"])
                continue
            kind = "hear"
            self._require(
                (sound.get("mimeType") or sound.get("mime_type")) in LISTED, "type on no list"
            )
            data = base64.urlsafe_b64decode(sound["data"] + "==")
            seconds = _seconds(data)
            self._require(seconds > 0, "sound that decodes")
        self._require(keys == [self.key], "one key, in the header")
        self._require("key=" not in handler.path, "no key in the address")
        self._require(handler.path.endswith(":generateContent"), handler.path)
        self._require(bool(config.get("responseJsonSchema")), "a schema")
        self._require(config.get("temperature") == 0, "temperature 0")
        self._require(0 < config.get("maxOutputTokens", 0) <= 8192, "capped output")
        self._require("thinkingConfig" in config, "capped thinking")
        words = "".join(part["text"] for part in instruction.get("parts", []))
        port = handler.client_address[1]
        return Call(model, kind, words, texts, seconds, config, data, port)

    def _require(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(what)


def _seconds(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as source:
        return sum(frame.samples / frame.sample_rate for frame in source.decode(audio=0))


def _send(handler: BaseHTTPRequestHandler, made: ScriptedReply) -> None:
    if made.reset:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
        return
    try:
        handler.send_response(made.status)
        handler.send_header("Content-Type", made.content_type)
        handler.send_header("Content-Length", str(len(made.body)))
        for name, value in made.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if not made.drip:
            handler.wfile.write(made.body)
        for byte in made.body if made.drip else b"":
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(made.drip)
    except OSError:
        pass  # who asked has gone
