"""The rater that hears, against a Gemini on loopback: the real SDK, the true wire, every fault."""

import json
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings as usual
from django.core.cache import cache
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts import consents
from opic.lib.adapters import load_adapter
from opic.lib.levels import Level
from scoring import tasks
from scoring.audio import codec
from scoring.models import Hearing, ModelCall, Rating, Response, Status, Waits
from scoring.raters import instruction
from scoring.raters.gemini import GeminiRater
from tests.factories import make_prompt, make_response, make_sample, make_user
from tests.gemini.scripts import example, hears, judged, rates
from tests.gemini.server import Answer, FakeGemini, answer, error, raw, too_many
from tests.scoring import recordings

PAST = example("past-im2-a")
SECONDS = 24


def sound(seconds=SECONDS, seed=0):
    kept = codec.canonical([recordings.as_container(recordings.speech(seconds, seed))])
    return kept.data


SOUND = sound()


class GeminiSetup:
    """A person who agreed to everything, an answer of theirs, and a model that behaves."""

    ROW = PAST

    def setUp(self):
        cache.clear()
        self.fake = FakeGemini(hears(self.ROW["transcript"]), rates(self.ROW))
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        settings = override_settings(
            GEMINI_API_KEY=self.fake.key,
            GEMINI_API_ENDPOINT=self.fake.url,
            GEMINI_MODELS=["gemini-3.5-flash-lite", "gemini-3.8-flash"],
            OPIC_RATER="gemini",
            OPIC_CHOSEN={**usual.OPIC_CHOSEN, "rater": "gemini", "voice": "espeak"},
            OPIC_VENDOR_SECONDS=2,
            OPIC_DAILY_RATINGS_PER_USER=1000,
        )
        settings.enable()
        self.addCleanup(settings.disable)
        self.person = make_user()
        consents.give(self.person, ["abroad"])
        self.prompt = make_prompt(item_type=self.ROW.get("item_type", "PAST"), min_step=3)

    def submitted(self, data=SOUND, **fields):
        fields.setdefault("audio_sha256", f"{Response.objects.count():064d}")
        return make_response(
            self.person, self.prompt, sound=data, length_ms=1000 * SECONDS, **fields
        )

    def rated(self, response=None):
        """What one run of the worker leaves."""
        response = response or self.submitted()
        tasks.rate_response(str(response.pk))
        return Response.objects.select_related("shown_rating").get(pk=response.pk)

    def due_again(self, response):
        Response.objects.filter(pk=response.pk).update(not_before_at=None)
        return self.rated(response)


class GeminiCase(GeminiSetup, TestCase):
    pass


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
        told = hear.instruction + " ".join(hear.texts)
        assert not any(word in told.lower() for word in ("advanced", "intermediate", "rubric"))
        assert self.prompt.published.text not in told
        assert rate.seconds == 0
        assert self.prompt.published.text in rate.texts[0]

    def test_the_answer_is_delimited_data(self):
        self.rated()
        text = self.fake.of_kind("rate")[0].texts[0]
        block = text.split("<<answer ")[1]
        mark = block.split(">>")[0]
        inside = block.split(">>\n", 1)[1].split(f"\n<<end {mark}>>")[0]
        assert json.loads(inside) == Rating.objects.get(kind="rating").advice["transcript"]

    def test_every_call_and_its_cost_is_in_the_ledger(self):
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
        quiet = codec.canonical([recordings.as_container(recordings.silence(6))]).data
        response = self.rated(self.submitted(quiet))
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
        assert not Hearing.objects.filter(response=response).exists()
        assert len(self.fake.calls) == 2

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


def drip():
    return Answer(body=b'{"candidates": []' + b" " * 200, drip=0.05)


