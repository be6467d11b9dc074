"""Every error of a model: what it leaves, and how often it was asked; the same for each rater."""

import json
import logging
from datetime import timedelta

from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from opic.lib.levels import Level
from scoring.models import Hearing, ModelCall, Rating, Response, Status, Waits
from tests.gemini.scripts import hears, judged, rates
from tests.gemini.server import ScriptedReply, error, raw, scripted_reply
from tests.openai_compatible.server import FakeOpenAiCompatible
from tests.scoring.gemini_case import PAST, GeminiSetup

JUDGED = judged(PAST)


def with_content(content, **more):
    return lambda _fake, call: scripted_reply(content, call=call, **more)


def fails(status):
    return lambda fake, _call: fake.failure(status)


# What the model does (each time it is asked to rate): what is left, and how many were asked. LATER
# is tried again, to a bound; BUSY waits for the vendor; else a person has to hear it.
FREE = {"busy", "down", "key", "refused", "unreachable"}
LATER, BUSY, PERSON = "later", "busy", "person"
CASES = {
    "fenced JSON": (with_content(f"```json\n{json.dumps(JUDGED)}\n```"), Status.RATED, 1),
    "words around the JSON": (with_content(f"Here: {json.dumps(JUDGED)} Well?"), Status.RATED, 1),
    "the same twice": (with_content(json.dumps(JUDGED) * 2), Status.RATED, 1),
    "extra keys": (with_content({**JUDGED, "level": "IM4", "mood": 1}), Status.RATED, 1),
    "numbers as strings": (with_content({**JUDGED, "points": "3"}), Status.RATED, 1),
    "judgements alone": (with_content({"judgements": JUDGED["judgements"]}), Status.RATED, 1),
    "cut JSON": (with_content(json.dumps(JUDGED)[:200]), LATER, 2),
    "cut at the limit": (with_content("{", finish="MAX_TOKENS"), LATER, 2),
    "a list": (with_content([1, 2, 3]), LATER, 2),
    "an endless list": (with_content("[" * 100_000), LATER, 2),
    "endless objects": (with_content('{"a":' * 100_000), LATER, 2),
    "judgements of another type": (with_content({**JUDGED, "judgements": "met"}), LATER, 2),
    "prose": (with_content("The speaker is IM4, I think."), LATER, 2),
    "nothing": (with_content(""), LATER, 2),
    "no choice": (lambda fake, _call: fake.nothing(), LATER, 2),
    "a portal's page": (
        lambda _fake, _call: ScriptedReply(200, b"<html>Sign in</html>", "text/html"),
        LATER,
        2,
    ),
    "half a body": (lambda _fake, _call: ScriptedReply(200, b'{"cand'), LATER, 2),
    "an unknown verdict": (
        with_content({**JUDGED, "judgements": [{**JUDGED["judgements"][0], "v": "IM4"}]}),
        PERSON,
        2,
    ),
    "a level instead": (with_content({"level": "IM4"}), PERSON, 2),
    "half of the criteria": (
        with_content({**JUDGED, "judgements": JUDGED["judgements"][:4]}),
        PERSON,
        2,
    ),
    "two verdicts on one": (
        with_content(
            {
                **JUDGED,
                "judgements": [*JUDGED["judgements"], {**JUDGED["judgements"][0], "v": "not"}],
            }
        ),
        PERSON,
        2,
    ),
    "a blocked answer": (with_content("", finish="SAFETY"), PERSON, 1),
    "a refused request": (fails(413), PERSON, 1),
    "a bad key": (fails(403), BUSY, 1),
    "429 for 54 s": (lambda fake, _call: fake.too_many(54), BUSY, 1),
    "500": (fails(500), BUSY, 1),
    "502 with html": (
        lambda _fake, _call: ScriptedReply(502, b"<html>Bad gateway</html>", "text/html"),
        BUSY,
        1,
    ),
    "503": (fails(503), BUSY, 1),
    "a hang": (lambda _fake, _call: ScriptedReply(latency=3), BUSY, 1),
    "a reset": (lambda _fake, _call: ScriptedReply(reset=True), BUSY, 1),
    "a slow drip": (
        lambda _fake, _call: ScriptedReply(body=b'{"candidates": []' + b" " * 200, drip=0.05),
        BUSY,
        1,
    ),
}


