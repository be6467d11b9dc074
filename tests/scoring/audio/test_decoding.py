"""Foreign sound is read in a process without secrets; what befalls that process costs nobody."""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.test import SimpleTestCase, override_settings

from opic.lib import processes
from scoring.audio import codec, decoding, decoding_places, frames
from tests.scoring import mutations, recordings

SECRETS = ("SECRET_KEY", "DATABASE_URL", "GEMINI_API_KEY", "REDIS_URL", "EMAIL_URL")


def recording(seconds=2.0, kind="webm"):
    return recordings.as_container(recordings.speech(seconds), kind=kind)


def server():
    return decoding._servers.current()


def until(happened, seconds=10.0):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state_of(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "gone"


@contextmanager
def held_child():
    """A child that waits for the rest of its request; yields its pid and our end."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            server()._hand_over(theirs)
        pid = server().process.pid
        children: list[int] = []
        until(lambda: children.extend(children_of(pid)) or children)
        child = children[0]
        until(lambda: resource.prlimit(child, resource.RLIMIT_NPROC)[0] == 0)
        yield child, ours


def test_the_same_sound_comes_out_as_when_it_is_made_here():
    data = recording(3)
    made, here = decoding.canonical([data], "anna"), codec.canonical([data])
    assert (made.data, made.length_seconds) == (here.data, here.length_seconds)
    assert 1 < made.voiced_seconds < 3.1
    assert (decoding.pcm(made.data) == codec.pcm_of(made.data)).all()


def test_the_decoder_has_no_secret_no_handle_and_no_folder_of_ours(monkeypatch):
    for name in SECRETS:
        monkeypatch.setenv(name, "not-for-the-decoder")
    decoding._servers.end()
    with held_child() as (child, _end):
        for pid in (server().process.pid, child):
            environ = Path(f"/proc/{pid}/environ").read_text()
            assert "not-for-the-decoder" not in environ
            assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
        # its own connection and nothing else: neither the server's nor another answer's
        folder = Path(f"/proc/{child}/fd")
        handles = [str(one.readlink()).split(":")[0] for one in folder.iterdir()]
        assert sorted(handles) == ["/dev/null"] * 3 + ["socket"]


def test_a_child_is_bound_in_processor_memory_files_and_processes():
    with held_child() as (child, _end):
        limits = decoding.limits()
        assert resource.prlimit(child, resource.RLIMIT_CPU)[0] == limits.cpu_seconds
        assert resource.prlimit(child, resource.RLIMIT_AS)[0] < 2 * 2**30
        assert resource.prlimit(child, resource.RLIMIT_NPROC)[0] == 0
        assert resource.prlimit(child, resource.RLIMIT_NOFILE)[0] <= 32
        assert os.getpriority(os.PRIO_PROCESS, child) > os.getpriority(os.PRIO_PROCESS, 0)


def test_nothing_of_django_is_loaded_in_the_decoder():
    code = (
        "import sys, scoring.audio.decoder_process as _;"
        "print([name for name in sys.modules if 'django' in name])"
    )
    environment = processes.clean_environment(settings.BASE_DIR)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_killed_server_is_started_again_and_the_answer_is_read():
    first = server().process.pid
    decoding.canonical([recording()], "anna")
    os.kill(first, signal.SIGKILL)
    assert decoding.canonical([recording()], "anna").length_seconds > 1
    assert server().process.pid != first


def test_a_killed_child_is_busy_and_the_server_lives():
    pid = server().process.pid
    with held_child() as (child, end):
        os.kill(child, signal.SIGKILL)
        reply, _data = frames.read_frame(end, 1000)
    with pytest.raises(decoding.DecoderBusy):
        decoding._judge(reply)
    assert server().process.pid == pid


def test_a_stopped_server_ends_with_a_killed_process_that_asked():
    """It sees no closed socket while it stands: the kernel has to end it."""
    code = (
        "import os, time; os.environ['DJANGO_SETTINGS_MODULE'] = 'opic.settings';"
        "import django; django.setup(); from scoring.audio import decoding;"
        "print(decoding._servers.current().process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as asker:
        assert asker.stdout
        pid = int(asker.stdout.readline())
        until(lambda: Path(f"/proc/{pid}/comm").read_text() == "opic-decoder\n")
        os.kill(pid, signal.SIGSTOP)
        asker.kill()
        until(lambda: state_of(pid) in {"Z", "gone"})


def test_children_end_with_their_server_and_the_server_with_who_asked():
    with held_child() as (child, _end):
        pid = server().process.pid
        server().control.close()
        until(lambda: state_of(pid) in {"Z", "gone"})
        until(lambda: state_of(child) in {"Z", "gone"})
    assert decoding.canonical([recording()], "anna").length_seconds > 1


def test_a_child_ends_with_a_server_that_was_killed_though_who_asked_still_waits():
    with held_child() as (child, _end):
        pid = server().process.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: state_of(pid) in {"Z", "gone"})
        until(lambda: state_of(child) in {"Z", "gone"})


def test_a_group_that_is_told_to_stop_still_answers_what_it_has_begun():
    decoding.canonical([recording()], "anna")
    pid = server().process.pid
    assert os.getpgid(pid) != os.getpgid(0)
    os.kill(pid, signal.SIGTERM)
    assert decoding.canonical([recording()], "anna").length_seconds > 1
    assert server().process.pid == pid


def test_a_fork_forgets_the_server_of_its_parent():
    mine = server()
    pid = os.fork()
    if pid == 0:
        is_forgotten = decoding._servers.server is None and mine.control.fileno() < 0
        os._exit(0 if is_forgotten else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert server() is mine
    assert decoding.canonical([recording()], "anna").length_seconds > 1


class LimitTests(SimpleTestCase):
    def tearDown(self):
        decoding._servers.end()

    def test_time_over_is_busy_never_a_word_about_the_sound(self):
        with override_settings(OPIC_DECODE_SECONDS=0.5), held_child() as (child, end):
            os.kill(child, signal.SIGSTOP)
            end.settimeout(20)
            reply, _data = frames.read_frame(end, 1000)
            assert reply == {"died": "time"}
            with pytest.raises(decoding.DecoderBusy):
                decoding._judge(reply)

    def test_a_server_that_stands_is_ended_and_it_is_busy(self):
        with override_settings(OPIC_DECODE_SECONDS=0.2):
            pid = server().process.pid
            os.kill(pid, signal.SIGSTOP)
            with pytest.raises(decoding.DecoderBusy):
                decoding.canonical([recording()], "anna")
            assert state_of(pid) in {"Z", "gone"}
        assert decoding.canonical([recording()], "anna").length_seconds > 1

    def test_too_much_work_is_the_files_own_doing_and_is_kept(self):
        with override_settings(OPIC_DECODE_CPU_SECONDS=1), pytest.raises(codec.AudioError) as exc:
            decoding.canonical([mutations.crumbs(600_000)], "anna")
        assert exc.value.code == "too_heavy"

    def test_too_much_memory_is_the_files_own_doing_and_is_kept(self):
        little = override_settings(OPIC_DECODE_MEGABYTES=0, OPIC_MAX_SECONDS=20)
        with little, pytest.raises(codec.AudioError) as exc:
            decoding.canonical([recording(15)], "anna")
        assert exc.value.code == "too_heavy"


@pytest.mark.parametrize(
    ("cause", "is_own"),
    [("cpu", True), ("memory", True), ("crashed", True), ("time", False), ("killed", False)],
)
def test_what_the_file_did_is_told_from_what_befell_it(cause, is_own):
    with pytest.raises(codec.AudioError if is_own else decoding.DecoderBusy):
        decoding._judge({"died": cause})


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"length_seconds": "long", "voiced_seconds": 1},
        {"length_seconds": float("nan"), "voiced_seconds": 1},
        {"length_seconds": 1e9, "voiced_seconds": 1},
        {"length_seconds": 2, "voiced_seconds": -1},
        {"length_seconds": 2, "voiced_seconds": 40},
    ],
)
def test_what_comes_out_of_foreign_bytes_is_not_believed_blindly(reply):
    with pytest.raises(codec.AudioError):
        decoding._believed(reply, b"\0\0\0\x18ftypM4A ")
    with pytest.raises(codec.AudioError):
        decoding._believed({"length_seconds": 2, "voiced_seconds": 1}, b"<script>alert(1)</script>")


def test_a_frame_that_was_cut_or_changed_is_no_frame():
    for change in (lambda data: data[:-1], lambda data: data[:-1] + b"x"):
        ours, theirs = socket.socketpair()
        sent, received = socket.socketpair()
        frames.write_frame(sent, {}, b"sound")
        sent.close()
        whole = received.recv(1000)
        with ours, theirs, received:
            theirs.sendall(change(whole))
            theirs.close()
            with pytest.raises((EOFError, ValueError)):
                frames.read_frame(ours, 1000)


class PlaceTests(SimpleTestCase):
    def test_one_person_has_one_place_and_one_who_waits(self):
        with decoding_places.place_for("anna"):
            begun, states = time.monotonic(), []

            def wait():
                try:
                    with decoding_places.place_for("anna"):
                        states.append("in")
                except decoding_places.NoPlace:
                    states.append("none")

            waiter = threading.Thread(target=wait)
            with override_settings(OPIC_DECODE_WAIT_SECONDS=30):
                waiter.start()
                until(lambda: not self.is_free("anna"))
                with pytest.raises(decoding_places.NoPlace):
                    decoding_places.place_for("anna").__enter__()
                assert time.monotonic() - begun < 20
                with decoding_places.place_for("ben"):
                    pass
        waiter.join(30)
        assert states == ["in"]

    def is_free(self, person):
        """Could one more of this person's wait now?"""
        from django.conf import settings

        handle = os.open(settings.DATA_DIR / "decoders.lock", os.O_RDWR)
        try:
            return decoding_places._take(handle, decoding_places._place_of(person))
        finally:
            os.close(handle)

    @override_settings(OPIC_DECODERS=1, OPIC_DECODE_WAIT_SECONDS=0)
    def test_a_host_has_so_many_places_and_who_waits_too_long_is_put_off(self):
        with decoding_places.place_for("anna"), pytest.raises(decoding.DecoderBusy):
            decoding.canonical([recording()], "ben")
        assert decoding.canonical([recording()], "ben").length_seconds > 1

    def test_a_place_comes_back_when_its_process_is_killed(self):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            with decoding_places.place_for("carl"):
                os.write(write, b"x")
                time.sleep(60)
        os.read(read, 1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with override_settings(OPIC_DECODE_WAIT_SECONDS=0), decoding_places.place_for("carl"):
            pass
        os.close(read)
        os.close(write)


@pytest.mark.parametrize(
    ("form", "encoding", "rate", "layout"),
    [
        ("ogg", "flac", 192_000, "stereo"),
        ("ogg", "flac", 48_000, "7.1"),
        ("wav", "adpcm_ima_wav", 16_000, "mono"),
        ("matroska", "ac3", 48_000, "stereo"),
        ("mp4", "alac", 48_000, "stereo"),
        ("wav", "pcm_s24le", 48_000, "mono"),
    ],
)
def test_what_no_browser_writes_is_not_decoded(form, encoding, rate, layout):
    data = mutations.encoded(form, encoding, rate=rate, layout=layout, seconds=2)
    with pytest.raises(codec.AudioError) as exc:
        decoding.canonical([data], "anna")
    assert exc.value.code == "unreadable"


@pytest.mark.parametrize("kind", mutations.KINDS)
def test_what_browsers_write_still_is(kind):
    assert decoding.canonical([recording(2, kind)], "anna").length_seconds > 1.5


def test_damage_never_breaks_anything_and_always_has_a_word():
    """A few hundred; a thousand and more in tests/soak."""
    words = {"unreadable", "no_audio", "too_long", "too_heavy"}
    for kind, seed in mutations.mutations(180):
        data = mutations.mutated(kind, seed)
        try:
            made = decoding.canonical([data], "anna")
        except codec.AudioError as exc:
            assert exc.code in words, (kind, seed)
        else:
            assert made.data[4:8] == b"ftyp", (kind, seed)


def test_a_codec_nobody_knows_is_no_sound():
    data = bytearray(recordings.as_container(recordings.speech(1), kind="webm"))
    at = bytes(data).index(b"A_OPUS")
    data[at + 2] ^= 0x20
    with pytest.raises(codec.AudioError) as exc:
        codec.canonical([bytes(data)])
    assert exc.value.code == "unreadable"


def test_no_decoding_leaves_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    codec.canonical([recording()])
    assert list(tmp_path.iterdir()) == []