JUDGED = judged(PAST)
CASES = {
    # what the model does (each time it is asked to rate): what is left, and how many were asked
    "fenced JSON": (lambda: answer(f"```json\n{json.dumps(JUDGED)}\n```"), Status.RATED, 1),
    "extra keys": (lambda: answer({**JUDGED, "level": "IM4", "mood": 1}), Status.RATED, 1),
    "cut JSON": (lambda: answer(json.dumps(JUDGED)[:200]), Status.MEASURED, 2),
    "cut at the limit": (lambda: answer("{", finish="MAX_TOKENS"), Status.MEASURED, 1),
    "an unknown verdict": (
        lambda: answer({**JUDGED, "judgements": [{**JUDGED["judgements"][0], "v": "IM4"}]}),
        Status.MEASURED,
        2,
    ),
    "a level instead": (lambda: answer({"level": "IM4"}), Status.MEASURED, 2),
    "numbers as strings": (lambda: answer({**JUDGED, "points": "3"}), Status.MEASURED, 2),
    "half of the criteria": (
        lambda: answer({**JUDGED, "judgements": JUDGED["judgements"][:4]}),
        Status.MEASURED,
        2,
    ),
    "a list": (lambda: answer([1, 2, 3]), Status.MEASURED, 2),
    "prose": (lambda: answer("The speaker is IM4, I think."), Status.MEASURED, 2),
    "nothing": (lambda: answer(""), Status.MEASURED, 2),
    "no candidates": (lambda: raw({"candidates": []}), Status.MEASURED, 2),
    "a blocked question": (
        lambda: raw({"promptFeedback": {"blockReason": "SAFETY"}}),
        Status.MEASURED,
        1,
    ),
    "a blocked answer": (lambda: answer("", finish="SAFETY"), Status.MEASURED, 1),
    "a bad key": (lambda: error(403, "PERMISSION_DENIED"), Status.UPLOADED, 1),
    "an endless list": (lambda: answer("[" * 100_000), Status.MEASURED, 2),
    "429 with nonsense": (
        lambda: error(429, "RESOURCE_EXHAUSTED", [{"retryDelay": "nans", "violations": ["x"]}]),
        Status.UPLOADED,
        1,
    ),
    "a refused request": (lambda: error(400, "INVALID_ARGUMENT"), Status.MEASURED, 1),
    "429 for 54 s": (lambda: too_many(54), Status.UPLOADED, 1),
    "500": (lambda: error(500, "INTERNAL"), Status.UPLOADED, 1),
    "502 with html": (
        lambda: Answer(502, b"<html>Bad gateway</html>", "text/html"),
        Status.UPLOADED,
        1,
    ),
    "503": (lambda: error(503, "UNAVAILABLE"), Status.UPLOADED, 1),
    "a hang": (lambda: Answer(latency=3), Status.UPLOADED, 1),
    "a reset": (lambda: Answer(reset=True), Status.UPLOADED, 1),
    "a slow drip": (drip, Status.UPLOADED, 1),
}


class FaultTests(GeminiCase):
    """Every one ends in a rating, in measures that say why, or in a later try; nothing made up."""

    def test_each(self):
        for name, (made, status, asked) in CASES.items():
            with self.subTest(name):
                cache.clear()
                self.fake.calls.clear()
                self.fake.rate = lambda call, made=made: made()
                response = self.rated()
                assert response.status == status, name
                assert len(self.fake.of_kind("rate")) == asked, name
                assert response.claim_token is None
                shown = response.shown_rating
                if status == Status.RATED:
                    assert shown.level == Level.IM2
                else:
                    assert shown.kind == Rating.Kind.MEASURE
                    assert shown.level is None
                    assert shown.level_low is None
                if status == Status.UPLOADED:
                    assert response.waits_for == Waits.VENDOR
                    assert response.not_before_at > timezone.now()
                    assert response.tries == 0
                calls = ModelCall.objects.filter(response=response)
                assert not calls.filter(outcome__in=["open", "crashed"]).exists()
                assert calls.filter(kind="rate").count() == asked

    def test_what_a_model_cannot_do_a_person_should(self):
        self.fake.rate = lambda call: answer("no")
        assert self.rated().needs_person

    def test_one_clean_retry_mends_it_and_repeats_nothing_of_the_bad_reply(self):
        self.fake.next_up = [self.fake.hear, answer("```rubbish")]
        response = self.rated()
        assert response.status == Status.RATED
        first, second = self.fake.of_kind("rate")
        assert first.texts == second.texts
        assert "rubbish" not in "".join(second.texts)

    def test_zero_audio_tokens_are_a_fault_and_never_a_level(self):
        self.fake.hear = hears(PAST["transcript"], audio_tokens=0)
        response = self.rated()
        assert response.status == Status.UPLOADED
        assert not Hearing.objects.exists()
        assert response.shown_rating.kind == Rating.Kind.MEASURE

    def test_429_is_not_asked_again_before_its_time(self):
        self.fake.next_up = [too_many(54)]
        response = self.rated()
        wait = response.not_before_at - timezone.now()
        assert timedelta(seconds=50) < wait <= timedelta(seconds=54)
        assert self.rated(response).status == Status.UPLOADED
        assert len(self.fake.calls) == 1

    def test_a_days_quota_pauses_rating_for_all(self):
        self.fake.next_up = [too_many(20, quota="GenerateRequestsPerDayPerProject")]
        first = self.rated()
        assert first.not_before_at - timezone.now() > timedelta(minutes=59)
        second = self.rated()
        assert (second.status, second.waits_for) == (Status.UPLOADED, Waits.VENDOR)
        assert second.shown_rating.kind == Rating.Kind.MEASURE
        assert len(self.fake.calls) == 1

    def test_one_answer_that_always_fails_is_not_paid_for_for_ever(self):
        response = self.submitted()
        for _ in range(12):
            self.fake.rate = lambda call: error(500, "INTERNAL")
            cache.clear()
            response = self.due_again(response)
        assert (response.status, response.needs_person) == (Status.MEASURED, True)
        assert len(self.fake.of_kind("rate")) == 8

    def test_a_key_that_is_mended_lets_all_go_on(self):
        self.fake.hear = lambda call: error(400, "API_KEY_INVALID")
        response = self.rated()
        assert (response.status, response.waits_for) == (Status.UPLOADED, Waits.VENDOR)
        assert self.rated().waits_for == Waits.VENDOR
        assert len(self.fake.calls) == 1
        cache.clear()
        self.fake.hear = hears(PAST["transcript"])
        assert self.due_again(response).status == Status.RATED

    def test_a_vendor_that_is_down_is_given_a_rest(self):
        self.fake.hear = lambda call: error(503, "UNAVAILABLE")
        for _ in range(8):
            self.rated()
        assert len(self.fake.calls) == 5

    def test_after_all_it_is_rated(self):
        self.fake.next_up = [too_many(1), error(503, "UNAVAILABLE")]
        response = self.submitted()
        for _ in range(2):
            assert self.due_again(response).status == Status.UPLOADED
        assert self.due_again(response).status == Status.RATED


