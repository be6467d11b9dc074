"""What is sent to a server of the chat-completions protocol: forms, sound, the key."""

import logging
import time
from dataclasses import replace
from unittest import mock

import pytest
from django.test import override_settings

from scoring.adapter_error import AdapterError
from scoring.audio import codec
from scoring.ears.base import Heard, HearingJob
from scoring.ears.openai_compatible import OpenAiCompatibleEars
from scoring.model_clients.base import ModelError
from scoring.model_clients.openai_compatible import OpenAiCompatibleClient
from scoring.raters.openai_compatible import OpenAiCompatibleRater
from tests.gemini.scripts import hears, rates
from tests.gemini.server import ScriptedReply, raw
from tests.openai_compatible.server import (
    DEAF,
    failure,
)
from tests.scoring.gemini_case import PAST, SOUND
from tests.scoring.model_clients.server_case import HEAR, TEXT, WAV, ServerCase
from tests.scoring.raters.snapshots import JOB

HEARING = HearingJob(JOB.response_id, JOB.measures)


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
        ears, rater = OpenAiCompatibleEars(), OpenAiCompatibleRater()
        sound = codec.Sound(SOUND)
        for _ in range(3):
            with pytest.raises(AdapterError, match="the model does not take sound") as caught:
                ears.hear(HEARING, sound)
            assert caught.value.is_vendor
            assert caught.value.after_seconds > 500
        assert len(self.fake.of_kind("hear")) == 1
        assert rater.rate(JOB, Heard(PAST["transcript"])).level


class UncountedSoundTests(ServerCase):
    OPTIONS = {"counts": "tokens"}

    def test_a_server_that_does_not_count_sound_is_believed(self):
        job = replace(HEARING, measures={**JOB.measures, "speech_seconds": 60.0})
        for counts in ("tokens", "nothing"):
            self.fake.counts = counts
            heard = OpenAiCompatibleEars().hear(job, codec.Sound(SOUND))
            assert heard.transcript.startswith(PAST["transcript"][:20])
        self.fake.counts = "sound"
        self.fake.hear = hears(PAST["transcript"], audio_tokens=0)
        with pytest.raises(AdapterError, match="counted none"):
            OpenAiCompatibleEars().hear(job, codec.Sound(SOUND))
