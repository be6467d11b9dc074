"""The upload views in bad times: every reply is JSON that says what becomes of the recording."""

import threading
from contextlib import ExitStack
from unittest import mock

from django.core.cache import caches
from django.db import DatabaseError, OperationalError, connection
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import DeviceSession
from exams.models import Attempt, AttemptItem
from opic.lib.incidents import PlainFormatter
from practice.models import PracticeTake
from scoring.audio import codec, decoding
from scoring.models import Response, audio_storage
from scoring.uploads import requests as upload_requests
from scoring.uploads import tickets, timed_storage
from scoring.uploads.storage import _audio_error
from tests.exams.cases import make_attempt, publish, small_bank
from tests.factories import make_user
from tests.practice.test_upload import UploadCase, body, chunked
from tests.scoring import mutations, recordings

DOORS = {
    "practice:take-create",
    "practice:ticket-create",
    "practice:try-send",
    "exams:item-answer",
    "exams:ticket-create",
    "exams:attempt-check",
}


def sound(seconds=1.0, **more):
    return recordings.as_container(recordings.speech(seconds), **more)


def views(resolver=None, namespace=""):
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLResolver):
            inner = f"{part.namespace}:" if part.namespace else namespace
            yield from views(part, inner)
        elif isinstance(part, URLPattern):
            yield f"{namespace}{part.name}", part.callback


def test_every_view_that_takes_sound_or_gives_a_ticket_is_marked():
    marked = {name for name, view in views() if hasattr(view, "is_upload_door")}
    assert marked == DOORS


class Refuses:
    def is_refused(self, reply, status, code, *, keep=True):
        assert reply["Content-Type"] == "application/json", reply.content[:200]
        body = reply.json()
        assert (reply.status_code, body["code"], body["keep"]) == (status, code, keep), body
        assert body["status"] == "refused"
        assert len(body["message"]) > 20
        if status in (429, 503):
            assert int(reply["Retry-After"]) == body["retry_after"] > 0


class BadTimesTests(UploadCase, Refuses, TestCase):
    """Each fault once, then the same key again when it is over."""

    def setUp(self):
        self.begin()
        self.key = self.ticket()

    def broken(self, *patches, status=503, code="unavailable"):
        with ExitStack() as stack, self.assertLogs(level="WARNING") as log:
            for patch in patches:
                stack.enter_context(patch)
            reply = self.send_sound(sound(), ticket=self.key)
        self.is_refused(reply, status, code)
        assert len(log.records) == 1, log.output
        assert "\n" not in PlainFormatter().format(log.records[0])
        assert not Response.objects.exists()
        assert self.send_sound(sound(), ticket=self.key).json()["status"] == "saved"
        assert PracticeTake.objects.count() == 1

    def test_storage_refuses(self):
        self.broken(mock.patch.object(timed_storage, "_save", side_effect=ConnectionError))

    def test_storage_is_full_or_read_only(self):
        self.broken(mock.patch.object(timed_storage, "_save", side_effect=OSError(28, "no space")))

    def test_storage_hangs(self):
        released, real = threading.Event(), timed_storage._save

        def hang(path, data):
            released.wait()
            return real(path, data)

        # had the upload waited for it, it would be saved
        timer = threading.Timer(8, released.set)
        timer.start()
        self.addCleanup(timer.cancel)
        self.addCleanup(released.set)
        with override_settings(OPIC_STORE_SECONDS=0.2):
            ticket = self.key
            patch = mock.patch.object(timed_storage, "_save", side_effect=hang)
            with patch, self.assertLogs("scoring.uploads.timed_storage", "WARNING"):
                self.is_refused(self.send_sound(sound(), ticket=ticket), 503, "unavailable")
        assert not Response.objects.exists()
        assert self.send_sound(sound(), ticket=ticket).json()["status"] == "saved"

    def test_the_database_fails_when_the_row_is_made(self):
        self.broken(mock.patch.object(Response, "save", side_effect=OperationalError("locked")))

    def test_the_database_fails_at_the_door(self):
        away = mock.patch.object(upload_requests.tickets, "verify", side_effect=DatabaseError)
        self.broken(away)

    def test_anything_else(self):
        self.broken(
            mock.patch.object(upload_requests, "parts_of", side_effect=RuntimeError("surprise"))
        )

    def test_the_disk_takes_no_more_while_it_arrives(self):
        with (
            override_settings(
                FILE_UPLOAD_TEMP_DIR="/nowhere/at/all", FILE_UPLOAD_MAX_MEMORY_SIZE=1
            ),
            self.assertLogs(level="ERROR"),
        ):
            self.is_refused(self.send_sound(sound(), ticket=self.key), 503, "unavailable")
        assert self.send_sound(sound(), ticket=self.key).json()["status"] == "saved"

    def test_the_cache_is_away(self):
        """Nothing is counted then; the answer is taken."""
        away = mock.patch.object(caches["default"], "incr", side_effect=ConnectionError)
        with away, self.assertLogs(level="WARNING") as log:
            assert self.send_sound(sound(), ticket=self.key).json()["status"] == "saved"
        assert len(log.records) == 1

    def test_a_middleware_breaks_before_the_view(self):
        with mock.patch("django.middleware.locale.LocaleMiddleware.process_request") as broken:
            broken.side_effect = DatabaseError
            client = Client(enforce_csrf_checks=True, raise_request_exception=False)
            with self.assertLogs(level="ERROR"):
                reply = self.send(self.key, body(self.key, [chunked(sound())]), client=client)
        self.is_refused(reply, 503, "unavailable")

    def test_a_question_that_is_gone(self):
        url = reverse("practice:take-create", args=[self.prompt.pk, 7])
        self.key = tickets.issue(self.speaker, str(self.device.pk), url)
        self.url = url
        self.is_refused(self.send_sound(sound(), ticket=self.key), 404, "not_found")

    def test_other_pages_keep_their_own_faults(self):
        client = Client(raise_request_exception=False)
        with mock.patch("django.middleware.locale.LocaleMiddleware.process_request") as broken:
            broken.side_effect = DatabaseError
            with self.assertLogs(level="ERROR"):
                assert client.get("/")["Content-Type"].startswith("text/html")


