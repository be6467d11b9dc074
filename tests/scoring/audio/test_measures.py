"""Measured against recordings whose syllables and pauses are known.

Forty-four recordings: eleven voices and speeds (four of flite, stored; seven of eSpeak, made
here), four compositions each, with silences of known length put between sentences.
"""

import json
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from materials.voice_adapters import _espeak_samples
from scoring.audio import codec
from scoring.audio.measures import Measures, _look, _runs, measure, voiced_seconds
from scoring.audio.pauses import STOP_SECONDS
from tests.product import BASE
from tests.scoring import recordings

RATE = 16_000
DATA = BASE / "tests" / "data"
SENTENCES = [(text, count) for text, count in json.loads((DATA / "sentences.json").read_text())]
STORED = ("rms", "slt", "awb", "kal16")
MADE = (
    ("en-us+m3", 130),
    ("en-us+m3", 170),
    ("en-us+f2", 150),
    ("en-us+f5", 120),
    ("en+f4", 140),
    ("en-us+m7", 150),
    ("en-us+f1", 160),
)
VOICES = (*STORED, *(f"{voice}@{rate}" for voice, rate in MADE))
SEEDS = range(4)
# seconds by which the soft end of a sentence is missed: in a quiet room, in noise at 10 dB
EDGES = {"": 0.1, "white": 0.25, "pink": 0.25}


@dataclass(frozen=True)
class Composed:
    """A composed recording and the truth about it."""

    samples: np.ndarray
    speech: np.ndarray  # a flag a sample
    syllables: int
    pauses: tuple[float, ...]

    @property
    def share(self) -> float:
        """Speech and the short gaps in it, over the length."""
        return float(self.speech.mean()) + sum(
            (b - a) / len(self.speech) for a, b in self.inner_gaps()
        )

    def inner_gaps(self):
        return [
            (a, b)
            for a, b in _runs(~self.speech)
            if a > 0 and b < len(self.speech) and b - a < 0.25 * RATE
        ]


def trimmed(samples):
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[max(loud[0] - 160, 0) : loud[-1] + 160]


@cache
def sentence(voice: str, number: int) -> np.ndarray:
    if voice in STORED:
        samples = codec.decode((DATA / "speech" / f"{voice}-{number:02}.ogg").read_bytes())
    else:
        name, rate = voice.split("@")
        raw, made_at = _espeak_samples(SENTENCES[number][0], name, int(rate))
        samples = codec.decode(recordings.as_wav(raw / np.float32(32768), made_at))
    samples = trimmed(samples)
    return (samples / np.sqrt(np.mean(samples**2)) * 0.08).astype(np.float32)


def noise(kind: str, length: int, rng) -> np.ndarray:
    # pink noise is cut from a power of two: a transform of any other length may take seconds
    white = rng.normal(0, 1, 1 << (length - 1).bit_length() if kind == "pink" else length)
    if kind == "pink":
        spectrum = np.fft.rfft(white)
        spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
        white = np.fft.irfft(spectrum)[:length]
    return white / np.sqrt(np.mean(white**2))


