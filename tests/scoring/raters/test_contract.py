"""What every rater has to hold to: one class of tests that each of `OPIC_ADAPTERS` passes.

A new rater gets a class below: its name, its class and, where somebody outside is asked, `broken`.
"""

import copy
import dataclasses
from contextlib import AbstractContextManager, nullcontext
from unittest import TestCase

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from scoring.audio import codec
from scoring.audio.measures import measure
from scoring.raters.base import Feedback, Heard, Rater, RaterError, RatingJob
from scoring.raters.fluency import FluencyRater
from scoring.raters.gemini import GeminiRater
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import FakeGemini, error
from tests.scoring import recordings

ROW = example("past-im2-a")
SECONDS = 24


class RaterContract:
    """Mixed into a test case for each rater; its own class says how it is set up."""

    name: str
    kind: type[Rater]

    def broken(self) -> AbstractContextManager[object] | None:
        """Whoever is asked is down; None where nobody is asked."""
        return None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = codec.canonical([recordings.as_container(recordings.speech(SECONDS))]).data
        cls.sound = codec.Sound(data)
        measures = measure(cls.sound.samples).as_dict()
        cls.job = RatingJob(
            response_id="1",
            item_type=ROW.get("item_type", "PAST"),
            prompt_text="Tell me about a trip you remember.",
            measures=measures,
            probes_advanced=True,
            secret="mark",
        )

    def setUp(self):
        cache.clear()

    def both(self) -> tuple[Heard | None, Feedback]:
        """What this rater hears and gives; asked for once a class."""
        if "made" not in vars(type(self)):
            rater = self.kind()
            heard = rater.hear(self.job, self.sound)
            type(self).made = heard, rater.rate(self.job, heard)
        return self.made

    def test_it_is_the_one_that_the_setting_names(self):
        path = settings.OPIC_ADAPTERS["rater"][self.name]
        assert path == f"{self.kind.__module__}.{self.kind.__qualname__}"
        assert self.kind().name == self.name

    def test_what_it_takes_stays_as_it_was(self):
        before = copy.deepcopy(self.job.measures)
        rater = self.kind()
        heard = rater.hear(self.job, self.sound)
        copied = heard and copy.deepcopy(heard.as_dict())
        rater.rate(self.job, heard)
        assert self.job.measures == before
        assert (heard and heard.as_dict()) == copied

    def test_what_was_heard_is_words_or_nothing_and_can_be_kept(self):
        heard, _feedback = self.both()
        if heard is not None:
            assert heard.transcript
            again = Heard.from_dict(
                heard.as_dict(), model=heard.model, version=heard.instruction_version
            )
            assert again == heard

    def test_a_measure_has_a_band_and_no_level_and_a_rating_has_a_range(self):
        heard, feedback = self.both()
        assert feedback.kind == ("measure" if heard is None else "rating")
        if feedback.kind == "measure":
            assert 1 <= feedback.band_low <= feedback.band_high <= 9
            assert (feedback.level, feedback.level_low, feedback.level_high) == (None, None, None)
        else:
            assert 1 <= feedback.level_low <= feedback.level <= feedback.level_high <= 9
            assert (feedback.band_low, feedback.band_high) == (None, None)
            assert feedback.sureness in {"quite", "fairly", "not"}
            assert 0 <= feedback.points <= 100

    def test_it_says_what_it_was_made_with(self):
        _heard, feedback = self.both()
        assert feedback.versions
        assert all(feedback.versions.values())

    def test_values_are_frozen(self):
        _heard, feedback = self.both()
        with pytest.raises(dataclasses.FrozenInstanceError):
            feedback.level = 9

    def test_whoever_is_down_is_one_error_that_may_be_tried_again(self):
        context = self.broken()
        if context is None:
            # nobody is asked, so nothing stands behind the embedded one
            assert self.name == "fluency"
            return
        with context, pytest.raises(RaterError) as caught:
            self.kind().hear(self.job, self.sound)
        assert caught.value.is_vendor
        assert caught.value.retry
        assert caught.value.after_seconds > 0


class FluencyContractTests(RaterContract, TestCase):
    name = "fluency"
    kind = FluencyRater


class GeminiContractTests(RaterContract, TestCase):
    name = "gemini"
    kind = GeminiRater

    def setUp(self):
        super().setUp()
        self.fake = FakeGemini(hears(ROW["transcript"]), rates(ROW))
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        chosen = override_settings(
            GEMINI_API_KEY=self.fake.key,
            GEMINI_API_ENDPOINT=self.fake.url,
            OPIC_VENDOR_SECONDS=2,
        )
        chosen.enable()
        self.addCleanup(chosen.disable)

    def broken(self) -> AbstractContextManager[object]:
        self.fake.hear = lambda _call: error(503, "UNAVAILABLE")
        return nullcontext()


def test_every_rater_there_is_passes_these():
    tested = {case.name for case in RaterContract.__subclasses__()}
    assert tested == set(settings.OPIC_ADAPTERS["rater"])
