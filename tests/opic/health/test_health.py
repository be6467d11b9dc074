"""What the three addresses say, and that they say it whatever hangs."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import storages
from django.test import Client, TestCase, override_settings
from django.utils import timezone, translation

from opic.health import ready, report, work
from opic.health.probes import Finding, Lane, Level, Probe, ask
from opic.operations.models import ClockworkTask, Cluster
from scoring.models import Response, Status
from tests.factories import enter_admin, make_prompt, make_response, make_user

ADDRESSES = ["/healthz", "/healthz/ready", "/healthz/work"]


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def make_cluster(*, beat: float = 0, worked: float | None = 0, started: float = 9999):
    """A cluster that beat and worked so many seconds ago."""
    return Cluster.objects.create(
        host="h",
        pid=1,
        version="0",
        started_at=ago(started),
        beat_at=ago(beat),
        worked_at=None if worked is None else ago(worked),
    )


class AddressTests(TestCase):
    @pytest.mark.usefixtures("db")
    def test_they_answer_by_address_without_a_host_a_session_or_https(self):
        with override_settings(ALLOWED_HOSTS=["opic.example.org"], SECURE_SSL_REDIRECT=True):
            client = Client(headers={"host": "10.1.2.3"})
            for address in ADDRESSES:
                reply = client.get(address)
                assert reply.status_code in (200, 503), address
                assert reply["Content-Type"] == "application/json"
                assert reply["Cache-Control"] == "no-store"
                assert not reply.cookies
                assert "Vary" not in reply
                assert client.post(address).status_code == 405

    def test_that_a_process_lives_needs_no_database(self):
        with self.assertNumQueries(0):
            assert self.client.get("/healthz").json()["status"] == "ok"


class ClusterTests(TestCase):
    def test_no_cluster_at_all_is_an_alarm(self):
        assert work.clusters().level == Level.DOWN

    def test_a_cluster_that_beats_and_works_is_well(self):
        make_cluster()
        assert work.clusters() == Finding(figures={"clusters": 1, "worked_seconds": 0})

    def test_a_minute_without_a_beat_is_an_alarm_with_its_age(self):
        cluster = make_cluster(beat=59)
        assert work.clusters().level == Level.OK
        Cluster.objects.filter(pk=cluster.pk).update(beat_at=ago(61))
        finding = work.clusters()
        assert finding.level == Level.DOWN
        assert "61 s" in finding.words()

    def test_a_living_cluster_through_which_nothing_comes_is_an_alarm(self):
        make_cluster(worked=179)
        assert work.clusters().level == Level.OK
        Cluster.objects.update(worked_at=ago(181))
        assert work.clusters().level == Level.DOWN
        make_cluster(worked=1)
        assert work.clusters().level == Level.OK, "another one works"

    def test_a_cluster_that_just_started_has_its_time(self):
        make_cluster(worked=None, started=100)
        assert work.clusters().level == Level.OK
        Cluster.objects.update(started_at=ago(200))
        assert work.clusters().level == Level.DOWN

    def test_an_ended_cluster_does_not_count_and_a_beat_from_the_future_neither(self):
        cluster = make_cluster()
        Cluster.objects.filter(pk=cluster.pk).update(ended_at=timezone.now())
        assert work.clusters().level == Level.DOWN
        Cluster.objects.filter(pk=cluster.pk).update(ended_at=None, beat_at=ago(-3600))
        assert work.clusters().level == Level.DOWN
        # clocks of two hosts are never the same
        Cluster.objects.filter(pk=cluster.pk).update(beat_at=ago(-50))
        assert work.clusters().level == Level.OK


class DueResponseTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.prompt = make_user(), make_prompt()

    def waiting(self, seconds: float, **fields):
        response = make_response(self.person, self.prompt, **fields)
        Response.objects.filter(pk=response.pk).update(received_at=ago(seconds))
        return response

    def settled(self, seconds: float):
        response = make_response(self.person, self.prompt)
        Response.objects.filter(pk=response.pk).update(
            status=Status.UNRATABLE, reason="too_short", settled_at=ago(seconds)
        )

    def test_the_oldest_due_answer_tells(self):
        assert work.response_finding().level == Level.OK
        self.waiting(50)
        assert work.response_finding().level == Level.OK
        self.waiting(70)
        assert work.response_finding().level == Level.LATE
        self.waiting(301)
        finding = work.response_finding()
        assert finding.level == Level.DOWN
        assert finding.figures == {"due": 3, "oldest_due_seconds": 301}

    def test_while_answers_are_settled_it_is_late_and_no_alarm(self):
        self.waiting(3000)
        self.settled(121)
        assert work.response_finding().level == Level.DOWN
        self.settled(119)
        assert work.response_finding().level == Level.LATE
        assert "50 min" in work.response_finding().words()

    def test_a_burst_of_a_thousand_is_late(self):
        one = self.waiting(0)
        copies = []
        for number in range(1000):
            copies.append(
                Response(**{f.attname: getattr(one, f.attname) for f in one._meta.fields})
            )
            copies[-1].pk = copies[-1].upload_key = __import__("uuid").UUID(int=number + 1)
        Response.objects.bulk_create(copies)
        Response.objects.update(received_at=ago(400))
        self.settled(1)
        assert work.response_finding().level == Level.LATE
        assert work.response_finding().figures["due"] == 1001

    def test_an_answer_that_was_told_to_wait_is_not_waited_for(self):
        self.waiting(9000, not_before_at=timezone.now() + timedelta(hours=1))
        assert work.response_finding() == Finding(figures={"due": 0, "oldest_due_seconds": None})
        Response.objects.update(not_before_at=ago(10))
        assert work.response_finding().figures["oldest_due_seconds"] == 10

    def test_rating_old_answers_again_is_no_alarm(self):
        self.settled(90_000)
        response = Response.objects.get()
        Response.objects.update(received_at=ago(90_000), audio="x")
        assert response.rate_again()
        assert work.response_finding().figures["oldest_due_seconds"] == 0


class ClockworkTests(TestCase):
    def test_three_periods_late_is_an_alarm_that_names_the_latest(self):
        for name, seconds in (("minute", 179), ("hour", 3600), ("new", None)):
            ClockworkTask.objects.create(
                name=name,
                period_seconds=3600 if name == "hour" else 60,
                last_finished_at=None if seconds is None else ago(seconds),
            )
        assert work.clockwork().level == Level.OK
        ClockworkTask.objects.filter(name="minute").update(last_finished_at=ago(182))
        ClockworkTask.objects.filter(name="new").update(added_at=ago(500))
        finding = work.clockwork()
        assert finding.level == Level.DOWN
        assert finding.words().startswith("new has not run for 8 min.")


@override_settings(
    OPIC_ALARM_BEAT_SECONDS=5,
    OPIC_ALARM_QUEUE_SECONDS=6,
    OPIC_ALARM_ANSWER_SECONDS=7,
    OPIC_ALARM_PERIODS=2,
)
class ShortenedTests(TestCase):
    def test_thresholds_are_settings(self):
        make_cluster(beat=4, worked=7)
        ClockworkTask.objects.create(name="x", period_seconds=1, last_finished_at=ago(3))
        response = make_response(make_user())
        Response.objects.filter(pk=response.pk).update(received_at=ago(8))
        levels = [work.clusters().level, work.response_finding().level, work.clockwork().level]
        assert levels == [Level.DOWN] * 3


def hanging(name: str = "x", level: Level = Level.DOWN):
    """A check that waits until it is let go, and how often it ran."""
    go, runs = threading.Event(), []

    def check() -> Finding:
        runs.append(1)
        assert go.wait(30)
        return Finding()

    probe = Probe(
        name, Lane(name), check, failed=Finding(level, "broke"), silent=Finding(level, "?")
    )
    return probe, go, runs


def test_a_check_that_hangs_is_said_to_hang_runs_once_and_comes_back():
    probe, go, runs = hanging()
    for _ in range(5):
        assert ask([probe])["x"].words() == "?"
    assert len(runs) == 1
    assert probe.lane._waiting.qsize() == 0, "nothing piles up behind it"
    assert sum(thread.name == "health-x" for thread in threading.enumerate()) == 1
    go.set()
    done = probe._done
    assert done is None or done.wait(10)
    assert ask([probe])["x"] == Finding()


def test_one_hanging_check_delays_no_other():
    slow, go, _runs = hanging("slow")
    quick = Probe("quick", Lane("quick"), Finding, failed=Finding(), silent=Finding(Level.DOWN))
    assert ask([slow, quick])["quick"] == Finding()
    go.set()


def test_a_fresh_finding_is_not_looked_for_again():
    runs = []

    def check() -> Finding:
        runs.append(1)
        return Finding()

    probe = Probe("y", Lane("y"), check, failed=Finding(), silent=Finding(Level.DOWN))
    for _ in range(50):
        assert ask([probe])["y"] == Finding()
    assert len(runs) < 10


def test_a_check_that_raises_is_logged_and_its_words_are_ours(caplog):
    def check() -> Finding:
        raise ConnectionError("postgres://user:secret@host")

    probe = Probe("z", Lane("z"), check, failed=Finding(Level.DOWN, "away"), silent=Finding())
    with caplog.at_level(logging.WARNING):
        report_made = report.Report(ask([probe]))
    assert report_made.is_down
    assert "secret" not in json.dumps(report_made.as_json())
    assert "the check of z failed" in caplog.text


def test_reasons_are_english_for_machines_and_the_reader_s_for_people():
    report_made = report.Report({"a": Finding(Level.DOWN, "%(age)s", {"age": work.Age(7)})})
    with translation.override("ko"):
        assert report_made.as_json()["reasons"] == ["7 s"]
    assert report_made.as_json()["status"] == "down"


# --- what this host needs -------------------------------------------------------------------------


@contextmanager
def audio_in(**options) -> Iterator[None]:
    with override_settings(STORAGES={**settings.STORAGES, "audio": options}):
        yield


def test_a_folder_that_takes_no_file_is_found_and_leaves_nothing(tmp_path):
    backend = "django.core.files.storage.FileSystemStorage"
    with audio_in(BACKEND=backend, OPTIONS={"location": tmp_path / "private"}):
        assert ready.StorageCheck()().level < Level.DOWN
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    (tmp_path / "file").write_text("")
    with (
        audio_in(BACKEND=backend, OPTIONS={"location": tmp_path / "file"}),
        pytest.raises(OSError, match="Not a directory"),
    ):
        ready.StorageCheck()()


def test_a_full_disk_is_told_from_80_percent_on():
    assert ready.fill_finding(79) == Finding()
    finding = ready.fill_finding(83.6)
    assert finding.level == Level.DEGRADED
    assert "83 %" in finding.words()


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as a check needs."""

    def reply(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_HEAD = do_DELETE = do_GET = reply

    def log_message(self, *_arguments) -> None:
        pass


def in_bucket(port: int):
    options = {
        "access_key": "a",
        "secret_key": "b",
        "endpoint_url": f"http://127.0.0.1:{port}",
        "bucket_name": "x",
        "region_name": "local",
    }
    return audio_in(BACKEND="storages.backends.s3.S3Storage", OPTIONS=options)


def storage_probe(lane: str) -> Probe:
    mine = next(probe for probe in ready.PROBES if probe.name == "storage")
    return Probe("s", Lane(lane), ready.StorageCheck(), failed=mine.failed, silent=mine.silent)


def test_a_remote_storage_that_answers_hangs_or_refuses_is_told_apart():
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with in_bucket(server.server_address[1]):
            storages["audio"].exists("warm")
            assert ready.StorageCheck()().level < Level.DOWN
        server.shutdown()
    with socket.create_server(("127.0.0.1", 0)) as silent, in_bucket(silent.getsockname()[1]):
        assert "does not answer" in ask([storage_probe("s1")])["s"].words()
    with in_bucket(9):
        # the port of nobody: the driver tries some times before it gives up
        assert ask([storage_probe("s2")])["s"].level == Level.DOWN


def test_the_manifest_of_this_release_is_read_anew_when_it_comes(tmp_path):
    manifest = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=manifest, STATIC_ROOT=tmp_path):
        with pytest.raises(FileNotFoundError):
            ready.static()
        (tmp_path / "build").mkdir()
        (tmp_path / "build" / "opic.1.css").write_text("a {}")
        paths = {"build/opic.css": "build/opic.1.css"}
        text = json.dumps({"version": "1.1", "paths": paths, "hash": "x"})
        (tmp_path / "staticfiles.json").write_text(text)
        assert ready.static() == Finding()
        assert staticfiles_storage.url("build/opic.css").endswith("opic.1.css")
        (tmp_path / "build" / "opic.1.css").unlink()
        with pytest.raises(FileNotFoundError):
            ready.static()


class AdminTests(TestCase):
    """The first page of the admin says the same in words."""

    def first_page(self) -> str:
        enter_admin(self.client, make_user(is_staff=True))
        reply = self.client.get("/admin/")
        assert reply.status_code == 200
        return reply.content.decode()

    def test_it_says_what_is_wrong(self):
        down = Finding(Level.DOWN, "The database %(what)s.", {"what": "is <away>"})
        with mock.patch("opic.health.report.ask", return_value={"a": down}):
            page = self.first_page()
        assert 'class="site-health is-down"' in page
        assert "The database is &lt;away&gt;." in page

    def test_it_says_that_all_is_well(self):
        with mock.patch("opic.health.report.ask", return_value={"a": Finding()}):
            page = self.first_page()
        assert 'class="site-health is-ok"' in page
        assert "All is well" in page
