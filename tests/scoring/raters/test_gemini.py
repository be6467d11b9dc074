"""The rater that hears, against a Gemini on loopback: the real SDK, the true wire."""

import json
from unittest import mock

import pytest
from django.test import TestCase

from opic.lib.levels import Level
from scoring import tasks
from scoring.audio import codec
from scoring.models import Hearing, ModelCall, Rating, Response, Status, Waits
from scoring.raters import instruction
from tests.factories import make_prompt, make_sample
from tests.gemini.scripts import hears, rates
from tests.gemini.server import error
from tests.scoring import recordings
from tests.scoring.gemini_case import PAST, SECONDS, GeminiCase


class HearAndRateTests(GeminiCase):
    def test_two_calls_make_a_level_with_evidence(self):
        response = self.rated()
        rating = response.shown_rating
        assert response.status == Status.RATED
        assert rating.kind == Rating.Kind.RATING
        assert (rating.level, rating.level_low, rating.level_high) == (
            Level.IM2,
            Level.IM1,
            Level.IM2,
        )
        assert 0 < rating.points < 100
        assert rating.sureness in {"quite", "fairly", "not"}
        assert set(rating.criteria) == {
            "functions",
            "content",
            "text_type",
            "comprehensibility",
            "language_control",
        }
        for row in rating.criteria.values():
            for quote in row["quotes"]:
                assert quote in rating.advice["transcript"]
        assert rating.advice["transcript"].startswith(PAST["transcript"][:30])
        assert len(rating.advice["next"]) == 2
        assert rating.versions["model"] == "gemini-3.5-flash-lite"

    def test_the_first_call_has_no_rubric_and_the_second_no_sound(self):
        self.rated()
        hear, rate = self.fake.calls
        assert (hear.kind, rate.kind) == ("hear", "rate")
        assert abs(hear.seconds - SECONDS) < 0.5
        request = hear.instruction + " ".join(hear.texts)
        assert not any(word in request.lower() for word in ("advanced", "intermediate", "rubric"))
        assert self.prompt.published.text not in request
        assert rate.seconds == 0
        assert self.prompt.published.text in rate.texts[0]

    def test_the_answer_is_delimited_data(self):
        self.rated()
        text = self.fake.of_kind("rate")[0].texts[0]
        block = text.split("<<answer ")[1]
        mark = block.split(">>")[0]
        inside = block.split(">>\n", 1)[1].split(f"\n<<end {mark}>>")[0]
        assert json.loads(inside) == Rating.objects.get(kind="rating").advice["transcript"]

    def test_every_call_and_its_cost_is_recorded(self):
        response = self.rated()
        hear, rate = ModelCall.objects.order_by("pk")
        assert [hear.kind, rate.kind] == ["hear", "rate"]
        assert hear.audio_tokens == pytest.approx(32 * SECONDS, abs=20)
        assert all(call.outcome == "ok" and call.cost_microdollars > 0 for call in (hear, rate))
        expected = 0.30 * (hear.audio_tokens + hear.text_tokens) + 2.50 * hear.output_tokens
        assert hear.cost_microdollars == pytest.approx(expected, abs=1)
        response.delete()
        self.person.delete()
        assert ModelCall.objects.filter(person=None, response=None).count() == 2

    def test_a_retry_hears_only_once(self):
        self.fake.next_up = [self.fake.hear, error(503, "UNAVAILABLE")]
        response = self.rated()
        assert (response.status, response.waits_for) == (Status.UPLOADED, Waits.VENDOR)
        assert Hearing.objects.filter(response=response).count() == 1
        assert self.due_again(response).status == Status.RATED
        assert [call.kind for call in self.fake.calls] == ["hear", "rate", "rate"]

    def test_the_same_sound_again_asks_nobody(self):
        first = self.rated(self.submitted(audio_sha256="a" * 64))
        second = self.rated(self.submitted(audio_sha256="a" * 64))
        assert len(self.fake.calls) == 2
        assert second.status == Status.RATED
        for name in ("level", "points", "criteria", "advice"):
            same = getattr(first.shown_rating, name)
            assert getattr(second.shown_rating, name) == same

    def test_another_language_for_feedback_is_another_result(self):
        self.rated(self.submitted(audio_sha256="b" * 64))
        self.person.language = "ko"
        self.person.save()
        self.rated(self.submitted(audio_sha256="b" * 64))
        assert len(self.fake.of_kind("rate")) == 2
        assert "Feedback language: Korean" in self.fake.of_kind("rate")[-1].texts[0]

    def test_a_name_that_is_gone_means_the_next_one(self):
        self.fake.gone = {"gemini-3.5-flash-lite"}
        response = self.rated()
        assert response.shown_rating.versions["model"] == "gemini-3.8-flash"
        assert ModelCall.objects.filter(outcome="gone").count() == 2

    def test_run_twice_it_is_rated_and_paid_once(self):
        response = self.submitted()
        tasks.rate_response(str(response.pk))
        tasks.rate_response(str(response.pk))
        assert Rating.objects.filter(response=response).count() == 1
        assert len(self.fake.calls) == 2

    def test_nobody_hears_silence(self):
        silence = codec.canonical([recordings.as_container(recordings.silence(6))]).data
        response = self.rated(self.submitted(silence))
        assert (response.status, response.reason) == (Status.UNRATABLE, "not_heard")
        assert self.fake.calls == []

    def test_what_is_not_english_or_not_speech_says_so(self):
        for language, reason in (
            ("none", "not_heard"),
            ("other", "wrong_language"),
            ("mixed", "wrong_language"),
        ):
            text = "" if language == "none" else "저는 서울에 살아요"
            self.fake.hear = hears(text, language=language)
            response = self.rated()
            assert (response.status, response.reason) == (Status.UNRATABLE, reason)
        assert self.fake.of_kind("rate") == []

    def test_too_few_words_are_no_level(self):
        self.fake.hear = hears("Um, my house.")
        response = self.rated()
        assert (response.status, response.reason) == (Status.UNRATABLE, "too_short")

    def test_words_nobody_said_are_no_transcript(self):
        self.fake.hear = hears("And then we went home and slept. " * 60)
        response = self.rated()
        assert (response.status, response.needs_person) == (Status.MEASURED, True)
        assert response.reason == "words"
        assert not Hearing.objects.filter(response=response).exists()
        assert len(self.fake.calls) == 2

    def test_nothing_but_the_question_gets_no_level_and_costs_no_judging(self):
        question = self.prompt.latest.text
        self.fake.hear = hears(question)
        response = self.rated()
        assert (response.status, response.reason) == (Status.UNRATABLE, "only_question")
        assert not self.fake.of_kind("rate")

    def test_a_nul_in_what_was_heard_breaks_nothing(self):
        text = self.ROW["transcript"].replace("Um", "U\x00m", 1)
        self.fake.hear = hears(text)
        assert self.rated().status == Status.RATED
        assert "\x00" not in Hearing.objects.get().heard["transcript"]

    def test_a_retake_never_counts_as_recited(self):
        self.rated()
        self.fake.rate = rates(self.ROW, recited=True)
        Response.objects.update(measures={**Response.objects.get().measures})
        with mock.patch("scoring.raters.validation._never_plans", return_value=True):
            assert not self.rated().shown_rating.is_weak
            self.prompt = make_prompt(item_type="PAST")
            assert self.rated().shown_rating.is_weak

    def test_an_unexpected_fault_gives_the_answer_back_and_spends_a_try(self):
        with mock.patch("scoring.raters.validation.feedback_from", side_effect=ZeroDivisionError):
            response = self.rated()
        assert (response.status, response.tries) == (Status.UPLOADED, 1)
        assert self.due_again(response).status == Status.RATED

    def test_a_sample_said_by_heart_is_weak_evidence(self):
        make_sample(self.prompt, self.ROW["transcript"])
        response = self.rated()
        assert response.status == Status.RATED
        assert response.shown_rating.is_weak
        assert response.shown_rating.sureness == "not"

    def test_another_answer_said_again_is_weak_and_a_retake_is_not(self):
        self.rated()
        retake = self.rated()
        assert not retake.shown_rating.is_weak
        self.prompt = make_prompt(item_type="PAST")
        elsewhere = self.rated()
        assert elsewhere.shown_rating.is_weak


class InstructionTests(TestCase):
    def test_a_call_stays_small(self):
        from scoring.raters.base import RatingJob

        for path in instruction.GRADED.glob("*.json"):
            item_type = path.stem.upper()
            job = RatingJob(
                "id", item_type, "w " * 160, {"length_seconds": 600.0}, True, "ko", ("p" * 80,) * 5
            )
            text = instruction.for_rating(item_type) + instruction.material(job, "word " * 4000)
            assert len(text) < instruction.MOST_CHARACTERS, (item_type, len(text))

    def test_no_level_is_named_to_the_model(self):
        for path in instruction.GRADED.glob("*.json"):
            words = set(instruction.for_rating(path.stem.upper()).split())
            assert not words & {"NL", "NM", "NH", "IL", "IM1", "IM2", "IM3", "IH", "AL"}
