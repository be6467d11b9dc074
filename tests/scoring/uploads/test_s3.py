"""Sound in an S3 that is well, refuses, hangs, dribbles or has too much to do: the real client."""

import time
from contextlib import contextmanager

from django.conf import settings
from django.core.files.storage import storages
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from opic.settings import _audio_storage
from scoring import tasks
from scoring.models import Response, audio_storage
from scoring.rating import retention
from scoring.uploads import timed_storage
from tests.practice.test_upload import UploadCase
from tests.product import free_port
from tests.s3.server import FakeS3
from tests.scoring import recordings

MOST_SECONDS = 20


@contextmanager
def sound_in(url):
    """The product's own way from OPIC_STORAGE_URL to a storage."""
    chosen = {**settings.STORAGES, "audio": _audio_storage(url)}
    # the fields of models hold these: tests that come later must look into the same ones
    held = {name: storages[name] for name in settings.STORAGES if name != "staticfiles"}
    with override_settings(STORAGES=chosen):
        yield storages["audio"]
    storages._storages.update(held)


class S3Tests(UploadCase, TestCase):
    def setUp(self):
        self.begin()
        self.fake = self.enterContext(FakeS3())
        self.enterContext(sound_in(self.fake.url))
        self.data = recordings.as_container(recordings.speech(1))

    def stored_names(self):
        reply = self.send_sound(self.data).json()
        return Response.objects.get(pk=reply["response"])

    def play(self, response):
        client = Client()
        client.force_login(self.speaker)
        return client.get(reverse("scoring:response-audio", args=[response.pk]))

    def test_it_is_stored_played_and_dropped(self):
        response = self.stored_names()
        assert self.fake.objects[response.audio.name][4:8] == b"ftyp"
        reply = self.play(response)
        assert b"".join(reply) == self.fake.objects[response.audio.name]
        tasks.rate_response(str(response.pk))
        response.refresh_from_db()
        assert response.status == "measured"
        retention.drop_audio(response)
        assert self.fake.objects == {}

    def test_files_without_a_row_are_found(self):
        self.stored_names()
        timed_storage.save(f"audio/{self.speaker.pk}/lost.m4a", b"sound")
        assert sorted(retention._stored_names(audio_storage())) == sorted(self.fake.objects)

    def refused(self, mode):
        """503 JSON within the limit and no row; the ticket, to try again with."""
        ticket = self.ticket()
        self.fake.mode = mode
        begun = time.monotonic()
        with self.assertLogs("scoring.uploads.timed_storage", "WARNING") as log:
            reply = self.send_sound(self.data, ticket=ticket)
        assert time.monotonic() - begun < MOST_SECONDS
        assert (reply.status_code, reply.json()["keep"]) == (503, True)
        assert int(reply["Retry-After"]) > 0
        assert len(log.records) == 1
        assert not Response.objects.exists()
        return ticket

    def saved(self, ticket):
        self.fake.mode = "fine"
        assert self.send_sound(self.data, ticket=ticket).json()["status"] == "saved"

    def test_overloaded(self):
        self.saved(self.refused("broken"))

    def test_hanging(self):
        with override_settings(OPIC_STORE_SECONDS=1):
            ticket = self.refused("hang")
        self.saved(ticket)

    def test_dribbling(self):
        with override_settings(OPIC_STORE_SECONDS=1):
            ticket = self.refused("slow")
        self.saved(ticket)

    def test_nobody_listens(self):
        ticket = self.ticket()
        with sound_in(self.fake.url.replace(str(self.fake.port), str(free_port()))):
            with self.assertLogs("scoring.uploads.timed_storage", "WARNING"):
                reply = self.send_sound(self.data, ticket=ticket)
            assert (reply.status_code, reply.json()["keep"]) == (503, True)
        assert self.send_sound(self.data, ticket=ticket).json()["status"] == "saved"

    def test_playback_says_that_it_cannot_be_reached_and_what_is_gone_is_gone(self):
        response = self.stored_names()
        self.fake.mode = "broken"
        with self.assertLogs("opic.lib.range_response", "WARNING"):
            reply = self.play(response)
        assert (reply.status_code, len(reply.content) < 200) == (503, True)
        self.fake.mode = "fine"
        self.fake.objects.clear()
        assert self.play(response).status_code == 404

    def test_a_worker_that_cannot_reach_it_gives_back(self):
        response = self.stored_names()
        self.fake.mode = "broken"
        with self.assertLogs("scoring.rating.pipeline", "ERROR"):
            tasks.rate_response(str(response.pk))
        response.refresh_from_db()
        assert response.status == "uploaded"


def test_the_client_itself_gives_up_in_time():
    """The limits that reach the wire: two tries of two and six seconds, not five of a minute."""
    options = _audio_storage("s3://key:secret@example.org/sound")["OPTIONS"]["client_config"]
    assert (options.connect_timeout, options.read_timeout) == (2, 6)
    assert options.retries["total_max_attempts"] == 2
