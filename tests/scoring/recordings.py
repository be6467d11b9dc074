"""Sound for tests: speech, silence, hum, music, in the containers browsers make."""

import io
import wave
from fractions import Fraction
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from materials.voice_adapters import _espeak_samples

RATE = 48_000
Sound = NDArray[np.float32]
TEXT = (
    "Well, I usually go to the park near my house on Sunday morning. I walk around the lake with"
    " my sister, and then we drink coffee. Last month it rained, so we ran home and laughed. "
)


@cache
def _spoken(words_a_minute: int) -> Sound:
    samples, rate = _espeak_samples(TEXT * 12, "en-us+m3", words_a_minute)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    parts = [
        part.to_ndarray()[0] for part in (*resampler.resample(frame), *resampler.resample(None))
    ]
    return np.concatenate(parts).astype(np.float32) * 0.6


def speech(seconds: float, seed: int = 0) -> Sound:
    """Continuous speech, 48 kHz mono; another seed begins elsewhere in it."""
    whole = _spoken(150)
    start = (seed * 7 * RATE) % (len(whole) - int(seconds * RATE)) if seed else 0
    return whole[start : start + int(seconds * RATE)]


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.float32)


def faint_noise(seconds: float, level: float = 0.002) -> Sound:
    return np.random.default_rng(1).normal(0, level, int(seconds * RATE)).astype(np.float32)


def white_noise(seconds: float) -> Sound:
    return faint_noise(seconds, 0.2)


def hum(seconds: float) -> Sound:
    at = np.arange(int(seconds * RATE)) / RATE
    return sum(0.2 / n * np.sin(2 * np.pi * 50 * n * at) for n in (1, 2, 3, 5)).astype(np.float32)


def music(seconds: float) -> Sound:
    at = np.arange(int(seconds * RATE)) / RATE
    notes = np.array([220, 262, 330, 294, 349, 440])[(at * 2).astype(int) % 6]
    tone = sum(np.sin(2 * np.pi * notes * n * at) / n for n in (1, 2, 3))
    return (0.15 * tone).astype(np.float32)


def as_wav(samples: Sound, rate: int = RATE) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return target.getvalue()


_KINDS = {
    "webm": ("webm", "libopus", {}),
    "ogg": ("ogg", "libopus", {}),
    "mp4": ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov"}),
    "mp4-opus": ("mp4", "libopus", {"movflags": "frag_keyframe+empty_moov"}),
    "m4a": ("ipod", "aac", {}),
    "flac": ("flac", "flac", {}),
}


def as_container(
    samples: Sound, rate: int = RATE, kind: str = "webm", bit_rate: int = 32_000
) -> bytes:
    """Samples at a rate, as a browser's recorder would have written them."""
    if kind == "wav":
        return as_wav(samples, rate)
    form, codec, options = _KINDS[kind]
    target = io.BytesIO()
    out_rate = RATE if codec == "libopus" else rate
    with av.open(target, "w", format=form, options=options) as out:
        stream = out.add_stream(codec, rate=out_rate)
        stream.layout = "mono"
        stream.bit_rate = bit_rate
        wanted = "s16" if codec == "flac" else "fltp" if codec == "aac" else "flt"
        resampler = av.AudioResampler(format=wanted, layout="mono", rate=out_rate)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            out.mux(stream.encode(part))
    return target.getvalue()
