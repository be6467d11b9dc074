"""What arrives from a sitting: answers, tickets and the microphone check."""

import json
import uuid
from datetime import timedelta
from unittest import mock

from django.core.files.base import ContentFile
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Activity
from exams.models import Attempt
from scoring.models import Response, audio_storage
from scoring.rating import retention
from tests.exams.cases import ExamCase, make_attempt
from tests.factories import make_measured, make_user
from tests.scoring import recordings

HX = {"HX-Request": "true"}


class ResponseTests(ExamCase):
    sound = recordings.as_container(recordings.speech(2))

    def send(self, item, entry, **more):
        manifest = {
            "v": 1,
            "key": entry["key"],
            "recorded_at": (more.get("at") or timezone.now()).isoformat(),
            "segments": [{"sizes": [len(self.sound)]}],
        }
        chunk = ContentFile(self.sound, "chunk")
        return Client().post(
            entry["url"],
            {"manifest": json.dumps(manifest), "chunk-0-0": chunk},
            headers={"X-Upload-Token": entry["token"]},
        )

    def entries(self, attempt):
        page = self.client.get(self.url("attempt-detail", attempt)).context["page"]
        return {item["n"]: item for item in page["items"]}

    def test_answers_to_issued_items_come_in_any_order_and_are_rated_at_once(self):
        attempt = self.begun()
        entries = self.entries(attempt)
        for number in (3, 1):
            item = attempt.items.get(number=number)
            with self.captureOnCommitCallbacks() as queued:
                assert self.send(item, entries[number]).status_code == 200
            assert len(queued) == 1  # during the sitting, not after it
        numbers = attempt.items.exclude(response=None).values_list("number", flat=True)
        assert sorted(numbers) == [1, 3]

    def test_an_answer_in_a_sitting_counts_as_a_first_take(self):
        attempt = self.begun()
        item = attempt.items.get(number=1)
        make_measured(self.candidate, item.revision.prompt)  # practised before
        self.send(item, self.entries(attempt)[1])
        item.refresh_from_db()
        assert item.response.is_first

    def test_a_day_counts_from_enough_speech_on(self):
        entries = self.entries(attempt := self.begun())
        self.send(attempt.items.get(number=1), entries[1])
        assert not Activity.objects.exists()
        with self.settings(OPIC_STREAK_SPEECH_SECONDS=1):
            self.send(attempt.items.get(number=2), entries[2])
        assert Activity.objects.get().responses == 1

    def test_the_same_answer_ten_times_is_one(self):
        attempt = self.begun()
        entry, item = self.entries(attempt)[1], attempt.items.get(number=1)
        replies = {self.send(item, entry).json()["response"] for _ in range(10)}
        assert len(replies) == 1
        assert Response.objects.spoken_by(self.candidate).count() == 1

    def test_after_the_time_an_answer_is_stored_and_marked(self):
        attempt = self.begun()
        entries, now = self.entries(attempt), timezone.now()
        Attempt.objects.filter(pk=attempt.pk).update(
            started_at=now - timedelta(minutes=50), deadline_at=now - timedelta(minutes=5)
        )
        attempt.submit()
        assert self.send(attempt.items.get(number=2), entries[2]).status_code == 200
        item = attempt.items.get(number=2)
        assert item.response is not None
        assert item.is_late

    def test_a_ticket_opens_its_own_item_only(self):
        attempt = self.begun()
        entries = self.entries(attempt)
        crossed = {**entries[1], "url": entries[2]["url"]}
        assert self.send(attempt.items.get(number=2), crossed).status_code == 401
        assert not Response.objects.exists()

    def test_a_fresh_ticket_has_the_item_s_own_key(self):
        attempt = self.begun()
        item = attempt.items.get(number=1)
        made = self.client.post(self.url("ticket-create", attempt, 1), {"key": str(uuid.uuid4())})
        assert made.json()["key"] == str(item.upload_key)
        assert self.client.post(self.url("ticket-create", attempt, 99)).status_code == 404

    def test_the_check_proves_the_way_and_keeps_nothing(self):
        attempt = make_attempt(self.candidate)
        manifest = {"v": 1, "key": str(uuid.uuid4()), "recorded_at": "", "segments": []}
        manifest["segments"] = [{"sizes": [len(self.sound)]}]
        body = {"manifest": json.dumps(manifest), "chunk-0-0": ContentFile(self.sound, "chunk")}
        before = retention._stored_names(audio_storage())
        reply = self.client.post(self.url("attempt-check", attempt), body)
        assert reply.json()["status"] == "heard"
        assert 1.9 < reply.json()["length_seconds"] < 2.2
        assert not Response.objects.exists()
        assert retention._stored_names(audio_storage()) == before
        noise = {**body, "chunk-0-0": ContentFile(b"x" * len(self.sound), "chunk")}
        refused = self.client.post(self.url("attempt-check", attempt), noise)
        assert refused.status_code == 422
        assert refused.json()["message"]

    @override_settings(OPIC_UPLOADS_PER_MINUTE=2)
    def test_checks_are_as_many_in_a_minute_as_answers(self):
        attempt = make_attempt(self.candidate)
        stranger = make_attempt(make_user("other@example.org"))
        with mock.patch("scoring.uploads.requests.time") as clock:
            clock.time.return_value = 1_800_000_000.0
            answers = [self.client.post(self.url("attempt-check", attempt)) for _ in range(3)]
            self.client.force_login(stranger.candidate)
            other = self.client.post(self.url("attempt-check", stranger))
            self.client.force_login(self.candidate)
            clock.time.return_value += 60
            later = self.client.post(self.url("attempt-check", attempt))
        assert [reply.status_code for reply in answers] == [422, 422, 429]
        assert "short time" in answers[2].json()["message"]
        assert (other.status_code, later.status_code) == (422, 422)
