"""From saved to shown: one winner, one rating, nothing stuck."""

from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts import consents
from opic.operations import own
from opic.operations.models import Cluster
from scoring import tasks
from scoring.adapter_error import AdapterError
from scoring.audio.codec import canonical
from scoring.models import Hearing, Rating, Response, Status, Waits, audio_storage
from scoring.raters.base import Feedback
from scoring.raters.fluency import FluencyRater
from scoring.rating import pipeline
from tests.factories import MEASURES, make_measured, make_response, make_user
from tests.scoring import recordings


def sound(samples):
    return canonical([recordings.as_wav(samples)]).data


class StubRater:
    """What a vendor's adapter may do, at our own edge."""

    name = "stub"

    def __init__(self, failure=None, on_rate=None):
        self.failure, self.on_rate, self.calls = failure, on_rate, 0

    def rate(self, job, heard):
        self.calls += 1
        if self.on_rate:
            self.on_rate()
        if self.failure:
            raise self.failure
        return Feedback(kind="measure", band_low=3, band_high=6)


@contextmanager
def with_rater(rater):
    def get_rater(name=None):
        return FluencyRater() if name == "fluency" else rater

    with (
        mock.patch("scoring.rating.pipeline.get_rater", get_rater),
        override_settings(OPIC_RATER="gemini", OPIC_EARS="none"),
    ):
        yield


class RateResponseTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.speaker = make_user()
        consents.give(cls.speaker, ["abroad"])
        cls.speech = sound(recordings.speech(8))

    def response(self, samples=None, **fields):
        data = self.speech if samples is None else sound(samples)
        return make_response(self.speaker, sound=data, **fields)

    def rated(self, response):
        tasks.rate_response(str(response.pk))
        response.refresh_from_db()
        return response

    def test_speech_is_measured_and_gets_a_band_and_no_level(self):
        response = self.rated(self.response())
        assert response.status == Status.MEASURED
        rating = response.shown_rating
        assert (rating.kind, rating.level_low, rating.level_high) == ("measure", None, None)
        assert rating.band_high - rating.band_low >= 3
        assert rating.band_high <= 8
        assert response.measures["words_per_minute"] > 0
        assert not Hearing.objects.exists()

    def test_silence_noise_hum_and_music_are_not_heard_and_get_no_rating(self):
        for samples in (
            recordings.silence(5),
            recordings.faint_noise(5),
            recordings.white_noise(5),
            recordings.hum(5),
            recordings.music(5),
        ):
            response = self.rated(self.response(samples))
            assert (response.status, response.reason) == ("unratable", "not_heard")
        assert not Rating.objects.exists()
        assert not Hearing.objects.exists()

    def test_run_twice_it_settles_once(self):
        response = self.response()
        with with_rater(StubRater()) as _:
            self.rated(response)
            self.rated(response)
        assert Rating.objects.count() == 1
        assert response.tries == 1

    def test_a_deleted_response_is_left_quietly(self):
        response = self.response()
        Response.objects.filter(pk=response.pk).delete()
        tasks.rate_response(str(response.pk))

    def test_lost_sound_is_told(self):
        response = self.response()
        audio_storage().delete(response.audio.name)
        response = self.rated(response)
        assert (response.status, response.reason) == ("unratable", "technical")

    def test_a_busy_vendor_gives_it_back_and_is_not_asked_before(self):
        rater = StubRater(AdapterError("busy", retry=True, after_seconds=54))
        with with_rater(rater):
            response = self.rated(self.response())
            assert response.status == Status.UPLOADED
            wait = (response.not_before_at - timezone.now()).total_seconds()
            assert 50 < wait <= 54
            self.rated(response)
            assert rater.calls == 1

    def test_a_final_fault_leaves_the_measures_and_says_why(self):
        for reason in ("words", "order", "evidence", "reply", "refused"):
            with with_rater(StubRater(AdapterError("no", retry=False, reason=reason))):
                response = self.rated(self.response())
            assert (response.status, response.reason) == (Status.MEASURED, reason)
            assert response.needs_person
            assert response.shown_rating.rater == "fluency"

    def test_what_cannot_be_judged_is_unratable_even_where_its_measure_was_shown(self):
        busy = AdapterError("busy", retry=True, is_vendor=True)
        with with_rater(StubRater(busy)):
            response = self.rated(self.response())
        assert response.shown_rating
        Response.objects.filter(pk=response.pk).update(not_before_at=None)
        with with_rater(StubRater(AdapterError("", retry=False, reason="only_question"))):
            response = self.rated(response)
        assert (response.status, response.reason) == (Status.UNRATABLE, "only_question")

    def test_useless_replies_in_a_row_are_waited_out_and_a_good_one_gives_the_level(self):
        rater = StubRater(AdapterError("no JSON", retry=True))
        response, waits = self.response(), []
        for _ in range(4):
            response.model_calls.create(kind="rate", model="m", outcome="ok")
            response.model_calls.create(kind="rate", model="m", outcome="ok")
            with with_rater(rater):
                response = self.rated(response)
            assert (response.status, response.waits_for) == (Status.UPLOADED, Waits.REPLY)
            waits.append(round((response.not_before_at - timezone.now()).total_seconds(), -1))
            Response.objects.filter(pk=response.pk).update(not_before_at=None)
        assert waits == [30, 120, 600, 3600]
        assert response.tries == 0
        with with_rater(StubRater()):
            assert self.rated(response).status == Status.RATED

    def test_useless_replies_are_not_paid_for_without_an_end(self):
        response = self.response()
        for _ in range(pipeline.CALLS_BY_ITSELF):
            response.model_calls.create(kind="rate", model="m", outcome="cut")
        useless = StubRater(AdapterError("cut", retry=True, reason="reply"))
        with with_rater(useless):
            response = self.rated(response)
            assert (response.status, response.reason) == (Status.MEASURED, "reply")
            assert response.needs_person
            assert tasks.can_retry(response)

    def test_tries_used_up_end_it(self):
        response = self.response(tries=99)
        assert self.rated(response).reason == "gave_up"
        response = self.response(tries=99, measures=MEASURES)
        assert self.rated(response).status == Status.MEASURED

    def test_rated_again_the_old_rating_shows_until_the_new_one_is_there(self):
        response = make_measured(self.speaker, sound=self.speech)
        old = response.shown_rating_id
        assert response.rate_again()
        response.refresh_from_db()
        assert (response.status, response.shown_rating_id) == (Status.UPLOADED, old)
        response = self.rated(response)
        assert response.shown_rating_id != old
        assert response.ratings.count() == 2

    def test_a_claim_taken_by_someone_else_leaves_no_rating(self):
        response = self.response()

        def steal():
            Response.objects.filter(pk=response.pk).release()
            assert Response.objects.claim(str(response.pk))

        with with_rater(StubRater(on_rate=steal)):
            self.rated(response)
        assert response.status == Status.RATING
        assert not Rating.objects.exists()

    def test_no_transaction_is_open_while_a_rater_works(self):
        depth = []
        connection = transaction.get_connection()
        outer = len(connection.savepoint_ids)
        with with_rater(StubRater(on_rate=lambda: depth.append(len(connection.savepoint_ids)))):
            self.rated(self.response())
        assert depth == [outer]


class ClaimTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.speaker = make_user()

    def test_one_winner(self):
        response = make_response(self.speaker)
        first = Response.objects.claim(str(response.pk))
        assert first.tries == 1
        assert Response.objects.claim(str(response.pk)) is None

    def test_not_before_its_time(self):
        later = timezone.now() + timedelta(minutes=1)
        response = make_response(self.speaker, not_before_at=later)
        assert Response.objects.claim(str(response.pk)) is None

    def test_settling_twice_settles_once(self):
        response = make_response(self.speaker)
        claim = Response.objects.claim(str(response.pk))
        assert claim.settle(Status.UNRATABLE, reason="technical")
        assert not claim.settle(Status.UNRATABLE, reason="gave_up")
        response.refresh_from_db()
        assert response.reason == "technical"

    def test_the_sweeper_takes_back_what_is_past_its_lease_and_queues_it(self):
        response = make_response(self.speaker)
        Response.objects.claim(str(response.pk))
        old = timezone.now() - timedelta(hours=1)
        Response.objects.filter(pk=response.pk).update(lease_until=old, received_at=old)
        with mock.patch("scoring.tasks.queue_rating") as queued:
            tasks.sweep()
        response.refresh_from_db()
        assert response.status == Status.UPLOADED
        assert queued.call_args.args == (response,)

    def test_the_sweeper_leaves_live_claims_and_fresh_answers(self):
        Response.objects.claim(str(make_response(self.speaker).pk))
        make_response(self.speaker)
        with mock.patch("scoring.tasks.queue_rating") as queued:
            tasks.sweep()
            assert not queued.called
            tasks.sweep(at_once=True)
            assert queued.call_count == 1

    def test_only_claims_of_a_cluster_that_ended_come_back(self):
        living, dead = own.Own(), own.Own()
        for cluster in (living, dead):
            Cluster.objects.create(pk=cluster.id, host="h", pid=1, version="1")
        hers = Response.objects.claim(str(make_response(self.speaker).pk), living)
        lost = Response.objects.claim(str(make_response(self.speaker).pk), dead)
        with mock.patch("scoring.tasks.queue_rating") as queued:
            tasks.take_over()
            assert not queued.called
            Cluster.objects.filter(pk=dead.id).update(ended_at=timezone.now())
            tasks.take_over()
        assert [call.args for call in queued.call_args_list] == [(lost,)]
        hers.refresh_from_db()
        assert hers.status == Status.RATING

    def test_a_living_clusters_lease_is_counted_on_its_own_clock(self):
        cluster = own.Own()
        Cluster.objects.create(pk=cluster.id, host="h", pid=1, version="1")
        claimed = Response.objects.claim(str(make_response(self.speaker).pk), cluster)
        for step in (
            timedelta(days=-1),
            timedelta(hours=-1),
            timedelta(hours=1),
            timedelta(days=1),
        ):
            assert not Response.objects.abandoned(timezone.now() + step).exists(), step
        for seconds, is_over in ((-1, False), (1, True)):
            age = claimed.claimed_up_seconds + settings.OPIC_LEASE_SECONDS + seconds
            Cluster.objects.update(up_seconds=age)
            assert Response.objects.abandoned().exists() == is_over

    def test_a_lease_without_a_cluster_is_void_when_it_lies_too_far_ahead(self):
        response = Response.objects.claim(str(make_response(self.speaker).pk))
        assert not Response.objects.abandoned().exists()
        ahead = timezone.now() + timedelta(seconds=settings.OPIC_LEASE_SECONDS, hours=1)
        Response.objects.filter(pk=response.pk).update(lease_until=ahead)
        assert Response.objects.abandoned().exists()

    def test_after_a_step_back_nobody_waits_for_the_old_future(self):
        future = timezone.now() + timedelta(hours=1)
        response = make_response(self.speaker, not_before_at=future, claimed_at=future)
        waits = make_response(self.speaker, not_before_at=future, claimed_at=timezone.now())
        came = make_response(self.speaker, received_at=future)
        with mock.patch("scoring.tasks.queue_rating") as queued:
            tasks.sweep()
        queued_ids = [call.args[0].pk for call in queued.call_args_list]
        assert came.pk in queued_ids
        assert Response.objects.due().filter(pk=response.pk).exists()
        assert not Response.objects.due().filter(pk=waits.pk).exists()

    def test_files_without_a_row_and_old_sound_are_swept(self):
        saved = make_response(self.speaker)
        expired = make_measured(
            self.speaker, audio_expires_on=(timezone.now() - timedelta(days=1)).date()
        )
        orphan = audio_storage().save(f"audio/{self.speaker.pk}/x.m4a", saved.audio.file)
        later = timezone.now() + timedelta(hours=2)
        with mock.patch("scoring.rating.retention.timezone.now", return_value=later):
            tasks.sweep_files()
        assert audio_storage().exists(saved.audio.name)
        assert not audio_storage().exists(orphan)
        assert not audio_storage().exists(expired.audio.name)
        expired.refresh_from_db()
        assert not expired.audio
        assert (expired.status, expired.shown_rating_id is None) == (Status.MEASURED, False)


class TruthTests(TestCase):
    """What a row must never look like, the database refuses."""

    @classmethod
    def setUpTestData(cls):
        cls.response = make_response(make_user())

    def test_rows_that_must_not_be(self):
        rows = Response.objects.filter(pk=self.response.pk)
        for change in (
            {"status": "measured"},
            {"status": "rated"},
            {"status": "unratable"},
            {"status": "rating"},
        ):
            with self.assertRaises(IntegrityError), transaction.atomic():
                rows.update(**change)

    def test_a_measure_with_a_level_or_a_narrow_or_high_band(self):
        for fields in (
            {"kind": "measure", "band_low": 3, "band_high": 6, "level_low": 3, "level_high": 3},
            {"kind": "measure", "band_low": 3, "band_high": 5},
            {"kind": "measure", "band_low": 4, "band_high": 9},
            {"kind": "rating"},
            {"kind": "rating", "level_low": 6, "level_high": 5},
        ):
            with self.assertRaises(IntegrityError), transaction.atomic():
                Rating.objects.create(response=self.response, **fields)
