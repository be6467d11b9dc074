"""What all ears have to hold to: one class of tests that each of `OPIC_ADAPTERS` passes.

New ears get a class below: their name and their class. Those that ask a model are a
`ModelEarsContract` with a server of that kind on loopback.
"""

import copy
import dataclasses
import logging
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from unittest import TestCase, mock

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from accounts.consents import ConsentMissingError
from scoring.adapter_error import AdapterError
from scoring.ears import local
from scoring.ears.base import Ears, Heard, HearingJob, get_ears
from scoring.ears.gemini import GeminiEars
from scoring.ears.local import LocalEars
from scoring.ears.local_child import Child
from scoring.ears.openai_compatible import OpenAiCompatibleEars
from scoring.reasons import Reason
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import FakeGemini, scripted_reply
from tests.openai_compatible.server import FakeOpenAiCompatible
from tests.openai_compatible.transcription import FakeTranscription, written
from tests.scoring.ears import cases
from tests.scoring.gemini_case import settings_of
from tests.scoring.recorders import Recorder
from tests.scoring.spoken import SECONDS, spoken

ROW = example("past-im2-a")


class EarsContract(ABC):
    """Mixed into a test case for all ears; the own class says how they are set up."""

    name: str
    kind: type[Ears]

    @abstractmethod
    def break_down(self) -> None:
        """Make whoever hears fail from now on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sound, measures = spoken()
        cls.job = HearingJob("1", measures)

    def setUp(self):
        cache.clear()

    def heard(self, job: HearingJob | None = None) -> Heard:
        return self.kind().hear(job or self.job, self.sound)

    def refused(self, job: HearingJob | None = None) -> AdapterError:
        """The error of a call that must not work."""
        with pytest.raises(AdapterError) as caught:
            self.heard(job)
        return caught.value

    def test_they_are_those_that_the_setting_names(self):
        path = settings.OPIC_ADAPTERS["ears"][self.name]
        assert path == f"{self.kind.__module__}.{self.kind.__qualname__}"
        assert self.kind().name == self.name
        assert self.kind().version

    def test_what_they_take_stays_as_it_was(self):
        before = copy.deepcopy(self.job.measures)
        self.heard()
        assert self.job.measures == before

    def test_what_was_heard_is_words_and_can_be_kept(self):
        heard = self.heard()
        assert heard.transcript
        assert heard.is_whole
        assert heard.model
        again = Heard.from_dict(
            heard.as_dict(), model=heard.model, version=heard.instruction_version
        )
        assert again == heard
        stretches = heard.details["stretches"]
        assert " ".join(row["text"] for row in stretches) == heard.transcript
        for row in heard.details.get("words", []):
            text, start, end, probability = row
            assert text
            assert 0 <= start <= end <= SECONDS + 1
            assert 0 <= probability <= 1

    def test_nothing_is_judged(self):
        assert "level" not in str(self.heard().as_dict()).lower()

    def test_values_are_frozen(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            self.heard().transcript = "other"

    def test_who_breaks_down_may_be_tried_again(self):
        self.break_down()
        error = self.refused()
        assert error.retry
        assert error.after_seconds > 0


class ModelEarsContract(EarsContract):
    """What holds for all ears that ask a model, whoever's it is."""

    fake_kind: type[FakeGemini]
    hears = staticmethod(hears)

    def setUp(self):
        super().setUp()
        self.fake = self.fake_kind(self.hears(ROW["transcript"]), rates(ROW))
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        chosen = override_settings(**settings_of(self.fake), OPIC_VENDOR_SECONDS=2)
        chosen.enable()
        self.addCleanup(chosen.disable)
        self.recorder = Recorder()
        self.recorded = dataclasses.replace(self.job, usage_recorder=self.recorder)

    def break_down(self) -> None:
        self.fake.hear = lambda _call: self.fake.failure(503)

    def test_whoever_is_down_is_the_vendor(self):
        self.break_down()
        assert self.refused().is_vendor

    def test_every_call_is_recorded_with_what_it_used(self):
        self.heard(self.recorded)
        [call] = self.recorder.calls
        assert (call["kind"], call["outcome"]) == ("hear", "ok")
        assert call["model"]

    def test_a_reply_that_breaks_off_may_be_tried_again(self):
        for broken in ("{", "", "[1]", '{"stretches": 3}'):
            self.fake.calls.clear()
            self.fake.hear = lambda call, broken=broken: scripted_reply(broken, call=call)
            error = self.refused()
            assert (error.retry, error.is_vendor) == (True, False)
            assert len(self.fake.calls) == 2

    def test_more_words_than_the_sound_holds_are_left_to_a_person(self):
        self.fake.hear = self.hears("And then we went home and slept. " * 60)
        error = self.refused()
        assert (error.retry, error.reason) == (False, Reason.WORDS)

    def test_nothing_is_sent_where_the_recorder_refuses(self):
        job = dataclasses.replace(self.job, usage_recorder=Recorder(refuses=True))
        with pytest.raises(ConsentMissingError):
            self.heard(job)
        assert self.fake.calls == []

    def test_no_log_and_no_error_holds_the_key_or_what_was_said(self):
        self.fake.key = "sk-very-secret"
        with (
            override_settings(**settings_of(self.fake)),
            self.assertLogs(level=logging.DEBUG) as logs,
        ):
            logging.getLogger(__name__).info("begin")
            self.heard()
            self.fake.hear = lambda _call: self.fake.refused_key()
            texts = [str(self.refused()), *(line.getMessage() for line in logs.records)]
        for text in texts:
            assert "very-secret" not in text
            assert ROW["transcript"][:20] not in text


