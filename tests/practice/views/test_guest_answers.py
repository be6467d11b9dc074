"""What a guest has heard without an account: asked for, limited, of nobody, and soon gone."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core.cache import cache
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from opic.lib.stores import hourly_slots
from scoring import tasks
from scoring.adapter_error import AdapterError
from scoring.ears.base import Heard
from scoring.models import GuestResponse, Response, Status, audio_storage
from scoring.models.guests import LIFE
from scoring.rating import guests
from scoring.uploads import guests as guest_uploads
from tests.factories import make_prompt, make_response, make_user
from tests.heard import TRANSCRIPT, words_of
from tests.practice.test_upload import body, chunked
from tests.scoring import recordings

EARS = {"OPIC_EARS": "local", "OPIC_RATER": "builtin", "OPIC_HAS_LOCAL_EARS": True}
TOKEN = "X-Guest-Answer"
KEY = {"key": "6f2b1c3e-2f7f-4c58-9d1e-0d8a0f6f9a11"}


class StubEars:
    """In place of the recogniser; `on_piece` runs after its first piece."""

    name, version = "local", "stub 1"

    def __init__(self, on_piece=None):
        self.on_piece, self.jobs = on_piece, []

    def hear(self, job, _sound):
        self.jobs.append(job)
        whole = Heard(TRANSCRIPT, "stub", self.version, details={"words": words_of(TRANSCRIPT)})
        if self.on_piece and job.heard_before is None:
            first = Heard("On", "stub", self.version, details={"is_whole": False, "words": []})
            self.on_piece()
            job.note(first)
        return whole


def sound(seconds=4.0):
    return recordings.as_container(recordings.speech(seconds))


class GuestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.prompt = make_prompt(item_type="INTRO")

    def setUp(self):
        cache.clear()
        self.client = Client(enforce_csrf_checks=True)
        self.csrf = str(self.client.get(reverse("practice:try")).context["csrf_token"])

    def post(self, name, fields=None, **headers):
        headers = {"X-CSRFToken": self.csrf, **headers}
        return self.client.post(reverse(f"practice:{name}"), fields or {}, headers=headers)

    def send(self, data=None, **change):
        return self.post("try-send", body(KEY, [chunked(data or sound())], **change))

    def token(self):
        reply = self.send()
        assert reply.status_code == 200, reply.content
        return reply.json()["token"]

    def result(self, token):
        return self.client.get(reverse("practice:try-result"), headers={TOKEN: token})

    def hear(self, ears=None, **settings):
        guest = GuestResponse.objects.get()
        with (
            override_settings(**(EARS if ears else {}), **settings),
            mock.patch("scoring.rating.guests.get_ears", return_value=ears),
        ):
            tasks.hear_guest(str(guest.pk))
        return GuestResponse.objects.get()


class SendingTests(GuestCase):
    def test_it_is_heard_and_shown_to_who_holds_its_mark(self):
        token = self.token()
        assert 'data-stage="waiting"' in self.result(token).content.decode()
        self.hear(StubEars())
        page = self.result(token).content.decode()
        for word in ('data-stage="done"', 'id="response-transcript"', "Sign up to keep it"):
            assert word in page, word
        assert "hx-trigger" not in page
        assert "dismiss" not in page
        assert not Response.objects.exists()

    def test_the_row_has_nothing_of_a_person_and_nobody_gets_a_session(self):
        self.token()
        names = {field.name for field in GuestResponse._meta.get_fields()}
        related = {f.related_model for f in GuestResponse._meta.get_fields() if f.is_relation}
        assert User not in related
        assert not names & {"user", "speaker", "address", "ip", "session", "user_agent"}
        assert set(self.client.cookies) <= {"csrftoken", "__Host-csrf"}

    def test_the_recording_is_deleted_as_soon_as_it_was_heard(self):
        self.token()
        name = GuestResponse.objects.get().audio.name
        assert name.startswith("guests/")
        assert audio_storage().exists(name)
        assert not self.hear(StubEars()).audio
        assert not audio_storage().exists(name)

    def test_without_ears_there_are_measures_and_no_word_of_words(self):
        token = self.token()
        guest = self.hear()
        assert (guest.status, guest.facts) == (Status.MEASURED, {})
        page = self.result(token).content.decode()
        assert "Your words were not heard" in page
        assert "response-transcript" not in page

    def test_a_key_for_others_ears_sends_nothing_there(self):
        with override_settings(OPIC_EARS="gemini", OPIC_HAS_LOCAL_EARS=False):
            assert not guests.has_ears()
            self.token()
            with mock.patch("scoring.rating.guests.get_ears") as asked:
                tasks.hear_guest(str(GuestResponse.objects.get().pk))
            asked.assert_not_called()

    def test_silence_is_told(self):
        data = recordings.as_container(recordings.silence(3))
        token = self.send(data).json()["token"]
        self.hear()
        assert "We could not hear speech" in self.result(token).content.decode()

    def test_who_is_signed_in_has_no_business_here(self):
        self.client.force_login(make_user())
        csrf = self.client.get(reverse("accounts:consent")).context["csrf_token"]
        self.csrf = str(csrf)
        assert self.send().json()["code"] == "not_found"

    def test_no_token_of_the_form_no_sending(self):
        fields = body(KEY, [chunked(sound())])
        assert self.client.post(reverse("practice:try-send"), fields).status_code == 403
        assert not GuestResponse.objects.exists()

    def test_wrong_methods(self):
        for name in ("try-send", "try-forget"):
            assert self.client.get(reverse(f"practice:{name}")).status_code == 405
        assert self.post("try-result").status_code == 405


class TextTests(GuestCase):
    """What the pages promise a guest is what this set-up does."""

    SETUPS = (
        ({**EARS}, "your words, your pace and your pauses", "heard there by a program"),
        ({"OPIC_EARS": "gemini"}, "see your pace and your pauses", "no words"),
        ({**EARS, "OPIC_EARS": "gemini"}, "your words, your pace", "heard there by a program"),
        ({"OPIC_EARS": "none"}, "see your pace and your pauses", "no words"),
        ({"OPIC_GUEST_ANSWERS_PER_HOUR": 0}, "you need one", "nobody hears it"),
        ({"OPIC_GUEST_ANSWERS_SITE_PER_HOUR": 0}, "you need one", "Sign up to see how it went"),
    )

    def test_landing_and_question_say_what_a_guest_gets(self):
        for settings, landing, question in self.SETUPS:
            with self.subTest(settings), override_settings(**settings):
                self.assertContains(self.client.get("/"), landing)
                page = self.client.get(reverse("practice:try")).content.decode()
                assert question in page
                assert ("Show me how it went" in page) == guest_uploads.are_heard()


class LimitTests(GuestCase):
    def test_three_an_hour_and_then_the_reason(self):
        for _ in range(3):
            self.token()
        refused = self.send()
        assert (refused.status_code, refused.json()["code"]) == (429, "slow_down")
        assert "still on this device" in refused.json()["message"]
        assert GuestResponse.objects.count() == 3

    def test_the_site_has_a_limit_too(self):
        with override_settings(OPIC_GUEST_ANSWERS_SITE_PER_HOUR=1):
            self.token()
            reply = self.client.post(
                reverse("practice:try-send"),
                body(KEY, [chunked(sound())]),
                headers={"X-CSRFToken": self.csrf},
                REMOTE_ADDR="192.0.2.7",
            )
        assert reply.status_code == 429
        assert "Many people" in reply.json()["message"]

    def test_zero_means_nothing_is_sent_and_the_pages_say_so(self):
        with override_settings(OPIC_GUEST_ANSWERS_PER_HOUR=0):
            assert self.send().status_code == 404
            page = self.client.get(reverse("practice:try")).content.decode()
            assert "nobody hears it" in page
            assert "Show me how it went" not in page

    def test_longer_than_a_guest_may_speak(self):
        with override_settings(OPIC_GUEST_SECONDS=2):
            reply = self.send()
        assert reply.json()["code"] == "too_long"
        assert "2 seconds at most" in reply.json()["message"]
        assert not GuestResponse.objects.exists()

    def test_too_large_is_json(self):
        reply = self.post("try-send", {"manifest": "x" * (2 * 1024 * 1024 + 1)})
        assert (reply.status_code, reply.json()["code"]) == (413, "too_large")

    def test_a_full_disk(self):
        with mock.patch("scoring.uploads.requests.disk.is_full", return_value=True):
            assert self.send().json()["code"] == "disk_full"

    def test_no_address_is_stored_with_the_counts(self):
        with mock.patch.object(hourly_slots, "take", return_value=True) as taken:
            self.token()
        assert not [call for call in taken.call_args_list if "127.0.0.1" in str(call)]


class DeletionTests(GuestCase):
    def test_it_is_deleted_when_its_speaker_says_so(self):
        token = self.token()
        name = GuestResponse.objects.get().audio.name
        for _ in range(2):
            assert self.post("try-forget", **{TOKEN: token}).status_code == 204
        assert not GuestResponse.objects.exists()
        assert not audio_storage().exists(name)
        assert 'data-status="gone"' in self.result(token).content.decode()

    def test_a_forged_mark_finds_nothing_and_deletes_nothing(self):
        self.token()
        for mark in ("", "x", str(GuestResponse.objects.get().pk)):
            assert 'data-status="gone"' in self.result(mark).content.decode()
            assert self.post("try-forget", **{TOKEN: mark}).status_code == 204
        assert GuestResponse.objects.count() == 1

    def test_after_its_time_it_is_not_read_and_the_sweep_deletes_row_and_file(self):
        token = self.token()
        name = GuestResponse.objects.get().audio.name
        tasks.sweep_guests()
        assert GuestResponse.objects.exists()
        GuestResponse.objects.update(received_at=timezone.now() - LIFE)
        assert 'data-status="gone"' in self.result(token).content.decode()
        tasks.hear_guest(str(GuestResponse.objects.get().pk))
        assert GuestResponse.objects.get().status == Status.UPLOADED
        tasks.sweep_guests()
        assert not GuestResponse.objects.exists()
        assert not audio_storage().exists(name)

    def test_a_file_without_a_row_goes_too(self):
        self.token()
        name = GuestResponse.objects.get().audio.name
        GuestResponse.objects.all().delete()
        tasks.sweep_guests()
        assert audio_storage().exists(name)  # it may just be arriving
        later = timezone.now() + LIFE
        with mock.patch("scoring.rating.retention.timezone.now", return_value=later):
            tasks.sweep_guests()
        assert not audio_storage().exists(name)

    def test_deleted_while_it_is_heard_nothing_comes_back(self):
        self.token()
        guest = GuestResponse.objects.get()
        ears = StubEars(on_piece=lambda: guest_uploads.forget(guest))
        with override_settings(**EARS), mock.patch.object(guests, "get_ears", return_value=ears):
            tasks.hear_guest(str(guest.pk))
        assert not GuestResponse.objects.exists()


class BrokenEarsTests(GuestCase):
    def test_ears_that_break_off_are_tried_again_and_then_the_measures_stand_alone(self):
        self.token()
        ears = mock.Mock(version="stub 1")
        ears.hear.side_effect = AdapterError("broke off", retry=True, after_seconds=1)
        for tries in (1, 2):
            guest = self.hear(ears)
            assert (guest.status, guest.tries) == (Status.UPLOADED, tries)
            GuestResponse.objects.update(not_before_at=None)
        guest = self.hear(ears)
        assert (guest.status, guest.facts, bool(guest.audio)) == (Status.MEASURED, {}, False)

    def test_a_lost_file_is_told(self):
        token = self.token()
        audio_storage().delete(GuestResponse.objects.get().audio.name)
        assert self.hear().reason == "technical"
        assert "Please record the answer again" in self.result(token).content.decode()

    def test_what_nobody_foresaw_ends_after_the_last_try(self):
        self.token()
        with mock.patch.object(guests, "measure", side_effect=RuntimeError("secret words")):
            for _ in range(guests.MOST_TRIES):
                with self.assertLogs("scoring.rating.guests") as log:
                    self.hear()
                assert "secret words" not in str(log.output)
                GuestResponse.objects.update(not_before_at=None)
        assert GuestResponse.objects.get().reason == "gave_up"


class BehindLearnersTests(GuestCase):
    def test_it_waits_while_a_learners_answer_is_due(self):
        self.token()
        response = make_response(make_user(), self.prompt)
        guest = self.hear(StubEars())
        assert (guest.status, guest.measures, guest.tries) == (Status.UPLOADED, None, 0)
        queue, work = (mock.patch.object(tasks, name) for name in ("queue_guest", "pipeline"))
        with queue as queued, work:
            tasks.rate_response(str(response.pk))
        queued.assert_called_once()

    def test_between_two_pieces_it_gives_way_and_goes_on_behind_the_first(self):
        self.token()
        learner = make_user()
        ears = StubEars(on_piece=lambda: make_response(learner, self.prompt))
        guest = self.hear(ears)
        assert guest.status == Status.UPLOADED
        assert guest.heard["heard"]["transcript"] == "On"
        Response.objects.update(status=Status.UNRATABLE, reason="not_heard")
        assert self.hear(ears).status == Status.MEASURED
        assert ears.jobs[1].heard_before.transcript == "On"

    def test_one_at_a_time_and_the_end_of_one_calls_the_next(self):
        self.token()
        self.token()
        first, second = GuestResponse.objects.order_by("received_at")
        assert GuestResponse.objects.claim(str(first.pk))
        assert GuestResponse.objects.claim(str(second.pk)) is None
        GuestResponse.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        with mock.patch.object(tasks, "queue_guest") as queued:
            tasks.hear_guest(str(first.pk))
        queued.assert_called_once_with(second)


@pytest.mark.django_db
@given(offset=st.integers(min_value=-7200, max_value=7200))
def test_live_and_expired_share_all_rows_between_them(offset):
    prompt = make_prompt()
    revision = prompt.published
    at = timezone.now() - timedelta(seconds=offset)
    guest = GuestResponse.objects.create(revision=revision, length_ms=1, received_at=at)
    is_live = GuestResponse.objects.live().filter(pk=guest.pk).exists()
    is_expired = GuestResponse.objects.expired().filter(pk=guest.pk).exists()
    assert is_live != is_expired
    if offset > LIFE.total_seconds() + 5 or offset < -90:
        assert is_expired
    guest.delete()