class PermissionTests(GeminiCase):
    def test_without_consent_nothing_leaves_and_the_measures_stand_alone(self):
        consents.withdraw(self.person, "abroad")
        response = self.rated()
        assert self.fake.calls == []
        assert (response.status, response.waits_for) == (Status.MEASURED, Waits.CONSENT)
        assert response.shown_rating.kind == Rating.Kind.MEASURE

    def test_agreeing_later_brings_the_real_rating_by_itself(self):
        consents.withdraw(self.person, "abroad")
        response = self.rated()
        tasks.sweep()
        assert Response.objects.get(pk=response.pk).status == Status.MEASURED
        consents.give(self.person, ["abroad"])
        with self.captureOnCommitCallbacks(execute=True):
            tasks.sweep(at_once=True)
        response = Response.objects.get(pk=response.pk)
        assert response.status == Status.RATED
        assert response.ratings.count() == 2

    def test_withdrawn_between_the_calls_of_a_queue_nothing_is_sent(self):
        response = self.submitted()
        consents.withdraw(self.person, "abroad")
        self.rated(response)
        assert self.fake.calls == []

    def test_withdrawn_while_it_is_heard_the_words_go_no_further(self):
        heard = self.fake.hear

        def withdraw(job, sound, _hear=GeminiRater.hear):
            made = _hear(load_adapter("rater"), job, sound)
            consents.withdraw(self.person, "abroad")
            return made

        self.fake.hear = heard
        with mock.patch.object(load_adapter("rater"), "hear", withdraw):
            response = self.rated()
        assert (response.status, response.waits_for) == (Status.MEASURED, Waits.CONSENT)
        assert self.fake.of_kind("rate") == []

    def test_a_bad_end_takes_nothing_away_that_is_shown(self):
        response = self.rated()
        Rating.objects.update(cache_key="")
        Hearing.objects.all().delete()
        for hear in (hears("저는 서울에 살아요", language="other"), hears("", language="none")):
            response.rate_again()
            self.fake.hear = hear
            response = self.rated(response)
            assert (response.status, response.shown_rating.level) == (Status.RATED, Level.IM2)
            Hearing.objects.all().delete()
        response.rate_again()
        consents.withdraw(self.person, "abroad")
        response = self.rated(response)
        assert (response.status, response.waits_for) == (Status.RATED, "")

    @override_settings(OPIC_DAILY_RATINGS_PER_USER=2)
    def test_a_persons_ceiling(self):
        for _ in range(2):
            assert self.rated().status == Status.RATED
        third = self.rated()
        assert (third.status, third.waits_for) == (Status.UPLOADED, Waits.PERSON_BUDGET)
        assert third.shown_rating.kind == Rating.Kind.MEASURE
        assert timezone.now() < third.not_before_at <= timezone.now() + timedelta(hours=24)
        assert len(self.fake.of_kind("hear")) == 2

    @override_settings(OPIC_DAILY_RATINGS_SITE=1)
    def test_the_sites_ceiling(self):
        self.rated()
        assert self.rated().waits_for == Waits.SITE_BUDGET

    @override_settings(OPIC_DAILY_RATINGS_PER_USER=1)
    def test_a_failed_call_uses_nothing_up_and_a_heard_answer_is_finished(self):
        self.fake.next_up = [error(503, "UNAVAILABLE"), self.fake.hear, error(503, "UNAVAILABLE")]
        response = self.rated()
        for _ in range(2):
            response = self.due_again(response)
        assert response.status == Status.RATED


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