class ModelErrors(GeminiSetup):
    """Every one ends in a rating, in measures that say why, or in a later try; nothing made up."""

    CASES = CASES

    def test_each(self):
        """What it leaves, how often it was asked, what it costs, and nothing of it in the log."""
        self.fake.key = "sk-very-secret"
        with self.model_settings(), self.assertLogs(level=logging.DEBUG) as logs:
            for name, (made, outcome, asked) in self.CASES.items():
                with self.subTest(name):
                    cache.clear()
                    self.fake.calls.clear()
                    # what the case before has left would go first
                    Response.objects.all().delete()
                    ModelCall.objects.all().delete()
                    self.fake.rate = lambda call, made=made: made(self.fake, call)
                    response = self.rated()
                    self.check(response, outcome)
                    assert len(self.fake.of_kind("rate")) == asked
                    self.check_calls(response, asked)
        text = "\n".join(line.getMessage() for line in logs.records)
        assert "did not work" in text
        for word in (
            "sk-very-secret",
            "IM4, I think",
            "Sign in",
            "scripted",
            PAST["transcript"][:20],
        ):
            assert word not in text, word

    def check(self, response, outcome):
        assert response.claim_token is None
        shown = response.shown_rating
        if outcome == Status.RATED:
            assert (response.status, shown.level) == (Status.RATED, Level.IM2)
            return
        assert (shown.kind, shown.level, shown.level_low) == (Rating.Kind.MEASURE, None, None)
        if outcome == PERSON:
            assert (response.status, response.needs_person) == (Status.MEASURED, True)
            return
        assert response.status == Status.UPLOADED
        assert response.not_before_at > timezone.now()
        assert response.waits_for == (Waits.VENDOR if outcome == BUSY else Waits.REPLY)
        assert response.tries == 0

    def check_calls(self, response, asked):
        """Each call is recorded; where nobody counted, with the most that it can have used."""
        calls = ModelCall.objects.filter(response=response)
        assert not calls.filter(outcome__in=["open", "crashed"]).exists()
        assert calls.filter(kind="rate").count() == asked
        for call in calls:
            assert (call.cost_microdollars > 0) is (call.outcome not in FREE), call

    def test_a_reply_without_usage_costs_what_it_can_have_used(self):
        self.fake.rate = lambda call: ScriptedReply(200, b"{}")
        response = self.rated()
        sent = self.fake.of_kind("rate")[0]
        characters = len(sent.instruction) + sum(map(len, sent.texts))
        calls = ModelCall.objects.filter(response=response, kind="rate")
        assert len(calls) == 2
        for call in calls:
            assert call.text_tokens >= characters / 3
            assert (call.audio_tokens, call.output_tokens) == (0, 4096)

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
        self.fake.next_up = [self.fake.too_many(54)]
        response = self.rated()
        wait = response.not_before_at - timezone.now()
        assert timedelta(seconds=50) < wait <= timedelta(seconds=54)
        assert self.rated(response).status == Status.UPLOADED
        assert len(self.fake.calls) == 1

    def test_a_days_quota_pauses_rating_for_all(self):
        self.fake.next_up = [self.fake.no_more_today()]
        first = self.rated()
        assert first.not_before_at - timezone.now() > timedelta(minutes=59)
        second = self.rated()
        assert (second.status, second.waits_for) == (Status.UPLOADED, Waits.VENDOR)
        assert second.shown_rating.kind == Rating.Kind.MEASURE
        assert len(self.fake.calls) == 1

    def test_one_answer_that_always_fails_waits_as_long_as_no_other_gets_through(self):
        response = self.submitted()
        self.fake.rate = lambda call: self.fake.failure(500)
        for _ in range(12):
            cache.clear()
            response = self.due_again(response)
        assert (response.status, response.needs_person) == (Status.UPLOADED, False)
        wait = response.not_before_at - timezone.now()
        assert timedelta(seconds=590) < wait <= timedelta(seconds=600)

    def test_useless_replies_in_a_row_and_then_a_good_one_give_the_level(self):
        self.fake.rate = lambda call: scripted_reply("{", finish="MAX_TOKENS")
        response = self.submitted()
        for _ in range(3):
            assert self.due_again(response).waits_for == Waits.REPLY
        self.fake.rate = rates(PAST)
        assert self.due_again(response).status == Status.RATED

    def test_a_key_that_is_put_right_lets_all_go_on(self):
        self.fake.hear = lambda call: self.fake.refused_key()
        response = self.rated()
        assert (response.status, response.waits_for) == (Status.UPLOADED, Waits.VENDOR)
        assert self.rated().waits_for == Waits.VENDOR
        assert len(self.fake.calls) == 1
        cache.clear()
        self.fake.hear = hears(PAST["transcript"])
        assert self.due_again(response).status == Status.RATED

    def test_a_vendor_that_is_down_is_not_asked_for_each_answer(self):
        self.fake.hear = lambda call: self.fake.failure(503)
        for _ in range(8):
            assert self.rated().waits_for == Waits.VENDOR
        assert len(self.fake.calls) == 2

    def test_a_vendor_that_is_down_is_given_a_rest(self):
        self.fake.hear = lambda call: self.fake.failure(503)
        response = self.submitted()
        for _ in range(8):
            self.due_again(response)
        assert len(self.fake.calls) == 5

    def test_after_all_it_is_rated(self):
        self.fake.next_up = [self.fake.too_many(1), self.fake.failure(503)]
        response = self.submitted()
        for _ in range(2):
            assert self.due_again(response).status == Status.UPLOADED
        assert self.due_again(response).status == Status.RATED


class GeminiErrorTests(ModelErrors, TestCase):
    CASES = {
        **CASES,
        "a blocked question": (
            lambda _fake, _call: raw({"promptFeedback": {"blockReason": "SAFETY"}}),
            PERSON,
            1,
        ),
        "a refused shape": (fails(400), PERSON, 1),
        "429 with nonsense": (
            lambda _fake, _call: error(
                429, "RESOURCE_EXHAUSTED", [{"retryDelay": "nans", "violations": ["x"]}]
            ),
            BUSY,
            1,
        ),
    }


class OpenAiCompatibleErrorTests(ModelErrors, TestCase):
    FAKE = FakeOpenAiCompatible
