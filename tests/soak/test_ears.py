"""The ears of this machine for longer: every voice, long answers, many answers, many deaths."""

import random

import numpy as np
import pytest

from scoring.adapter_error import AdapterError
from scoring.ears.local import LocalEars
from scoring.levels.word_lists import tokens
from tests.scoring.ears import real
from tests.scoring.ears.test_real import NO_SPEECH, SENTENCES, errors, megabytes

pytestmark = pytest.mark.own_stores

MINUTES = 8


@pytest.fixture(scope="module", params=["base", "tiny.en"])
def model(request):
    return request.param


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory, model):
    return real.save_weights(tmp_path_factory.mktemp("weights"), model)


@pytest.fixture
def ears(settings, weights_dir, model):
    settings.DATA_DIR, settings.OPIC_LOCAL_EARS = weights_dir, model
    made = LocalEars()
    yield made
    made.end()


def test_every_voice_is_heard(ears):
    wanted = [word for text in SENTENCES[:12] for word in tokens(text)]
    rates = {
        voice: errors(wanted, tokens(real.hear(ears, real.spoken(voice)).transcript))
        for voice in ("rms", "slt", "awb", "kal16")
    }
    assert max(rates.values()) < 0.2, rates


def test_longer_sounds_without_speech_give_no_word(ears):
    for name, sound in NO_SPEECH.items():
        heard = real.hear(ears, np.tile(sound, 6))
        assert heard.transcript == "", name


def test_a_long_answer_is_heard_to_its_end_whatever_breaks_off(ears):
    """Each try may end at any moment; the next goes on behind what was heard."""
    sound = np.tile(real.spoken("slt"), 2 * MINUTES)[: 60 * MINUTES * real.RATE]
    measures, before, dice = real.measured(sound), None, random.Random(5)
    for _ in range(200):
        notes = []

        def note(heard, notes=notes):
            notes.append(heard)
            if dice.random() < 0.2:
                ears._running().process.kill()

        try:
            heard = real.hear(ears, sound, measures=measures, note=note, before=before)
            break
        except AdapterError as exc:
            assert exc.retry
            before = notes[-1] if notes else before
    else:
        raise AssertionError("never whole")
    wanted = [word for text in SENTENCES[:12] for word in tokens(text)] * (2 * MINUTES)
    words = tokens(heard.transcript)
    assert 0.8 * len(words) < len(wanted)
    starts = [row[1] for row in heard.details["words"]]
    assert starts == sorted(starts)
    assert starts[-1] > 60 * MINUTES - 15


def test_its_memory_does_not_grow(ears):
    sounds = [real.spoken(voice, 6) for voice in ("rms", "slt", "awb", "kal16")]
    sizes = []
    for number in range(60):
        real.hear(ears, sounds[number % 4])
        sizes.append(megabytes(ears._child.process.pid))
    assert max(sizes[30:]) < 1.1 * max(sizes[:30]), sizes