class BusyTests(UploadCase, Refuses, TestCase):
    """No reply with `keep: false` depends on how busy the host is."""

    def setUp(self):
        self.begin()

    def test_whatever_befalls_the_decoder_the_device_keeps_its_bytes(self):
        data = [sound(), b"%PDF-1.7 not a sound" * 50, mutations.mutated("webm", 3)]
        for died in ("time", "killed", "cpu", "memory", "crashed"):
            for one in data:
                ticket = self.ticket()
                patch = mock.patch.object(
                    decoding.Server, "ask", return_value=({"died": died}, b"")
                )
                with patch, self.assertLogs("scoring.audio.decoding", "WARNING"):
                    reply = self.send_sound(one, ticket=ticket)
                assert reply.json()["keep"] is True, (died, reply.json())
                is_busy = died in ("time", "killed")
                code = "busy" if is_busy else "too_heavy"
                self.is_refused(reply, 503 if is_busy else 422, code)

    def test_a_decoder_that_cannot_even_start_is_busy(self):
        ticket = self.ticket()
        decoding._servers.end()
        patch = mock.patch.object(decoding, "Server", side_effect=OSError(12, "no memory"))
        with patch, self.assertLogs("scoring.audio.decoding", "ERROR"):
            self.is_refused(self.send_sound(sound(), ticket=ticket), 503, "busy")
        assert self.send_sound(sound(), ticket=ticket).json()["status"] == "saved"

    def test_only_what_every_machine_would_say_lets_go_of_the_bytes(self):
        lets_go = {
            code
            for code in ("unreadable", "no_audio", "too_long", "too_heavy", "memory", "failed", "x")
            if not _audio_error(code).keep
        }
        assert lets_go == {"unreadable", "no_audio"}
        for code in lets_go:
            assert codec.AudioError(code).code == code


