"""What a model may be given: never more than somebody agreed to and we can pay."""

from datetime import timedelta
from unittest import mock

from django.test import override_settings
from django.utils import timezone

from accounts import consents
from opic.lib.levels import Level
from scoring import tasks
from scoring.models import Hearing, Rating, Response, Status, Waits
from scoring.raters.base import get_rater
from scoring.raters.gemini import GeminiRater
from tests.gemini.scripts import hears
from tests.gemini.server import error
from tests.scoring.gemini_case import GeminiCase


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
            made = _hear(get_rater(), job, sound)
            consents.withdraw(self.person, "abroad")
            return made

        self.fake.hear = heard
        with mock.patch.object(get_rater(), "hear", withdraw):
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
