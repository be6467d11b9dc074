"""What servers of the chat-completions protocol do, each on loopback over the true wire."""

import gzip
import json
import logging
import random
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

import pytest
from django.core.cache import cache
from django.test import SimpleTestCase, override_settings

from scoring.audio import codec
from scoring.model_clients import openai_compatible
from scoring.model_clients.base import Ask, ModelError
from scoring.model_clients.openai_compatible import OpenAiCompatibleClient
from scoring.model_clients.usage import NoUsageRecorder
from scoring.raters import schemas
from scoring.raters.base import Heard, RaterError
from scoring.raters.openai_compatible import OpenAiCompatibleRater
from tests.gemini.scripts import hears, rates
from tests.gemini.server import ScriptedReply, raw
from tests.openai_compatible.server import (
    DEAF,
    FakeOpenAiCompatible,
    completion,
    content_reply,
    failure,
)
from tests.scoring.gemini_case import PAST, SOUND, settings_of
from tests.scoring.raters.snapshots import JOB

WAV = codec.Sound(SOUND).wav()
ASK = Ask("rate", "Judge it.", ["An answer.", "And more."], schemas.RATE_SCHEMA, 512)
HEAR = Ask("hear", "Hear it.", ["Write."], schemas.HEAR_SCHEMA, 512, WAV, "audio/wav", 24.0)
TEXT = '{"a": 1}'


class ServerCase(SimpleTestCase):
    """A client of its own, and a server."""

    OPTIONS: dict[str, object] = {}

    def setUp(self):
        cache.clear()
        self.fake = FakeOpenAiCompatible(
            hears(PAST["transcript"]), lambda _call: content_reply(TEXT), **self.OPTIONS
        )
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        chosen = override_settings(**settings_of(self.fake), OPIC_VENDOR_SECONDS=2)
        chosen.enable()
        self.addCleanup(chosen.disable)
        self.model_client = OpenAiCompatibleClient()

    def asked(self, ask=ASK):
        return self.model_client.generate(ask, NoUsageRecorder())

    def replied(self, made, ask=ASK):
        self.fake.next_up = [made]
        return self.asked(ask)

    def error_of(self, made, ask=ASK) -> ModelError:
        with pytest.raises(ModelError) as caught:
            self.replied(made, ask)
        return caught.value

    def forms(self):
        sent = [call.config.get("response_format", {}) for call in self.fake.calls]
        return [form.get("type", "") for form in sent]


class RequestTests(ServerCase):
    def test_text_is_sent_as_text(self):
        assert self.asked().text == TEXT
        [call] = self.fake.calls
        assert call.config["messages"][1]["content"] == "An answer.\nAnd more."
        assert call.config["max_tokens"] == 512
        assert call.instruction == "Judge it."

    def test_sound_is_sent_as_wav_before_the_text(self):
        self.asked(HEAR)
        [call] = self.fake.calls
        kinds = [part["type"] for part in call.config["messages"][1]["content"]]
        assert kinds == ["input_audio", "text"]
        assert call.seconds == pytest.approx(24, abs=0.5)
        assert call.sound == WAV

    def test_a_server_without_a_key_gets_none(self):
        self.fake.key = ""
        with override_settings(OPIC_LLM_KEY=""):
            assert self.asked().text == TEXT

    def test_no_proxy_is_asked(self):
        # a client of its own: one is kept for each key
        self.fake.key = "proxied"
        nobody = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}
        with self.settings(OPIC_LLM_KEY="proxied"), mock.patch.dict("os.environ", nobody):
            assert self.asked().text == TEXT

    def test_the_key_is_in_no_log_and_no_error(self):
        self.fake.key = "sk-very-secret"
        with (
            override_settings(OPIC_LLM_KEY="sk-very-secret"),
            self.assertLogs(level=logging.DEBUG) as logs,
        ):
            logging.getLogger(__name__).info("begin")
            self.asked()
            words = "Incorrect API key provided: sk-very-secret"
            text = str(self.error_of(failure(401, words)))
        lines = [text, *(line.getMessage() for line in logs.records)]
        assert not any("very-secret" in line for line in lines)