class TriesTests(UploadCase, Refuses, TestCase):
    def setUp(self):
        self.begin()
        patch = mock.patch.object(upload_requests.time, "time", return_value=1_800_000_000.0)
        patch.start()
        self.addCleanup(patch.stop)

    @override_settings(OPIC_UPLOADS_PER_MINUTE=5)
    def test_refused_uploads_count_as_tries(self):
        replies = [self.send_sound(b"%PDF-1.7 not a sound" * 9) for _ in range(8)]
        assert [reply.status_code for reply in replies] == [422] * 5 + [429] * 3
        self.is_refused(replies[-1], 429, "slow_down")
        assert int(replies[-1]["Retry-After"]) <= 61

    @override_settings(OPIC_UPLOADS_PER_MINUTE=2)
    def test_an_answer_that_is_kept_costs_no_try(self):
        ticket = self.ticket()
        for _ in range(5):
            assert self.send_sound(sound(), ticket=ticket).json()["status"] == "saved"
        assert self.send_sound(sound()).json()["status"] == "saved"
        assert self.send_sound(sound()).status_code == 429

    @override_settings(OPIC_UPLOADS_PER_MINUTE=1)
    def test_one_persons_tries_are_not_anothers_and_end_with_the_minute(self):
        assert self.send_sound(sound()).status_code == 200
        ticket = self.ticket()
        refused = self.send_sound(sound(), ticket=ticket)
        self.is_refused(refused, 429, "slow_down")
        upload_requests.time.time.return_value += int(refused["Retry-After"])
        assert self.send_sound(sound(), ticket=ticket).json()["status"] == "saved"
        self.begin()
        assert self.send_sound(sound()).status_code == 200

    def test_who_has_no_ticket_is_answered_before_a_byte_is_read(self):
        bad = {**self.ticket(), "token": "x"}
        patch = mock.patch.object(upload_requests, "_drain")
        with override_settings(OPIC_UPLOAD_BYTES=1000), patch as drained:
            reply = self.send_sound(b"x" * 60_000, ticket=bad)
        self.is_refused(reply, 401, "token")
        assert not drained.called


class SittingDoorTests(Refuses, TestCase):
    """The same limits behind the doors of a sitting."""

    @classmethod
    def setUpTestData(cls):
        publish(small_bank())
        cls.attempt = make_attempt(make_user())
        assert cls.attempt.start()
        cls.device = DeviceSession.objects.create(person=cls.attempt.candidate)

    def setUp(self):
        patch = mock.patch.object(upload_requests.time, "time", return_value=1_800_000_000.0)
        patch.start()
        self.addCleanup(patch.stop)

    def send(self, data):
        item = AttemptItem.objects.filter(attempt=self.attempt).first()
        url = reverse("exams:item-answer", args=[self.attempt.pk, item.number])
        person = self.attempt.candidate
        ticket = tickets.issue(person, str(self.device.pk), url, str(item.upload_key))
        fields = body(ticket, [chunked(data)])
        return Client().post(url, fields, headers={"X-Upload-Token": ticket["token"]})

    @override_settings(OPIC_UPLOADS_PER_MINUTE=3)
    def test_answers_of_a_sitting_have_a_limit_of_tries(self):
        codes = [self.send(b"%PDF-1.7 not a sound" * 9).status_code for _ in range(5)]
        assert codes == [422] * 3 + [429] * 2

    @override_settings(OPIC_UPLOADS_PER_MINUTE=3)
    def test_the_microphone_check_counts_with_them(self):
        client = Client()
        client.force_login(self.attempt.candidate)
        url = reverse("exams:attempt-check", args=[self.attempt.pk])
        ticket = {"key": "5e0d4e3e-6f2f-4f6f-9a39-0d6c6c0b7a10"}
        codes = [self.send(b"%PDF-1.7 not a sound" * 9).status_code for _ in range(2)]
        codes += [client.post(url, body(ticket, [chunked(sound())])).status_code for _ in range(2)]
        assert codes == [422, 422, 200, 429]

    def test_on_a_full_disk_no_test_begins_and_one_that_goes_on_goes_on(self):
        client = Client()
        client.force_login(self.attempt.candidate)
        detail = reverse("exams:attempt-detail", args=[self.attempt.pk])
        with override_settings(OPIC_DISK_FULL_PERCENT=0.0):
            reply = client.get(reverse("exams:attempt-create"), follow=True)
            self.assertContains(reply, "no room for new recordings")
            assert client.get(detail).status_code == 200
            check = client.post(reverse("exams:attempt-check", args=[self.attempt.pk]))
            self.is_refused(check, 503, "disk_full")
            Attempt.objects.filter(pk=self.attempt.pk).update(status="preparing")
            self.assertContains(client.get(detail, follow=True), "no room for new recordings")

    def test_its_storage_fails_and_the_same_key_works_later(self):
        patch = mock.patch.object(timed_storage, "_save", side_effect=ConnectionError)
        with patch, self.assertLogs(level="WARNING"):
            self.is_refused(self.send(sound()), 503, "unavailable")
        assert self.send(sound()).json()["status"] == "saved"


