"""Whatever befalls the child that hears: the worker lives on, and no word heard is lost."""

import json
import os
import signal

import pytest

from scoring.adapter_error import AdapterError
from scoring.ears import local
from scoring.ears.base import Heard
from scoring.reasons import Reason
from tests.processes import look, wait_for
from tests.scoring.ears.cases import LONG, Case, measures_of, speaks

pytestmark = pytest.mark.own_stores


@pytest.fixture
def make(tmp_path, settings):
    """Make ears with a scripted child, which is ended with the test."""
    made = []

    def case(*steps):
        made.append(Case(tmp_path / "own", list(steps)))
        settings.OPIC_LOCAL_EARS = str(made[-1].folder)
        return made[-1]

    yield case
    for one in made:
        one.ears.end()


def broken(case, **more):
    """The error of a hearing that does not work."""
    with pytest.raises(AdapterError) as caught:
        case.hear(**more)
    return caught.value


def is_gone(pid):
    process = look(pid)
    return process is None or process.state in "ZX"


def test_words_come_piece_by_piece_with_times_in_the_whole_recording(make):
    case = make(speaks("one", "two"), speaks("three"), speaks("four", "five."))
    heard = case.hear()
    assert heard.transcript == "one two three four five."
    assert heard.transcript == " ".join(row["text"] for row in heard.details["stretches"])
    assert heard.transcript == " ".join(row[0] for row in heard.details["words"])
    starts = [row[1] for row in heard.details["words"]]
    assert starts == sorted(starts)
    assert starts[0] < 2
    assert starts[-1] > 25
    assert heard.is_whole
    assert heard.language == "english"
    assert heard.details["english"] == 0.97
    assert "until" not in heard.details
    assert [len(note.transcript.split()) for note in case.notes] == [2, 3]
    assert not any(note.is_whole for note in case.notes)


def test_only_what_is_said_reaches_the_child_and_no_secret(make):
    case = make(speaks("one"))
    case.hear(measures_of([(2.0, 5.0), (6.0, 8.0)]), seconds=20)
    (request,) = case.requests()
    assert request["seconds"] == pytest.approx(6.6, abs=0.1)
    assert request["runs"] == [[pytest.approx(0.3), 3.3], [pytest.approx(4.3), 6.3]]
    environment = json.loads((case.folder / "environment.json").read_text())
    assert set(environment) <= {
        "PYTHONPATH", "PATH", "LANG", "LC_CTYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
    }  # fmt: skip


def test_one_child_hears_one_recording_after_another(make):
    case = make(speaks("one"))
    for _ in range(3):
        case.hear(measures_of([(0.5, 3.0)]), seconds=4)
    assert len({request["pid"] for request in case.requests()}) == 1


def test_where_the_measures_hear_nobody_no_child_is_started(make):
    case = make(speaks("one"))
    heard = case.hear({"is_heard": False, "why_not": "noise"}, seconds=4)
    assert (heard.transcript, heard.language) == ("", "none")
    assert case.ears._child is None


def test_speech_without_a_word_is_no_language(make):
    heard = make({"words": []}).hear(measures_of([(0.5, 3.0)]), seconds=4)
    assert (heard.transcript, heard.language, heard.details["words"]) == ("", "none", [])


def test_more_words_than_the_sound_holds_are_not_believed(make):
    case = make(speaks(*["la"] * 40, start=0.5))
    error = broken(case, measures=measures_of([(0.2, 60.0)], syllables=4), seconds=61)
    assert (error.retry, error.reason) == (False, Reason.WORDS)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_child_that_dies_is_replaced(make, number):
    case = make({"die": number}, speaks("one"))
    error = broken(case)
    assert error.retry
    assert f"signal {int(number)}" in str(error)
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4).transcript == "one"
    assert len({request["pid"] for request in case.requests()}) == 2


def test_a_child_that_hangs_is_killed_with_all_it_started(make, monkeypatch):
    case = make({"hang": True}, speaks("one"))
    case.ears._running().wait_loaded(60)
    monkeypatch.setattr(local, "PIECE_SECONDS", 1)
    error = broken(case)
    assert error.retry
    assert "did not answer" in str(error)
    grandchild = int((case.folder / "grandchild").read_text())
    wait_for(lambda: is_gone(grandchild), 5, "the end of what the child started")
    monkeypatch.setattr(local, "PIECE_SECONDS", 60)
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4).transcript == "one"