class FormTests(ServerCase):
    def test_what_a_server_takes_is_found_and_remembered(self):
        for forms in (("json_object", ""), ("",)):
            self.fake.forms, self.fake.refused = forms, set()
            self.fake.calls.clear()
            self.model_client = OpenAiCompatibleClient()
            assert self.asked().text == TEXT
            assert self.asked().text == TEXT
            order = ["json_schema", "json_object", ""]
            first = order.index(forms[0])
            assert self.forms() == [*order[: first + 1], forms[0]]

    def test_a_server_that_refuses_for_another_reason_is_asked_as_before(self):
        for _ in range(3):
            self.fake.next_up.append(failure(400, "context length exceeded"))
        with pytest.raises(ModelError) as caught:
            self.asked()
        assert (caught.value.kind, caught.value.after_seconds) == ("refused", None)
        assert self.asked().text == TEXT
        assert self.forms() == ["json_schema", "json_object", "", "json_schema"]

    def test_a_refusal_in_any_words_leads_to_the_next_form(self):
        for status, words in (
            (422, "Unprocessable"),
            (400, ""),
            (500, "failed to parse grammar"),
            (501, "response_format is not implemented"),
        ):
            self.fake.next_up = [failure(status, words)]
            self.model_client = OpenAiCompatibleClient()
            assert self.asked().text == TEXT

    def test_a_refused_form_is_told_from_sound_though_all_is_sent_back(self):
        detail = {"loc": ["body", "response_format"], "input": {"type": "input_audio"}}
        self.fake.next_up = [raw({"detail": [detail]}, 422)]
        assert "stretches" in self.asked(HEAR).text
        assert self.forms() == ["json_schema", "json_object"]

    def test_all_forms_together_take_no_longer_than_one_call(self):
        slow = ScriptedReply(400, b"{}", latency=1.5)
        self.fake.next_up = [slow, slow, slow]
        begun = time.monotonic()
        with pytest.raises(ModelError) as caught:
            self.asked()
        assert caught.value.kind == "timeout"
        assert time.monotonic() - begun < 3


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
            ScriptedReply(200, b" " * 5_000_000),
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


class DeafTests(ServerCase):
    def test_a_model_that_takes_no_sound_is_told_from_one_that_is_down(self):
        for status, body in DEAF:
            self.fake.deaf = status, body
            with pytest.raises(ModelError) as caught:
                self.asked(HEAR)
            assert caught.value.kind == "deaf", body
            assert "the model does not take sound" in str(caught.value)
            assert self.asked().text == TEXT

    def test_its_rater_asks_no_more_to_hear_and_still_rates(self):
        self.fake.deaf = DEAF[0]
        self.fake.rate = rates(PAST)
        rater, sound = OpenAiCompatibleRater(), codec.Sound(SOUND)
        for _ in range(3):
            with pytest.raises(RaterError, match="the model does not take sound") as caught:
                rater.hear(JOB, sound)
            assert caught.value.is_vendor
            assert caught.value.after_seconds > 500
        assert len(self.fake.of_kind("hear")) == 1
        assert rater.rate(JOB, Heard(PAST["transcript"])).level


class UncountedSoundTests(ServerCase):
    OPTIONS = {"counts": "tokens"}

    def test_a_server_that_does_not_count_sound_is_believed(self):
        job = replace(JOB, measures={**JOB.measures, "speech_seconds": 60.0})
        for counts in ("tokens", "nothing"):
            self.fake.counts = counts
            heard = OpenAiCompatibleRater().hear(job, codec.Sound(SOUND))
            assert heard.transcript.startswith(PAST["transcript"][:20])
        self.fake.counts = "sound"
        self.fake.hear = hears(PAST["transcript"], audio_tokens=0)
        with pytest.raises(RaterError, match="counted none"):
            OpenAiCompatibleRater().hear(job, codec.Sound(SOUND))


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
                kinds.add(type(openai_compatible._read(ask, headers, data, form).text))
                status = chance.choice([204, 302, 400, 401, 404, 418, 429, 500, 503, 999])
                words = data.decode("utf-8", "replace")
                raise openai_compatible._refusal(status, headers, words, ask, form)
            except ModelError as exc:
                assert exc.after_seconds is None or 0 <= exc.after_seconds <= 86_400
                kinds.add(exc.kind)
        assert {str, "empty", "blocked", "cut", "down", "gone", "deaf", "busy"} <= kinds
