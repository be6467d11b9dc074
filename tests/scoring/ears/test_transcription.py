"""Ears behind a server of the transcription protocol, whatever of it that server gives."""

import json
import math
import random
from unittest import TestCase

import pytest
from django.core.cache import cache
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.adapter_error import AdapterError
from scoring.ears.base import Heard, HearingJob
from scoring.ears.openai_compatible import OpenAiCompatibleEars
from scoring.ears.transcription import LEAST_SURE, Transcription, TranscriptionEars
from scoring.levels.word_lists import tokens
from scoring.model_clients.replies import MalformedError, read
from tests.gemini.scripts import example
from tests.gemini.server import ScriptedReply, raw
from tests.openai_compatible.transcription import FakeTranscription, transcription, written
from tests.scoring.gemini_case import settings_of
from tests.scoring.spoken import SECONDS, spoken

TEXT = example("past-im2-a")["transcript"]


class TranscriptionCase(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sound, measures = spoken()
        cls.job = HearingJob("1", measures)

    def setUp(self):
        cache.clear()
        self.fake = FakeTranscription(written(TEXT), written(TEXT))
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        chosen = override_settings(**settings_of(self.fake), OPIC_VENDOR_SECONDS=2)
        chosen.enable()
        self.addCleanup(chosen.disable)

    def heard(self, script=None) -> Heard:
        if script is not None:
            self.fake.hear = script
        return OpenAiCompatibleEars().hear(self.job, self.sound)

    def error(self, script) -> AdapterError:
        with pytest.raises(AdapterError) as caught:
            self.heard(script)
        return caught.value


class HearTests(TranscriptionCase):
    def test_words_come_with_times_and_the_servers_probability(self):
        heard = self.heard()
        assert heard.transcript == TEXT
        assert (heard.model, heard.language) == ("small-ears", "english")
        words = heard.details["words"]
        assert [row[0] for row in words] == TEXT.split()
        assert all(row[3] == 0.9 for row in words)

    def test_words_without_punctuation_get_that_of_the_text_and_the_sureness_of_their_segment(self):
        heard = self.heard(written(TEXT, has_probability=False))
        assert heard.transcript == TEXT
        assert {row[3] for row in heard.details["words"]} == {round(math.exp(-0.25), 3)}

    def test_without_any_probability_no_word_is_sure_or_unsure(self):
        heard = self.heard(written(TEXT, has_probability=False, segments=[]))
        assert {row[3] for row in heard.details["words"]} == {LEAST_SURE}

    def test_segments_alone_give_times_of_segments(self):
        heard = self.heard(written(TEXT, words=[]))
        assert heard.transcript == TEXT
        assert [row["at"] for row in heard.details["stretches"]] == [0.0]
        assert "words" not in heard.details

    def test_a_text_alone_is_taken_without_times(self):
        heard = self.heard(lambda _call: raw({"text": TEXT}))
        assert heard.transcript == TEXT
        assert heard.details["stretches"][0]["at"] is None

    def test_times_that_cannot_be_are_not_used(self):
        later = transcription(TEXT, SECONDS, has_probability=True)["words"]
        for words in (
            [{**row, "end": row["end"] + 1000} for row in later],
            [{**row, "start": "soon"} for row in later],
            later[::-1],
            later[:-1],
            [{**row, "word": "other"} for row in later],
        ):
            heard = self.heard(written(TEXT, words=words))
            assert heard.transcript == TEXT
            assert "words" not in heard.details

    def test_nothing_heard_is_told(self):
        heard = self.heard(written(""))
        assert (heard.transcript, heard.language) == ("", "none")

    def test_another_server_or_model_is_another_version(self):
        versions = {TranscriptionEars().version}
        for change in ({"OPIC_EARS_MODEL": "other"}, {"OPIC_EARS_URL": "https://b.example/v1"}):
            with override_settings(**change):
                versions.add(OpenAiCompatibleEars().version)
        assert len(versions) == 3
        assert all(len(one) <= 20 for one in versions)

    def test_bodies_that_are_no_reply_are_asked_for_once_more(self):
        for body in (b"", b"[]", b"{}", b'{"text": 3', b"<html>"):
            self.fake.calls.clear()
            error = self.error(lambda _call, body=body: ScriptedReply(200, body))
            assert (error.retry, error.is_vendor) == (True, False)
            assert len(self.fake.calls) == 2

    def test_an_unknown_model_is_the_operators_and_waits_long(self):
        with override_settings(OPIC_EARS_MODEL="unknown"):
            error = self.error(None)
        assert (error.is_vendor, error.after_seconds) == (True, 600)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=150)
@given(st.fixed_dictionaries({"text": VALUES, "words": VALUES, "segments": VALUES}), st.integers())
def test_any_reply_is_heard_or_is_malformed(body, seed):
    """Nothing else is raised, words are those of the text, and times lie in the recording."""
    chance = random.Random(seed)
    whole = transcription("We went home. Then we slept.", 5.0, has_probability=True)
    name = chance.choice(["text", "words", "segments"])
    for made in (body, {**whole, name: body[name]}):
        try:
            given_text = json.dumps(made)
            read_ = read(given_text, Transcription)
        except MalformedError:
            continue
        heard = TranscriptionEars()._heard(read_, 5.0, "m")
        assert tokens(heard.transcript) == tokens(read_.text)
        for _text, start, end, probability in heard.details.get("words", []):
            assert 0 <= start <= end <= 6.0
            assert 0 <= probability <= 1
