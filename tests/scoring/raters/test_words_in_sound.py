"""A right transcript is believed of every recording that is heard, however it was spoken."""

import numpy as np
import pytest

from materials.voice_adapters import _espeak_samples
from scoring.audio import codec
from scoring.audio.measures import measure
from scoring.ears.invented import has_invented
from scoring.raters.evidence import tokens
from tests.scoring import recordings
from tests.scoring.audio.test_measures import SENTENCES

TEXT = " ".join(text for text, _syllables in SENTENCES[:10])
VOICES = [
    ("en-us+m3", 90, "slow"),
    ("en-us+m3", 260, "fast"),
    ("en+f4", 300, "very fast"),
    ("en-us+whisperf", 170, "whispered"),
    ("en-us+f2", 150, "noisy"),
    ("en-us+m7", 150, "clipped"),
    ("en-us+croak", 130, "hoarse"),
]


def spoken(voice, pace, how):
    raw, rate = _espeak_samples(TEXT, voice, pace)
    samples = codec.decode(recordings.as_wav(raw / np.float32(32768), rate))
    samples = samples / np.sqrt(np.mean(samples**2)) * 0.08
    if how == "noisy":
        noise = np.random.default_rng(1).normal(0, 1, len(samples))
        samples = samples + noise * np.sqrt(np.mean(samples**2) / 10)
    if how == "clipped":
        samples = np.clip(samples * 8, -0.25, 0.25)
    return samples.astype(np.float32)


@pytest.mark.parametrize(("voice", "pace", "how"), VOICES, ids=[how for *_voice, how in VOICES])
def test_what_was_read_is_believed_and_twice_as_much_is_not(voice, pace, how):
    measures = measure(spoken(voice, pace, how))
    assert measures.is_heard
    assert not has_invented(TEXT, measures.as_dict())
    assert has_invented(f"{TEXT} {TEXT}", measures.as_dict())
    assert len(tokens(TEXT)) > 60