class ParallelTriesTests(TransactionTestCase):
    def test_many_at_once_are_counted_each(self):
        """On the cache that counts in two steps too: the lock is the person's row."""
        person, counted = make_user(), []

        def count():
            counted.append(upload_requests._tries_of(person))
            connection.close()

        moment = mock.patch.object(upload_requests.time, "time", return_value=1_800_000_000.0)
        with moment, mock.patch.object(upload_requests, "cache", SlowCache(caches["default"])):
            threads = [threading.Thread(target=count) for _ in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert sorted(counted) == list(range(1, 13))


class SlowCache:
    """Counts as `DatabaseCache` does: reads, then writes."""

    def __init__(self, cache):
        self.cache = cache

    def add(self, *args):
        return self.cache.add(*args)

    def incr(self, key):
        value = self.cache.get(key) + 1
        threading.Event().wait(0.01)
        self.cache.set(key, value)
        return value


class FullDiskTests(UploadCase, Refuses, TestCase):
    """Refused before anybody speaks, never after."""

    def setUp(self):
        self.begin()
        self.client = Client()
        self.client.force_login(self.speaker)

    def test_nobody_begins_and_what_was_spoken_is_taken(self):
        page = reverse("practice:prompt-detail", args=[self.prompt.pk])
        url = reverse("practice:ticket-create", args=[self.prompt.pk, 1])
        spoken = self.ticket()
        with override_settings(OPIC_DISK_FULL_PERCENT=0.0):
            assert b"<opic-recorder" not in self.client.get(page).content
            self.is_refused(self.client.post(url), 503, "disk_full")
            # an answer that was spoken without a ticket still gets one
            assert self.client.post(url, {"key": spoken["key"]}).json()["key"] == spoken["key"]
            assert self.send_sound(sound(), ticket=spoken).json()["status"] == "saved"
        assert b"<opic-recorder" in self.client.get(page).content


class PlaybackTests(UploadCase, TestCase):
    def setUp(self):
        self.begin()
        self.client = Client()
        self.client.force_login(self.speaker)
        reply = self.send_sound(sound()).json()
        self.response = Response.objects.get(pk=reply["response"])
        self.address = reverse("scoring:response-audio", args=[self.response.pk])

    def test_a_storage_that_is_away_is_a_line_of_words(self):
        patch = mock.patch.object(type(audio_storage()), "_open", side_effect=ConnectionError)
        with patch, self.assertLogs(level="WARNING"):
            reply = self.client.get(self.address)
        assert (reply.status_code, reply["Retry-After"]) == (503, "30")
        assert reply["Content-Type"].startswith("text/plain")
        assert len(reply.content) < 200
        assert b"cannot be reached now" in reply.content

    def test_a_row_whose_file_is_gone_is_a_line_of_words(self):
        audio_storage().delete(self.response.audio.name)
        reply = self.client.get(self.address)
        assert (reply.status_code, len(reply.content) < 200) == (404, True)

    def test_a_clip_whose_file_is_gone_is_a_line_of_words(self):
        clip = self.prompt.published.best_clip
        clip.file.storage.delete(clip.file.name)
        reply = self.client.get(reverse("materials:clip-audio", args=[clip.pk]))
        assert (reply.status_code, len(reply.content) < 200) == (404, True)
        assert "immutable" not in reply["Cache-Control"]
