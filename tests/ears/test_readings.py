import json
from collections import Counter

import numpy as np
import pytest

from scoring.audio import codec
from tests.ears import no_speech
from tests.ears.conditions import CONDITIONS, noisy
from tests.ears.honesty import cases
from tests.ears.readings import COUNT, every_reading, forty_readings
from tests.ears.speaking import RATE, VOICES
from tests.ears.texts import HERE, correct_texts, graded_examples
from tests.scoring import recordings


def voices_of(readings):
    return Counter((reading.engine, reading.voice) for reading in readings)


def test_every_graded_text_is_read_once_and_forty_by_all_voices():
    assert Counter(reading.key for reading in every_reading()) == Counter(
        example["key"] for example in graded_examples()
    )
    forty = forty_readings()
    assert len(forty) == COUNT
    assert len({reading.level for reading in forty}) == 8
    every_voice = {(engine, voice) for engine, names in VOICES.items() for voice in names}
    assert set(voices_of(forty)) == every_voice
    assert min(voices_of(forty).values()) >= 3
    assert len(every_voice) >= 8


def test_each_correct_text_is_spoken_unchanged_and_in_both_accents_at_three_strengths():
    texts = correct_texts()
    assert len({text.key for text in texts}) == len(texts) >= 24
    ways = Counter(case.text.key for case in cases())
    assert set(ways.values()) == {7}
    assert len({case.name for case in cases()}) == 7 * len(texts)
    # enough of them in which no past and no future may be claimed
    assert sum(not text.past for text in texts) >= 10
    assert sum(not text.future for text in texts) >= 10
    assert len(json.loads((HERE / "everyday.json").read_text())) == 16


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_keeps_length_and_rate(name):
    samples = (recordings.speech(3)[::3] * 32767).astype(np.int16)
    decoded = codec.decode(CONDITIONS[name](samples))
    assert abs(len(decoded) / RATE - 3) < 0.1


def test_noise_lies_so_many_decibels_below_the_voice():
    samples = (recordings.speech(8)[::3] * 16000).astype(np.int16)
    noise = noisy(samples, 10) / 32768 - samples / 32768
    loud = np.abs(samples) > 0.02 * np.abs(samples).max()
    voice = np.mean((samples[loud] / 32768) ** 2)
    assert abs(10 * np.log10(voice / np.mean(noise**2)) - 10) < 0.2


@pytest.mark.parametrize("name", no_speech.SOUNDS)
def test_a_sound_without_words_is_finite_and_of_its_length(name):
    samples = no_speech.as_pcm(no_speech.SOUNDS[name]())
    assert len(samples) == no_speech.SECONDS * RATE
    assert name == "silence" or np.abs(samples).max() > 100