@pytest.mark.parametrize(
    "step",
    [
        {"reply": {"segments": "none"}},
        {"reply": 7},
        {"bytes": "\0\0\0\7nothing"},
        {"bytes": "\7fffnothing at all that could be a frame"},
        {"words": [[" one", "soon", 2, 0.5]]},
        {"words": [[" one", 1, 2, 3]]},
    ],
)
def test_a_child_that_answers_rubbish_is_killed(make, step):
    case = make(step, speaks("one"))
    error = broken(case)
    assert error.retry
    assert is_gone(case.requests()[0]["pid"])
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4).transcript == "one"


def test_a_child_that_needs_too_much_memory_dies_alone(make, settings):
    settings.OPIC_EARS_MEGABYTES = 300
    case = make({"eat": True}, speaks("one"))
    assert broken(case).retry
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4).transcript == "one"


def test_what_was_heard_before_a_break_is_kept_and_the_next_try_goes_on_behind_it(make):
    case = make(speaks("one"), {"die": 9}, speaks("two"), speaks("three"))
    error = broken(case)
    assert (error.retry, error.after_seconds) == (True, local.SOON_SECONDS)
    (before,) = case.notes
    assert before.transcript == "one"
    heard = case.hear(before=before)
    assert heard.transcript == "one two three"
    assert heard.is_whole
    seconds = [request["seconds"] for request in case.requests()]
    # the first piece is not heard again
    assert len(seconds) == 4
    assert seconds[1] == pytest.approx(seconds[2], abs=0.5)


def test_a_break_without_a_new_word_waits_longer(make):
    assert broken(make({"die": 9})).after_seconds == local.LATER_SECONDS


def test_the_beginning_that_other_ears_heard_is_not_used(make):
    case = make(speaks("one"))
    before = Heard("x", "m", "other", "english", {"is_whole": False, "words": [], "until": 50.0})
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4, before=before).transcript == "one"


def test_when_its_time_is_up_what_was_heard_is_kept(make, monkeypatch):
    case = make(speaks("one"), {**speaks("two"), "after": 60})
    case.ears._running().wait_loaded(60)
    monkeypatch.setattr(local, "time_limit", lambda _length: 2.5)
    error = broken(case)
    assert (error.retry, error.after_seconds) == (True, local.SOON_SECONDS)
    assert case.notes[0].transcript == "one"


def test_the_time_for_one_try_fits_into_the_task(settings):
    for task in (20, 60, 120, 600):
        settings.OPIC_TASK_SECONDS = task
        for length in (1, 60, 600):
            assert local.time_limit(length) <= max(task - local.OTHERS_SECONDS, task / 2)
    settings.OPIC_TASK_SECONDS = 120
    assert local.time_limit(10) == 50
    assert local.time_limit(600) == 90


def test_weights_that_are_not_right_are_named_and_nobody_tries_again(make):
    case = make(speaks("one"))
    (case.folder / "refused").write_text("model.bin: its sha256 is 12, not 34")
    error = broken(case)
    assert not error.retry
    assert "model.bin" in str(error)


def test_a_piece_in_which_it_ran_in_a_circle_is_heard_in_halves(make):
    circle = {**speaks("and", "and"), "compression": 5.0}
    case = make(circle, speaks("one"), speaks("two"))
    heard = case.hear(measures_of([(0.5, 6.0), (7.0, 13.0)]), seconds=14)
    assert heard.transcript == "one two"
    assert len(case.requests()) == 3


def test_a_process_forked_later_leaves_the_child_to_its_parent(make):
    case = make(speaks("one"))
    case.hear(measures_of([(0.5, 3.0)]), seconds=4)
    pid = os.fork()
    if pid == 0:
        case.ears.end()
        os._exit(0 if not case.ears._child.is_alive() else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert case.ears._child.is_alive()
    case.hear(measures_of([(0.5, 3.0)]), seconds=4)
    assert len({request["pid"] for request in case.requests()}) == 1


def test_the_version_names_the_model_and_fits_its_column(make, settings):
    case = make(speaks("one"))
    assert case.ears.version.startswith("1-own-")
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4).instruction_version == case.ears.version
    versions = {case.ears.version}
    for name in ("base", "tiny.en", "/a/folder/with-a-very-long-name"):
        settings.OPIC_LOCAL_EARS = name
        versions.add(case.ears.version)
    assert len(versions) == 4
    assert max(map(len, versions)) <= 20


def test_nothing_is_loaded_before_workers_fork(make):
    case = make(speaks("one"))
    case.ears.warm()
    assert case.ears._child is None


def test_a_child_ends_when_nobody_holds_its_other_end(make):
    case = make(speaks("one"))
    case.hear(LONG)
    pid = case.ears._child.process.pid
    case.ears._child.end_of_ours.close()
    case.ears._child.process.wait(30)
    assert is_gone(pid)