@cache
def composed(voice: str, seed: int, kind: str = "", snr: int = 0) -> Composed:
    """Six to nine sentences with silences between, in a very quiet room or in noise."""
    rng = np.random.default_rng([seed, VOICES.index(voice)])
    order = rng.permutation(len(SENTENCES))[: rng.integers(6, 10)]
    parts, flags, pauses = [], [], []

    def add(samples, is_speech):
        parts.append(samples)
        flags.append(np.full(len(samples), is_speech))

    add(np.zeros(int(rng.uniform(0.3, 0.8) * RATE)), False)
    for place, number in enumerate(order):
        add(sentence(voice, int(number)), True)
        if place < len(order) - 1:
            gap = rng.uniform(0.35, 2.0) if rng.random() < 0.85 else rng.uniform(0.05, 0.12)
            add(np.zeros(int(gap * RATE)), False)
            pauses += [gap] if gap >= 0.25 else []
    add(np.zeros(RATE // 2), False)
    samples, speech = np.concatenate(parts), np.concatenate(flags)
    level = 1e-4
    if kind:
        level = np.sqrt(np.mean(samples[speech] ** 2) / 10 ** (snr / 10))
    samples = samples + level * noise(kind or "white", len(samples), rng)
    syllables = sum(SENTENCES[number][1] for number in order)
    return Composed(samples.astype(np.float32), speech, syllables, tuple(pauses))


CONDITIONS = [("", 0), ("white", 10), ("pink", 10)]
CASES = [
    (voice, seed, *condition) for voice in VOICES for seed in SEEDS for condition in CONDITIONS
]


@cache
def measured(voice, seed, kind, snr) -> Measures:
    return measure(composed(voice, seed, kind, snr).samples)


def test_there_are_at_least_forty_recordings():
    assert len(VOICES) * len(SEEDS) >= 40


@pytest.mark.parametrize(("voice", "seed", "kind", "snr"), CASES)
class TestComposedRecordings:
    def test_syllable_rate_is_within_a_tenth(self, voice, seed, kind, snr):
        composed_of = composed(voice, seed, kind, snr)
        assert abs(measured(voice, seed, kind, snr).syllables / composed_of.syllables - 1) <= 0.10

    def test_pauses_are_counted_within_a_fifth(self, voice, seed, kind, snr):
        composed_of, result = composed(voice, seed, kind, snr), measured(voice, seed, kind, snr)
        count = result.pause_count + len(result.short_pauses)
        assert abs(count - len(composed_of.pauses)) <= 0.20 * len(composed_of.pauses)

    def test_a_stop_is_half_a_second_or_more(self, voice, seed, kind, snr):
        composed_of, result = composed(voice, seed, kind, snr), measured(voice, seed, kind, snr)
        least, most = (
            sum(gap >= edge for gap in composed_of.pauses)
            for edge in (STOP_SECONDS + EDGES[kind], STOP_SECONDS - EDGES[kind])
        )
        assert least - 0.2 * least <= result.pause_count <= most + 0.2 * most
        assert result.run_count == result.pause_count + 1

    def test_share_spoken_is_within_three_points(self, voice, seed, kind, snr):
        composed_of = composed(voice, seed, kind, snr)
        assert abs(measured(voice, seed, kind, snr).share_spoken - composed_of.share) <= 0.03


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("seed", SEEDS)
def test_at_five_decibels_nearly_all_frames_are_right(voice, seed):
    composed_of = composed(voice, seed, "white", 5)
    speech = _look(composed_of.samples).speech
    truth = composed_of.speech.copy()
    for start, end in composed_of.inner_gaps():
        truth[start:end] = True
    truth = truth[: len(speech) * 160].reshape(-1, 160).mean(axis=1) > 0.5
    assert (speech == truth).mean() >= 0.95


COMPARED = (
    "length_seconds",
    "share_spoken",
    "mean_run_seconds",
    "mean_pause_seconds",
    "pause_count",
    "syllables",
    "words_per_minute",
)


def same(one: Measures, other: Measures, what: str) -> None:
    for name in COMPARED:
        a, b = getattr(one, name), getattr(other, name)
        share = 0.04 if name == "mean_pause_seconds" else 0.03
        assert abs(a - b) <= share * abs(a) + 1e-9, f"{what} {name}: {a} {b}"


@pytest.mark.parametrize("voice", ["rms", "slt", "en-us+f2@150"])
def test_measures_do_not_depend_on_container_gain_or_rate(voice):
    samples = composed(voice, 1).samples
    base = measure(codec.decode(codec.canonical([recordings.as_wav(samples, RATE)]).data))
    for kind in ("webm", "mp4", "ogg", "wav"):
        data = recordings.as_container(samples, RATE, kind)
        same(base, measure(codec.decode(codec.canonical([data]).data)), kind)
    for gain in (-12, -6, 6):
        same(base, measure(samples * np.float32(10 ** (gain / 20))), f"{gain} dB")
    for rate in (16_000, 22_050, 24_000, 44_100, 48_000):
        data = recordings.as_wav(resampled(samples, rate), rate)
        same(base, measure(codec.decode(codec.canonical([data]).data)), f"{rate} Hz")


def resampled(samples, rate):
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = RATE
    parts = (*resampler.resample(frame), *resampler.resample(None))
    return np.concatenate([part.to_ndarray()[0] for part in parts])


def at_16k(samples):
    return codec.decode(codec.canonical([recordings.as_wav(samples)]).data)


def chords(seconds):
    """Four chords, each struck twice a second, with a click of a drum."""
    rng = np.random.default_rng(4)
    at = np.arange(int(seconds * RATE)) / RATE
    whole = np.zeros_like(at)
    for beat in range(int(seconds * 2)):
        now = (at >= beat / 2) & (at < beat / 2 + 0.5)
        fade = np.exp(-3 * (at[now] - beat / 2))
        root = (220, 262, 196, 247)[beat % 4]
        for step in (1, 1.25, 1.5):
            for overtone in (1, 2, 3):
                whole[now] += fade * np.sin(2 * np.pi * root * step * overtone * at[now]) / overtone
        whole[now] += 2 * fade**6 * rng.normal(0, 1, int(now.sum()))
    return (0.1 * whole).astype(np.float32)


def beeps(seconds):
    at = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 440 * at) * (at % 1 < 0.4)).astype(np.float32)


