"""Every fault of a model: what it leaves, and how often it was asked."""

import json
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from opic.lib.levels import Level
from scoring.models import Hearing, ModelCall, Rating, Response, Status, Waits
from tests.gemini.scripts import hears, judged
from tests.gemini.server import ScriptedReply, error, raw, scripted_reply, too_many
from tests.scoring.gemini_case import PAST, GeminiCase


def drip():
    return ScriptedReply(body=b'{"candidates": []' + b" " * 200, drip=0.05)


JUDGED = judged(PAST)
CASES = {
    # what the model does (each time it is asked to rate): what is left, and how many were asked
    "fenced JSON": (lambda: scripted_reply(f"```json\n{json.dumps(JUDGED)}\n```"), Status.RATED, 1),
    "extra keys": (lambda: scripted_reply({**JUDGED, "level": "IM4", "mood": 1}), Status.RATED, 1),
    "cut JSON": (lambda: scripted_reply(json.dumps(JUDGED)[:200]), Status.MEASURED, 2),
    "cut at the limit": (lambda: scripted_reply("{", finish="MAX_TOKENS"), Status.MEASURED, 1),
    "an unknown verdict": (
        lambda: scripted_reply({**JUDGED, "judgements": [{**JUDGED["judgements"][0], "v": "IM4"}]}),
        Status.MEASURED,
        2,
    ),
    "a level instead": (lambda: scripted_reply({"level": "IM4"}), Status.MEASURED, 2),
    "numbers as strings": (lambda: scripted_reply({**JUDGED, "points": "3"}), Status.MEASURED, 2),
    "half of the criteria": (
        lambda: scripted_reply({**JUDGED, "judgements": JUDGED["judgements"][:4]}),
        Status.MEASURED,
        2,
    ),
    "a list": (lambda: scripted_reply([1, 2, 3]), Status.MEASURED, 2),
    "prose": (lambda: scripted_reply("The speaker is IM4, I think."), Status.MEASURED, 2),
    "nothing": (lambda: scripted_reply(""), Status.MEASURED, 2),
    "no candidates": (lambda: raw({"candidates": []}), Status.MEASURED, 2),
    "a blocked question": (
        lambda: raw({"promptFeedback": {"blockReason": "SAFETY"}}),
        Status.MEASURED,
        1,
    ),
    "a blocked answer": (lambda: scripted_reply("", finish="SAFETY"), Status.MEASURED, 1),
    "a bad key": (lambda: error(403, "PERMISSION_DENIED"), Status.UPLOADED, 1),
    "an endless list": (lambda: scripted_reply("[" * 100_000), Status.MEASURED, 2),
    "429 with nonsense": (
        lambda: error(429, "RESOURCE_EXHAUSTED", [{"retryDelay": "nans", "violations": ["x"]}]),
        Status.UPLOADED,
        1,
    ),
    "a refused request": (lambda: error(400, "INVALID_ARGUMENT"), Status.MEASURED, 1),
    "429 for 54 s": (lambda: too_many(54), Status.UPLOADED, 1),
    "500": (lambda: error(500, "INTERNAL"), Status.UPLOADED, 1),
    "502 with html": (
        lambda: ScriptedReply(502, b"<html>Bad gateway</html>", "text/html"),
        Status.UPLOADED,
        1,
    ),
    "503": (lambda: error(503, "UNAVAILABLE"), Status.UPLOADED, 1),
    "a hang": (lambda: ScriptedReply(latency=3), Status.UPLOADED, 1),
    "a reset": (lambda: ScriptedReply(reset=True), Status.UPLOADED, 1),
    "a slow drip": (drip, Status.UPLOADED, 1),
}


class ErrorTests(GeminiCase):
    """Every one ends in a rating, in measures that say why, or in a later try; nothing made up."""

    def test_each(self):
        for name, (made, status, asked) in CASES.items():
            with self.subTest(name):
                cache.clear()
                self.fake.calls.clear()
                # what the case before has left would go first
                Response.objects.all().delete()
                ModelCall.objects.all().delete()
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
        self.fake.rate = lambda call: scripted_reply("no")
        assert self.rated().needs_person

    def test_one_clean_retry_is_enough_and_repeats_nothing_of_the_bad_reply(self):
        self.fake.next_up = [self.fake.hear, scripted_reply("```rubbish")]
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

    def test_one_answer_that_always_fails_waits_as_long_as_no_other_gets_through(self):
        response = self.submitted()
        self.fake.rate = lambda call: error(500, "INTERNAL")
        for _ in range(12):
            cache.clear()
            response = self.due_again(response)
        assert (response.status, response.needs_person) == (Status.UPLOADED, False)
        wait = response.not_before_at - timezone.now()
        assert timedelta(seconds=590) < wait <= timedelta(seconds=600)

    def test_a_key_that_is_put_right_lets_all_go_on(self):
        self.fake.hear = lambda call: error(400, "API_KEY_INVALID")
        response = self.rated()
        assert (response.status, response.waits_for) == (Status.UPLOADED, Waits.VENDOR)
        assert self.rated().waits_for == Waits.VENDOR
        assert len(self.fake.calls) == 1
        cache.clear()
        self.fake.hear = hears(PAST["transcript"])
        assert self.due_again(response).status == Status.RATED

    def test_a_vendor_that_is_down_is_not_asked_for_each_answer(self):
        self.fake.hear = lambda call: error(503, "UNAVAILABLE")
        for _ in range(8):
            assert self.rated().waits_for == Waits.VENDOR
        assert len(self.fake.calls) == 2

    def test_a_vendor_that_is_down_is_given_a_rest(self):
        self.fake.hear = lambda call: error(503, "UNAVAILABLE")
        response = self.submitted()
        for _ in range(8):
            self.due_again(response)
        assert len(self.fake.calls) == 5

    def test_after_all_it_is_rated(self):
        self.fake.next_up = [too_many(1), error(503, "UNAVAILABLE")]
        response = self.submitted()
        for _ in range(2):
            assert self.due_again(response).status == Status.UPLOADED
        assert self.due_again(response).status == Status.RATED
