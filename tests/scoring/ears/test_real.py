"""The real recogniser hears what was said, by itself, with no network and in bounds."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from scoring.ears.local import LocalEars
from scoring.levels.word_lists import tokens
from tests.processes import family, look, wait_for
from tests.scoring.ears import real
from tests.scoring.ears.cases import measures_of

pytestmark = [pytest.mark.own_stores, pytest.mark.processes]

RATE = real.RATE
MOST_MEGABYTES = 700
SENTENCES = [row[0] for row in json.loads((real.SPEECH.parent / "sentences.json").read_text())]


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory):
    return real.save_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def ears(weights_dir):
    made = LocalEars()
    yield made
    made.end()


@pytest.fixture(autouse=True)
def _use_weights(settings, weights_dir):
    settings.DATA_DIR, settings.OPIC_LOCAL_EARS = weights_dir, "base"


def errors(wanted, heard):
    """Word errors, by the least number of changes, as a share of what was wanted."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(wanted, start=1):
        before, row[0] = row[0], number
        for place, other in enumerate(heard, start=1):
            change = before + (word != other)
            before, row[place] = row[place], min(change, row[place] + 1, row[place - 1] + 1)
    return row[-1] / len(wanted)


@pytest.mark.parametrize("voice", ["rms", "slt"])
def test_what_was_said_is_heard(ears, voice):
    heard = real.hear(ears, real.spoken(voice))
    wanted = [word for text in SENTENCES[:12] for word in tokens(text)]
    assert errors(wanted, tokens(heard.transcript)) < 0.15, heard.transcript
    assert heard.model == "base d01c3014"
    assert heard.details["english"] > 0.5


def test_words_lie_where_they_were_said(ears):
    """Each sentence of the recording is known, and so where it begins and ends."""
    parts, spans, at = [], [], 0.0
    for number in range(5):
        sentence = real.samples_of(real.SPEECH / f"rms-{number:02}.ogg")
        gap = np.random.default_rng(number).normal(0, 0.0005, round(RATE * 0.9))
        parts += [sentence, gap]
        spans.append((at, at + len(sentence) / RATE))
        at += (len(sentence) + len(gap)) / RATE
    heard = real.hear(ears, np.concatenate(parts).astype(np.float32))
    rows = heard.details["words"]
    place = 0
    for text, (start, end) in zip(SENTENCES, spans, strict=False):
        inside = [row for row in rows if start - 0.3 <= row[1] and row[2] <= end + 0.3]
        wanted = tokens(text)
        assert errors(wanted, [one for row in inside for one in tokens(row[0])]) < 0.3, text
        place += len(inside)
    assert place >= 0.97 * len(rows)


def test_the_same_sound_gives_the_same_words(ears):
    sound = real.spoken("slt", 3)
    assert real.hear(ears, sound) == real.hear(ears, sound)


def pink(seconds):
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.normal(0, 1, seconds * RATE))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    sound = np.fft.irfft(spectrum)
    return 0.1 * sound / np.abs(sound).max()


def tones(seconds, frequencies, level=0.1):
    at = np.arange(seconds * RATE) / RATE
    return level * sum(np.sin(2 * np.pi * one * at) for one in frequencies)


def tune(seconds):
    notes = np.array([220, 262, 330, 294, 349, 440, 392, 330])
    at = np.arange(seconds * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(notes[(at * 3).astype(int) % 8]) / RATE
    return 0.1 * sum(np.sin(phase * n) / n for n in (1, 2, 3)) * (1 - (at * 3) % 1 / 2)


NO_SPEECH = {
    "silence": np.zeros(12 * RATE),
    "pink noise": pink(12),
    "tone": tones(12, [440]),
    "hum": tones(12, [50, 100, 150], 0.05),
    "gliding tone": 0.1 * np.sin(np.cumsum(np.linspace(0.05, 0.6, 12 * RATE))),
    "tune": tune(12),
    "clicks": np.where(np.arange(12 * RATE) % 4000 < 20, 0.4, 0.0),
}


@pytest.mark.parametrize("name", NO_SPEECH)
def test_what_is_no_speech_gives_no_word(ears, name):
    heard = real.hear(ears, NO_SPEECH[name])
    assert (heard.transcript, heard.details["words"]) == ("", [])


@pytest.mark.parametrize("name", ["silence", "tone", "hum", "gliding tone"])
def test_the_recogniser_by_itself_invents_nothing_in_plain_sounds(ears, name):
    """As if the measures had taken all of it for speech."""
    measures = measures_of([(0.0, 12.0)])
    assert real.hear(ears, NO_SPEECH[name], measures=measures).transcript == ""


CUT_OFF = """
import json, os, sys
from pathlib import Path
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from django.test import override_settings
from scoring.ears.local import LocalEars
from tests.scoring.ears import real
ears = LocalEars()
with override_settings(DATA_DIR=Path(sys.argv[1]), OPIC_LOCAL_EARS="base"):
    heard = real.hear(ears, real.spoken("rms", 2))
ears.end()
print(json.dumps(heard.transcript))
"""


def test_it_hears_on_a_machine_without_any_network(weights_dir):
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", *own, "--net", sys.executable, "-c", CUT_OFF, str(weights_dir)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "sister" in json.loads(done.stdout.splitlines()[-1])


def megabytes(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1]) / 1024


def test_its_memory_stays_in_bounds(ears):
    real.hear(ears, real.spoken("awb", 9))
    pid = ears._child.process.pid
    assert megabytes(pid) < MOST_MEGABYTES
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert int(peak[1]) / 1024 < MOST_MEGABYTES
    assert look(pid).role == "opic-ears"


WORKER = CUT_OFF.replace(
    'heard = real.hear(ears, real.spoken("rms", 2))',
    'print("begins", flush=True); heard = real.hear(ears, real.spoken("rms", 40))',
)


def test_it_ends_with_a_worker_that_is_killed_in_the_middle(weights_dir):
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(weights_dir)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdout.readline() == b"begins\n"
        hearing = wait_for(lambda: family(worker.pid)[1:], 60, "the child")
        # somewhere between loading and the last piece
        time.sleep(2)
        worker.kill()
    wait_for(lambda: not any(one.is_alive for one in hearing), 10, "the end of the child")


def test_a_changed_file_is_refused_by_its_name(weights_dir, tmp_path, settings):
    folder = tmp_path / "ears" / "base"
    folder.mkdir(parents=True)
    for path in (weights_dir / "ears" / "base").iterdir():
        os.link(path, folder / path.name)
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").write_text("{}")
    settings.DATA_DIR = tmp_path
    refusing = LocalEars()
    with pytest.raises(Exception, match=r"tokenizer\.json: it has 2 bytes"):
        real.hear(refusing, real.spoken("rms", 1))
    refusing.end()
