"""What a model may be given: never more than somebody agreed to and we can pay."""

from datetime import timedelta
from unittest import mock

from django.test import TestCase, override_settings
from django.utils import timezone

from accounts import consents
from opic.lib.levels import Level
from scoring import tasks
from scoring.ears.base import get_ears
from scoring.models import Hearing, Rating, Response, Status, Waits
from tests.gemini.scripts import hears
from tests.openai_compatible.server import FakeOpenAiCompatible
from tests.scoring.gemini_case import GeminiSetup


class Permissions(GeminiSetup):
    """The same for each rater that asks somebody."""

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

        hear = get_ears().hear

        def withdraw(job, sound):
            made = hear(job, sound)
            consents.withdraw(self.person, "abroad")
            return made

        self.fake.hear = heard
        with mock.patch.object(get_ears(), "hear", withdraw):
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
        self.fake.next_up = [self.fake.failure(503), self.fake.hear, self.fake.failure(503)]
        response = self.rated()
        for _ in range(2):
            response = self.due_again(response)
        assert response.status == Status.RATED


class GeminiPermissionTests(Permissions, TestCase):
    pass


class OpenAiCompatiblePermissionTests(Permissions, TestCase):
    FAKE = FakeOpenAiCompatible

    def test_a_consent_to_another_recipient_is_none(self):
        assert self.rated().status == Status.RATED
        for change in (
            {"OPIC_RATER": "gemini", "OPIC_EARS": "gemini"},
            {"OPIC_LLM_URL": "https://elsewhere.example/v1"},
        ):
            with override_settings(**change):
                response = self.rated()
                assert (response.status, response.waits_for) == (Status.MEASURED, Waits.CONSENT)
        assert len(self.fake.calls) == 2
        with override_settings(OPIC_RATER="gemini", OPIC_EARS="gemini"):
            consents.give(self.person, ["abroad"])
        response = self.rated()
        assert (response.status, response.waits_for) == (Status.MEASURED, Waits.CONSENT)
        consents.give(self.person, ["abroad"])
        with self.captureOnCommitCallbacks(execute=True):
            tasks.sweep(at_once=True)
        assert Response.objects.get(pk=response.pk).status == Status.RATED

    @override_settings(OPIC_LLM_OWN=True)
    def test_this_sites_own_server_asks_for_consent_to_recording_alone(self):
        consents.withdraw(self.person, "abroad")
        response = self.rated()
        assert response.status == Status.RATED
        calls = response.model_calls.all()
        assert [call.cost_microdollars for call in calls] == [0, 0]
        assert all(call.text_tokens for call in calls)
        consents.withdraw(self.person, "recording")
        assert self.rated().waits_for == Waits.RECORDING
        assert len(self.fake.calls) == 2

    def test_what_waited_for_consent_is_taken_up_where_none_is_asked_any_more(self):
        consents.withdraw(self.person, "abroad")
        response = self.rated()
        assert response.waits_for == Waits.CONSENT
        with (
            override_settings(OPIC_LLM_OWN=True),
            self.captureOnCommitCallbacks(execute=True),
        ):
            tasks.sweep(at_once=True)
        assert Response.objects.get(pk=response.pk).status == Status.RATED

    @override_settings(OPIC_LLM_OWN=True, OPIC_PRICES={"tiny-speech": [("2026-01-01", 1.0, 2.0)]})
    def test_an_own_model_costs_what_its_price_says(self):
        for call in self.rated().model_calls.all():
            tokens = call.audio_tokens + call.text_tokens
            assert call.cost_microdollars == tokens + 2 * call.output_tokens

    def test_a_model_without_a_price_costs_what_the_dearest_does(self):
        hear, _rate = self.rated().model_calls.order_by("pk")
        dear = 0.75 * (hear.audio_tokens + hear.text_tokens) + 3.75 * hear.output_tokens
        assert hear.cost_microdollars >= round(dear) > 0

    def test_another_model_is_asked_though_the_sound_was_rated_before(self):
        self.rated(self.submitted(audio_sha256="d" * 64))
        self.fake.model = "larger-speech"
        with override_settings(OPIC_LLM_MODEL="larger-speech"):
            self.rated(self.submitted(audio_sha256="d" * 64))
        assert len(self.fake.calls) == 4
        with override_settings(OPIC_LLM_MODEL="larger-speech"):
            self.rated(self.submitted(audio_sha256="d" * 64))
        assert len(self.fake.calls) == 4