class ChattingEarsContract(ModelEarsContract):
    """What holds for ears of models that chat on top: they count tokens, and may refuse."""

    def test_every_call_says_what_it_used(self):
        self.heard(self.recorded)
        [call] = self.recorder.calls
        assert abs(call["usage"].audio - 32 * SECONDS) < 20
        assert call["usage"].text > 100

    def test_what_a_model_refuses_is_left_to_a_person_at_once(self):
        self.fake.hear = lambda call: scripted_reply("", call=call, finish="SAFETY")
        error = self.refused()
        assert (error.retry, error.reason) == (False, Reason.REFUSED)
        assert len(self.fake.calls) == 1

    def test_a_model_that_counted_no_sound_heard_none(self):
        self.fake.hear = hears(ROW["transcript"], audio_tokens=0)
        error = self.refused()
        assert (error.retry, error.is_vendor) == (True, False)


class GeminiEarsContractTests(ChattingEarsContract, TestCase):
    name = "gemini"
    kind = GeminiEars
    fake_kind = FakeGemini


class OpenAiCompatibleEarsContractTests(ChattingEarsContract, TestCase):
    name = "openai"
    kind = OpenAiCompatibleEars
    fake_kind = FakeOpenAiCompatible


class LocalEarsContractTests(EarsContract, TestCase):
    """With a child that follows a script: tests/scoring/ears/test_real.py has the real one."""

    name = "local"
    kind = LocalEars

    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.case = cases.Case(folder, [cases.speaks("I", "walk", "home.", start=0.6)])
        self.enterContext(override_settings(OPIC_LOCAL_EARS=str(folder)))
        self.enterContext(mock.patch.object(local, "PROGRAM", cases.FAKE))
        self.children: list[local.Child] = []
        self.enterContext(mock.patch.object(local, "Child", self.started))
        self.addCleanup(lambda: [child.end() for child in self.children])

    def started(self, *given, **named):
        self.children.append(Child(*given, **named))
        return self.children[-1]

    def break_down(self) -> None:
        self.case.follow([{"die": 9}])


class TranscriptionEarsContractTests(ModelEarsContract, TestCase):
    name = "openai"
    kind = OpenAiCompatibleEars
    fake_kind = FakeTranscription
    hears = staticmethod(written)


def test_none_hears_nothing():
    assert get_ears("none") is None