def swelling_noise(seconds):
    at = np.arange(int(seconds * RATE)) / RATE
    rng = np.random.default_rng(5)
    swell = 1.2 + np.sin(np.pi * at)
    return (rng.normal(0, 0.05, len(at)) * swell).astype(np.float32)


def clicks(seconds):
    at = np.arange(int(seconds * RATE)) / RATE
    rng = np.random.default_rng(6)
    loud = 0.2 * (at % 0.3 < 0.01) + 0.001
    return (rng.normal(0, 1, len(at)) * loud).astype(np.float32)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(5 * RATE, np.float32),
        np.zeros(10, np.float32),
        at_16k(recordings.faint_noise(5)),
        at_16k(recordings.white_noise(5)),
        at_16k(recordings.hum(5)),
        at_16k(recordings.music(6)),
        chords(8),
        beeps(6),
        swelling_noise(6),
        clicks(6),
    ],
    ids=lambda samples: str(len(samples)),
)
def test_what_is_no_speech_is_not_heard(samples):
    result = measure(samples)
    assert not result.is_heard
    assert result.why_not
    assert result.syllables == 0


@pytest.mark.parametrize("level", [0.5, 0.02, 0.003])
def test_quiet_speech_is_heard(level):
    samples = composed("rms", 0).samples
    assert measure(samples / np.abs(samples).max() * np.float32(level)).is_heard


def test_clipping_and_loudness_are_told():
    samples = composed("rms", 0).samples
    loud = np.clip(samples * 12, -1, 1)
    assert measure(loud).clipped_share > 0.005
    assert measure(samples).clipped_share == 0
    assert 20 < measure(loud).loudness_dbfs - measure(samples / 10).loudness_dbfs < 45


def test_a_measure_fits_into_a_json_column():
    values = measure(composed("rms", 0).samples).as_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["pause_count"] == len(values["pauses"])


def test_the_first_look_counts_speech_and_no_steady_noise():
    def look(samples):
        return voiced_seconds((np.clip(samples, -1, 1) * 32767).astype(np.int16))

    assert 4.0 < look(at_16k(recordings.speech(6))) <= 6.0
    for samples in (recordings.silence(5), recordings.hum(5), recordings.white_noise(5)):
        assert look(at_16k(samples)) == 0
    assert look(np.zeros(10)) == 0
