"""What servers of the chat-completions protocol reply, each on loopback over the true wire."""

import gzip
import json
import random
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import SimpleTestCase, override_settings

from scoring.model_clients import openai_compatible
from scoring.model_clients.base import ModelError
from scoring.model_clients.server import Received
from tests.gemini.server import ScriptedReply, raw
from tests.openai_compatible.server import (
    completion,
    content_reply,
    failure,
)
from tests.scoring.model_clients.server_case import ASK, HEAR, TEXT, ServerCase


class ReplyTests(ServerCase):
    def test_shapes_of_content(self):
        whole = [{"type": "text", "text": '{"a":'}, {"type": "text", "text": " 1}"}]
        for content in (TEXT, whole, [{"type": "reasoning", "content": "?"}, *whole, None]):
            assert json.loads(self.replied(content_reply(content)).text) == {"a": 1}

    def test_thoughts_are_left_out(self):
        for text in (
            f"<think>Is it {{}}?\nNo.</think>\n{TEXT}",
            f"Is it {{'b': 2}}? No.\n</think>\n\n{TEXT}",
            f"<thinking>{TEXT.replace('1', '2')}</thinking>{TEXT}",
        ):
            assert json.loads(self.replied(content_reply(text)).text) == {"a": 1}
        spoken = '{"a": "she said </think> to me"}'
        assert self.replied(content_reply(spoken)).text == spoken
        for name in ("reasoning_content", "reasoning"):
            message = {"role": "assistant", "content": TEXT, name: '{"a": 2}'}
            assert self.replied(raw(completion(message))).text == TEXT

    def test_thoughts_alone_are_no_reply(self):
        assert self.error_of(content_reply("<think>Well</think> ")).kind == "empty"
        message = {"role": "assistant", "content": None, "reasoning_content": TEXT}
        assert self.error_of(raw(completion(message))).kind == "empty"

    def test_a_refusal_is_one(self):
        message = {"role": "assistant", "content": None, "refusal": "I cannot."}
        assert self.error_of(raw(completion(message))).kind == "blocked"
        parts = [{"type": "refusal", "refusal": "I cannot."}]
        assert self.error_of(content_reply(parts)).kind == "blocked"
        assert self.error_of(content_reply("", finish="content_filter")).kind == "blocked"
        assert self.error_of(content_reply(TEXT, finish="content_filter")).kind == "blocked"

    def test_how_it_ended(self):
        for finish in ("stop", None, "eos", ""):
            assert self.replied(content_reply(TEXT, finish=finish)).text == TEXT
        assert self.error_of(content_reply(TEXT, finish="length")).kind == "cut"

    def test_bodies_that_are_no_reply(self):
        stream = b'data: {"choices":[{"delta":{"content":"{}"}}]}\n\ndata: [DONE]\n\n'
        for made in (
            ScriptedReply(200, stream, "text/event-stream"),
            ScriptedReply(200, b"<html>Sign in</html>", "text/html"),
            ScriptedReply(200, b""),
            ScriptedReply(200, b"null"),
            ScriptedReply(200, b"[" * 100_000),
            ScriptedReply(200, b"\xff\xfe"),
            ScriptedReply(
                200,
                gzip.compress(json.dumps(completion({"content": TEXT})).encode()),
                headers={"Content-Encoding": "gzip"},
            ),
            raw({"error": "out of memory"}),
            raw({"choices": None}),
            raw({"choices": {"0": 1}}),
            raw({"choices": [None]}),
            raw({"choices": [{"message": None}]}),
            raw({"choices": [{"message": {"content": 7}}]}),
            raw({"choices": [{"message": {"content": [{"text": 7}, 3]}}]}),
            raw({**completion({"content": TEXT}), "padding": "x" * 5_000_000}),
        ):
            assert self.error_of(made).kind == "empty", made.body[:80]

    def test_an_error_with_200_is_that_error(self):
        error = raw({"error": {"code": 429, "message": "upstream is busy"}})
        assert self.error_of(error).kind == "busy"


class UsageTests(ServerCase):
    def usage_of(self, usage, ask=ASK):
        reply = self.replied(content_reply(TEXT, usage=usage), ask)
        return reply.usage, reply.counts_sound

    def test_tokens_as_they_are_counted(self):
        usage, counts_sound = self.usage_of(
            {
                "prompt_tokens": 900,
                "completion_tokens": 300,
                "prompt_tokens_details": {"audio_tokens": 700},
                "completion_tokens_details": {"reasoning_tokens": 100},
            }
        )
        assert (usage.audio, usage.text, usage.output, usage.thought) == (700, 200, 200, 100)
        assert counts_sound

    def test_what_is_absent_or_nonsense_counts_nothing(self):
        for usage in (
            None,
            {},
            "many",
            {"prompt_tokens": None, "completion_tokens": "3", "prompt_tokens_details": None},
            {"prompt_tokens": -3, "prompt_tokens_details": {"audio_tokens": None}},
            {"prompt_tokens": 10**30, "prompt_tokens_details": {"cached_tokens": 0}},
        ):
            counted, counts_sound = self.usage_of(usage)
            assert (counted.audio, counted.text, counted.output, counted.thought) == (0, 0, 0, 0)
            assert not counts_sound


