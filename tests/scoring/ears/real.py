"""The real recogniser for tests: weights of the installed packages, saved once a run."""

import os
from pathlib import Path

import av
import numpy as np
import pytest

from scoring.audio.measures import measure
from scoring.ears import weights_sources
from scoring.ears.base import HearingJob

RATE = 16_000
SPEECH = Path(__file__).parent.parent.parent / "data" / "speech"


class Sound:
    """Samples as the product decodes them."""

    def __init__(self, samples):
        self.samples = samples.astype(np.float32)


def save_weights(folder: Path, model: str = "base") -> Path:
    """Return the data folder with the weights; skip where OPIC_EARS=none was asked for."""
    if os.environ.get("TEST_EARS") == "none":
        pytest.skip("OPIC_EARS=none")
    missing = weights_sources.prepare(folder, model)
    assert not missing, missing
    return folder


def spoken(voice: str, count: int = 12) -> np.ndarray:
    """So many sentences of a voice, with pauses of 0.4 to 0.9 s, 16 kHz."""
    rng = np.random.default_rng(3)
    parts = []
    for number in range(count):
        parts.append(samples_of(SPEECH / f"{voice}-{number % 12:02}.ogg"))
        parts.append(rng.normal(0, 0.0005, round(RATE * (0.4 + 0.1 * (number % 6)))))
    return np.concatenate(parts).astype(np.float32)


def samples_of(path: Path) -> np.ndarray:
    """A file of ours as mono samples, 16 kHz."""
    with av.open(str(path)) as opened:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [*opened.decode(audio=0), None]
        parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    return np.concatenate(parts)


def measured(samples: np.ndarray) -> dict:
    return measure(samples).as_dict()


def hear(ears, samples: np.ndarray, *, measures=None, note=lambda _heard: None, before=None):
    job = HearingJob("r", measures or measured(samples), heard_before=before, note=note)
    return ears.hear(job, Sound(samples))
