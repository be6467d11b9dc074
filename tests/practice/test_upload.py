"""An answer arrives: every container, every fault, ten times at once, without a session."""

import hashlib
import json
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts import consents
from accounts.models import Activity
from practice.models import PracticeTake
from scoring.models import Response, audio_storage
from scoring.uploads import tickets
from tests.factories import make_device, make_prompt, make_revision, make_user
from tests.scoring import recordings


def chunked(data: bytes, count: int = 4) -> list[bytes]:
    size = -(-len(data) // count)
    return [data[start : start + size] for start in range(0, len(data), size)]


def body(ticket, segments, *, leave_out=(), order=None, **change):
    """The multipart fields a recorder sends."""
    manifest = {
        "v": 1,
        "key": ticket["key"],
        "mime": "audio/webm;codecs=opus",
        "recorded_at": datetime.now(UTC).isoformat(),
        "time_zone": "Asia/Seoul",
        "elapsed_ms": 1000,
        "accept_partial": False,
        "segments": [
            {
                "sizes": [len(part) for part in parts],
                "sha256": hashlib.sha256(b"".join(parts)).hexdigest(),
            }
            for parts in segments
        ],
        **change,
    }
    fields = {
        f"chunk-{number}-{index}": SimpleUploadedFile("chunk", part, "text/html")
        for number, parts in enumerate(segments)
        for index, part in enumerate(parts)
        if (number, index) not in leave_out
    }
    names = sorted(fields, reverse=order == "backwards")
    return {"manifest": json.dumps(manifest), **{name: fields[name] for name in names}}


class UploadCase:
    def begin(self):
        self.speaker = make_user()
        self.device = make_device(self.speaker)
        self.prompt = make_prompt()
        self.url = reverse("practice:take-create", args=[self.prompt.pk, 1])

    def ticket(self, key=None):
        return tickets.issue(self.speaker, str(self.device.pk), self.url, key)

    def send(self, ticket, fields, client=None, **headers):
        return (client or Client(enforce_csrf_checks=True)).post(
            self.url, fields, headers={"X-Upload-Token": ticket["token"], **headers}
        )

    def send_sound(self, data, **options):
        ticket = options.pop("ticket", None) or self.ticket()
        return self.send(ticket, body(ticket, [chunked(data)], **options))


class UploadTests(UploadCase, TestCase):
    def setUp(self):
        self.begin()

    def test_a_decoded_answer_is_saved_without_session_or_csrf(self):
        data = recordings.as_container(recordings.speech(6))
        with self.captureOnCommitCallbacks(execute=True):
            sent = self.send_sound(data)
        reply = sent.json()
        assert (sent.status_code, reply["status"]) == (200, "saved")
        assert abs(reply["length_seconds"] - 6) < 0.2
        response = Response.objects.get(pk=reply["response"])
        assert response.status == Response.Status.MEASURED
        assert response.shown_rating.kind == "measure"
        take = PracticeTake.objects.get()
        assert (take.learner, take.prompt, take.number) == (self.speaker, self.prompt, 1)
        assert response.audio.name == f"audio/{self.speaker.pk}/{response.pk}.m4a"

    def signed_in(self, person):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        return client

    def sent_by(self, client, data):
        ticket = self.ticket()
        return self.send(ticket, body(ticket, [chunked(data)]), client=client).json()

    def test_the_reply_brings_a_ticket_that_works_to_who_is_signed_in(self):
        data = recordings.as_container(recordings.speech(3))
        client = self.signed_in(self.speaker)
        fresh = self.sent_by(client, data)["ticket"]
        assert self.send_sound(data, ticket=fresh).json()["status"] == "saved"
        assert Response.objects.count() == 2
        client.logout()
        assert self.send_sound(data, ticket=fresh).status_code == 401

    def test_a_ticket_alone_is_never_renewed(self):
        """Who holds a ticket without its session stores one answer and gets no other ticket."""
        data = recordings.as_container(recordings.speech(3))
        ended = self.signed_in(self.speaker)
        ended.session.flush()
        for client in (None, self.signed_in(make_user()), ended):
            reply = self.sent_by(client, data)
            assert reply["status"] == "saved"
            assert "ticket" not in reply

    def test_every_container_with_lying_names_becomes_one_format(self):
        sound = recordings.speech(5)
        for kind in ("webm", "mp4", "mp4-opus", "m4a", "ogg", "wav"):
            reply = self.send_sound(recordings.as_container(sound, kind=kind)).json()
            assert reply["status"] == "saved", kind
            assert abs(reply["length_seconds"] - 5) < 0.2, kind
            stored = audio_storage().open(Response.objects.get(pk=reply["response"]).audio.name)
            assert stored.read(12)[4:8] == b"ftyp", kind

    def test_the_same_key_again_is_the_same_answer(self):
        data = recordings.as_container(recordings.speech(3))
        ticket = self.ticket()
        first = self.send_sound(data, ticket=ticket).json()
        again = self.send_sound(data, ticket=ticket).json()
        assert {**first, "ticket": 0} == {**again, "ticket": 0}
        assert Response.objects.count() == PracticeTake.objects.count() == 1

    def test_chunks_in_any_order_are_put_together(self):
        data = recordings.as_container(recordings.speech(4))
        assert self.send_sound(data, order="backwards").json()["status"] == "saved"

    def test_a_missing_first_or_middle_chunk_is_refused_and_kept_on_the_device(self):
        data = recordings.as_container(recordings.speech(4))
        for index in (0, 1, 2):
            sent = self.send_sound(data, leave_out=[(0, index)], accept_partial=True)
            assert sent.status_code == 422
            assert (sent.json()["code"], sent.json()["keep"]) == ("missing_chunk", True)
        assert not Response.objects.exists()

    def test_a_missing_tail_is_offered_as_partial(self):
        data = recordings.as_container(recordings.speech(4))
        sent = self.send_sound(data, leave_out=[(0, 3)])
        assert sent.json()["code"] == "tail_missing"
        assert sent.json()["can_keep_partial"] is True
        reply = self.send_sound(data, leave_out=[(0, 3)], accept_partial=True).json()
        assert reply["status"] == "saved"
        assert Response.objects.get().is_partial
        assert 2 < reply["length_seconds"] < 4

    def test_segments_are_put_end_to_end(self):
        first = recordings.as_container(recordings.speech(3))
        second = recordings.as_container(recordings.speech(2, seed=3))
        ticket = self.ticket()
        fields = body(ticket, [chunked(first), chunked(second)])
        reply = self.send(ticket, fields).json()
        assert abs(reply["length_seconds"] - 5) < 0.25
        assert Response.objects.get().segments == 2

    def test_bytes_changed_on_the_way_are_sent_again(self):
        data = recordings.as_container(recordings.speech(3))
        ticket = self.ticket()
        fields = body(ticket, [chunked(data)])
        fields["chunk-0-1"] = SimpleUploadedFile("chunk", b"\0" * fields["chunk-0-1"].size)
        assert self.send(ticket, fields).json()["code"] == "missing_chunk"

    def test_the_time_is_kept_within_what_can_be_true(self):
        data = recordings.as_container(recordings.speech(2))
        self.send_sound(data, recorded_at="2030-01-01T00:00:00Z")
        assert Response.objects.get().recorded_at <= timezone.now()

    def test_the_day_counts_where_the_person_is(self):
        data = recordings.as_container(recordings.speech(12))
        self.send_sound(data, time_zone="America/New_York")
        activity = Activity.objects.get()
        assert activity.responses == 1
        assert activity.voiced_ms >= 5000
        assert Response.objects.get().time_zone == "America/New_York"

    def test_a_word_or_two_is_saved_and_makes_no_day(self):
        assert self.send_sound(recordings.as_container(recordings.speech(3))).json()["response"]
        assert Response.objects.get().voiced_ms > 1000
        assert not Activity.objects.exists()

    def test_only_the_first_answer_to_a_question_is_a_first_take(self):
        for _ in range(2):
            self.send_sound(recordings.as_container(recordings.speech(3)))
        firsts = Response.objects.order_by("received_at").values_list("is_first", flat=True)
        assert list(firsts) == [True, False]

    def test_an_answer_to_an_older_wording_keeps_that_wording(self):
        make_revision(self.prompt, "Another wording altogether, asked later on.")
        data = recordings.as_container(recordings.speech(2))
        self.send_sound(data)
        assert Response.objects.get().revision.number == 1

    def test_a_retired_prompt_still_takes_the_answer(self):
        self.prompt.retire()
        data = recordings.as_container(recordings.speech(2))
        assert self.send_sound(data).json()["status"] == "saved"


class RefusalTests(UploadCase, TestCase):
    def setUp(self):
        self.begin()

    def refused(self, sent, status, code, keep):
        reply = sent.json()
        assert sent.status_code == status, reply
        assert (reply["status"], reply["code"], reply["keep"]) == ("refused", code, keep)
        assert len(reply["message"]) > 20
        assert not Response.objects.exists()
        assert not self.stored_files()

    def stored_files(self):
        try:
            return audio_storage().listdir(f"audio/{self.speaker.pk}")[1]
        except FileNotFoundError:
            return []

    def test_what_is_no_recording(self):
        webm = recordings.as_container(recordings.speech(2))
        for data in (
            b"%PDF-1.7 not a sound " * 50,
            b"<html><script>alert(1)</script></html>" * 20,
            webm[:40] + b"<html><script>alert(1)</script></html>" * 50,
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            b"\0" * 5000,
            webm[100:],
        ):
            self.refused(self.send_sound(data), 422, "unreadable", False)

    def test_nothing_at_all(self):
        ticket = self.ticket()
        self.refused(self.send(ticket, body(ticket, [[b""]])), 422, "empty", False)
        self.refused(self.send(ticket, body(ticket, [])), 422, "empty", False)

    def test_manifests_that_make_no_sense(self):
        ticket = self.ticket()
        for manifest in ("", "{", "[]", '{"v": 2}', json.dumps({"v": 1, "segments": "x"})):
            self.refused(self.send(ticket, {"manifest": manifest}), 422, "bad_manifest", True)
        data = recordings.as_container(recordings.speech(2))
        self.refused(self.send_sound(data, key="../../etc"), 422, "bad_manifest", True)
        self.refused(self.send_sound(data, key=str(uuid.uuid4())), 422, "bad_manifest", True)

    def test_two_hours_of_silence_in_few_bytes(self):
        whole = recordings.as_container(recordings.silence(60), kind="webm")
        with self.settings(OPIC_MAX_SECONDS=30):
            self.refused(self.send_sound(whole), 422, "too_long", True)

    def test_too_many_bytes_are_refused_before_they_are_read(self):
        with self.settings(OPIC_UPLOAD_BYTES=10_000):
            self.refused(self.send_sound(b"x" * 60_000), 413, "too_large", True)

    def test_without_a_ticket_that_stands(self):
        data = recordings.as_container(recordings.speech(2))
        ticket = self.ticket()
        self.device.end()
        reply = self.send_sound(data, ticket=ticket)
        self.refused(reply, 401, "token", True)
        assert reply.json()["sign_in_url"] == reverse("account_login")
        self.refused(self.send_sound(data, ticket={**ticket, "token": "x"}), 401, "token", True)

    def test_a_ticket_for_another_question_opens_nothing_here(self):
        other = make_prompt()
        url = reverse("practice:take-create", args=[other.pk, 1])
        ticket = tickets.issue(self.speaker, str(self.device.pk), url)
        data = recordings.as_container(recordings.speech(2))
        self.refused(self.send_sound(data, ticket=ticket), 401, "token", True)

    def test_without_consent_nothing_is_kept(self):
        consents.withdraw(self.speaker, "recording")
        data = recordings.as_container(recordings.speech(2))
        self.refused(self.send_sound(data), 403, "consent", True)

    def test_too_many_in_a_minute(self):
        with self.settings(OPIC_UPLOADS_PER_MINUTE=0):
            reply = self.send_sound(recordings.as_container(recordings.speech(2)))
        self.refused(reply, 429, "slow_down", True)
        assert 1 <= int(reply["Retry-After"]) <= 61

    def test_it_is_never_stored_as_whoever_is_signed_in_now(self):
        other = Client()
        other.force_login(make_user())
        ticket = self.ticket()
        data = recordings.as_container(recordings.speech(2))
        reply = self.send(ticket, body(ticket, [chunked(data)]), client=other).json()
        assert Response.objects.get(pk=reply["response"]).speaker == self.speaker

    def test_only_posts(self):
        assert Client().get(self.url).status_code == 405

    def test_refusals_come_in_the_readers_language(self):
        reply = self.send_sound(b"%PDF-1.7", ticket=self.ticket())
        english = reply.json()["message"]
        ticket = self.ticket()
        fields = body(ticket, [[b"%PDF-1.7"]])
        korean = self.send(ticket, fields, **{"accept-language": "ko"}).json()["message"]
        assert korean != english
        assert any("가" <= letter <= "힣" for letter in korean)


class ManyAtOnceTests(UploadCase, TransactionTestCase):
    @override_settings(OPIC_UPLOADS_PER_MINUTE=10_000)
    def test_ten_equal_uploads_at_once_make_one_row_one_file_one_reply(self):
        self.begin()
        ticket = self.ticket()
        data = recordings.as_container(recordings.speech(12))
        replies = []

        def send():
            reply = self.send(ticket, body(ticket, [chunked(data)])).json()
            while reply.get("code") == "slow_down":  # one person's are decoded one after the other
                assert reply["keep"]
                reply = self.send(ticket, body(ticket, [chunked(data)])).json()
            replies.append(reply)
            connection.close()

        threads = [threading.Thread(target=send) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(replies) == 10
        assert {reply["status"] for reply in replies} == {"saved"}
        assert len({reply["response"] for reply in replies}) == 1
        assert Response.objects.count() == PracticeTake.objects.count() == 1
        assert Activity.objects.get().responses == 1
        assert len(audio_storage().listdir(f"audio/{self.speaker.pk}")[1]) == 1


@pytest.mark.parametrize("seconds", [0.3])
def test_very_short_speech_is_saved_and_says_so(seconds, db):
    case = UploadCase()
    case.begin()
    data = recordings.as_container(recordings.speech(seconds))
    reply = case.send_sound(data).json()
    assert reply["status"] == "saved"
    from scoring.tasks import rate_response

    rate_response(reply["response"])
    response = Response.objects.get(pk=reply["response"])
    assert (response.status, bool(response.reason)) == ("unratable", True)


def test_tickets_are_for_the_signed_in_person_only(client, db):
    prompt = make_prompt()
    url = reverse("practice:ticket-create", args=[prompt.pk, 1])
    assert client.post(url, headers={"X-Wants": "json"}).status_code == 401
    client.force_login(make_user())
    key = str(uuid.uuid4())
    assert client.post(url, {"key": key}).json()["key"] == key
    assert client.post(url, {"key": "x"}).status_code == 422
    assert client.get(url).status_code == 405


def test_late_answers_do_not_count_for_the_day(db):
    case = UploadCase()
    case.begin()
    old = timezone.now() - timedelta(hours=60)
    data = recordings.as_container(recordings.speech(12))
    ticket = case.ticket()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tickets, "_issued_at", lambda token: old - timedelta(hours=1))
        case.send_sound(data, ticket=ticket, recorded_at=old.isoformat())
    assert not Activity.objects.exists()