class RefusalTests(ServerCase):
    def test_what_an_operator_has_to_put_right(self):
        for status, body, kind in (
            (404, {"error": {"message": "model 'tiny' not found, try pulling it"}}, "gone"),
            (400, {"error": "model `tiny` does not exist"}, "gone"),
            (404, {"detail": "Not Found"}, "gone"),
            (401, {"error": {"message": "no"}}, "key"),
            (403, {"detail": "Forbidden"}, "key"),
            (402, {"error": {"message": "Insufficient credits"}}, "day_quota"),
            (429, {"error": {"code": "insufficient_quota", "message": "x"}}, "day_quota"),
        ):
            error = self.error_of(raw(body, status))
            assert error.kind == kind, body
            assert error.after_seconds >= 600

    def test_what_may_pass(self):
        for made, kind, after in (
            (failure(429), "busy", 30),
            (failure(429, **{"Retry-After": "7"}), "busy", 7),
            (failure(429, **{"Retry-After": "soon"}), "busy", 30),
            (failure(429, **{"Retry-After": "-7"}), "busy", 30),
            (failure(429, **{"Retry-After": "9" * 400}), "busy", 86_400),
            (failure(503, "Loading model", **{"Retry-After": "12"}), "busy", 12),
            (failure(503, "unavailable"), "down", 30),
            (failure(500, "internal"), "down", 30),
            (ScriptedReply(502, b"<html>Bad gateway</html>", "text/html"), "down", 30),
            (ScriptedReply(524, b""), "down", 30),
            (failure(408), "timeout", 30),
            (ScriptedReply(reset=True), "unreachable", 30),
        ):
            error = self.error_of(made)
            assert (error.kind, error.after_seconds) == (kind, after), made.headers

    def test_a_date_says_when_to_come_back(self):
        later = datetime.now(UTC) + timedelta(seconds=90)
        for text, least, most in (
            (format_datetime(later, usegmt=True), 85, 90),
            (format_datetime(later - timedelta(hours=1), usegmt=True), 1, 1),
            (format_datetime(later + timedelta(days=9), usegmt=True), 86_400, 86_400),
            ("Fri, 99 Foo 2026 00:00:00 GMT", 30, 30),
        ):
            after = self.error_of(failure(429, **{"Retry-After": text})).after_seconds
            assert least <= after <= most, text

    def test_a_redirect_is_followed_nowhere(self):
        reached = []

        class Elsewhere(BaseHTTPRequestHandler):
            def do_POST(self):
                reached.append(self.path)

            do_GET = do_POST

            def log_message(self, *_given):
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Elsewhere)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/v1/chat/completions"
        try:
            for status in (301, 302, 303, 307, 308):
                made = ScriptedReply(status, b"", headers={"Location": url})
                assert self.error_of(made).kind == "unreachable"
        finally:
            server.shutdown()
            server.server_close()
        assert reached == []

    def test_time_is_bounded_however_a_body_comes(self):
        for made in (
            ScriptedReply(latency=4),
            ScriptedReply(body=b'{"choices": []' + b" " * 400, drip=0.02),
            ScriptedReply(500, b"{" + b" " * 400, drip=0.02),
        ):
            begun = time.monotonic()
            assert self.error_of(made).kind == "timeout"
            assert time.monotonic() - begun < 3
        assert self.asked().text == TEXT

    def test_nobody_listens(self):
        with (
            override_settings(OPIC_LLM_URL="http://127.0.0.1:9/v1"),
            pytest.raises(ModelError) as caught,
        ):
            self.asked()
        assert caught.value.kind == "unreachable"


NAMES = (
    *("choices", "message", "content", "finish_reason", "usage", "error", "code", "text", "type"),
    *("prompt_tokens", "prompt_tokens_details", "audio_tokens", "refusal", "detail"),
)
VALUES = (
    *(None, True, False, 0, 7, -1, 404, 500, 10**30, 0.5, float("nan"), "", "stop", "length"),
    *("refusal", "text", TEXT, "<think>", "</think>", "audio", "\ud800"),
)


def nonsense(chance: random.Random, depth: int = 0) -> object:
    kind = chance.random()
    if depth > 4 or kind < 0.3:
        return chance.choice(VALUES)
    if kind < 0.5:
        return [nonsense(chance, depth + 1) for _ in range(chance.randrange(3))]
    names = chance.sample(NAMES, chance.randrange(6))
    return {name: nonsense(chance, depth + 1) for name in names}


class NonsenseTests(SimpleTestCase):
    def test_any_body_is_a_reply_or_one_error(self):
        chance, kinds = random.Random(3), set()
        for _ in range(2000):
            body = {**completion({"content": nonsense(chance)}), "choices": nonsense(chance)}
            if chance.random() < 0.5:
                message = {"content": nonsense(chance), "refusal": nonsense(chance)}
                body = completion(message, finish=nonsense(chance), usage=nonsense(chance))
            body["error"] = nonsense(chance)
            data = json.dumps(body).encode()
            data = data[: chance.choice([len(data), chance.randrange(len(data))])]
            headers = {"retry-after": str(nonsense(chance))}
            ask, form = chance.choice([ASK, HEAR]), chance.choice(["json_schema", ""])
            try:
                made = Received(200, headers, data)
                kinds.add(type(openai_compatible._read(ask, made, form).text))
                status = chance.choice([204, 302, 400, 401, 404, 418, 429, 500, 503, 999])
                words = data.decode("utf-8", "replace")
                raise openai_compatible._refusal(status, headers, words, ask, form)
            except ModelError as exc:
                assert exc.after_seconds is None or 0 <= exc.after_seconds <= 86_400
                kinds.add(exc.kind)
        assert {str, "empty", "blocked", "cut", "down", "gone", "deaf", "busy"} <= kinds
