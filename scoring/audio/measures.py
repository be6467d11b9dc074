"""Measures of delivery: where speech is, where it pauses, how many syllables. Pure.

No words are recognised. Input is mono sound at 16 kHz, -1 to 1. Frames are 10 ms. The level is
normalised first, so that gain changes nothing.

*Speech* (after Sohn, Kim & Sung 1999, simplified): a frame is speech when its power stands out of
the recording's own noise, band by band, and WebRTC's detector (mode 2) agrees somewhere near. Edges
are corrected for the smoothing. *Pause*: silence of half a second or more between two stretches of
speech; silences from 250 ms to that, in which people breathe or end a clause, are listed apart and
end no run (exam facts E4). *Run*: speech between two pauses, shorter silences included.
*Syllables* (after de Jong & Wempe 2009): peaks of the noise-reduced 300-2500 Hz envelope (cube
root, so that soft syllables count like loud ones) with a dip before and after.

docs/measures.md says how exact this is, and on what it was tried.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from scoring.audio.pauses import delivery_of

MEASURES_VERSION = "2"
RATE = 16_000
FRAME = 160  # samples, 10 ms
SHORTEST_PAUSE_FRAMES = 25  # 250 ms: below it a gap is a part of speech
WINDOW = 512
PIECE = 6000 * FRAME  # a minute
SYLLABLES_A_WORD = 1.4

QUIETEST_DBFS = -70.0  # below this nothing is heard
LEAST_RANGE_DB = 6.0  # what never changes in level is noise or hum
MUSIC_LIKENESS = 0.72  # spectra 100 ms apart: speech up to 0.6, held tones from 0.8
NOISE_LIKENESS = 0.06  # speech at 5 dB of noise from 0.13, bursts of noise 0.01

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

_FREQUENCIES = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
_EDGES = np.unique(
    np.searchsorted(
        _FREQUENCIES, np.concatenate([np.arange(125, 1000, 94), np.geomspace(1050, 5000, 14)])
    )
)
_SYLLABLE_BAND = (_FREQUENCIES >= 300) & (_FREQUENCIES <= 2500)
_TONE_BAND = (_FREQUENCIES >= 100) & (_FREQUENCIES <= 3000)


@dataclass(frozen=True)
class Measures:
    """The measures of one recording: times in seconds, rates a second unless the name differs.

    share_spoken: speech with inner gaps under 250 ms over length. speech_rate: syllables over the
    time from the first to the last speech. articulation_rate: syllables over speech.
    words_per_minute: syllables / 1.4 over length ("about": nobody counted words). loudness_dbfs:
    level of the louder speech. snr_db: that over the recording's own noise. pauses, short_pauses,
    runs: (start, length) of each; what is counted of pauses and runs leaves short pauses out.
    """

    version: str
    is_heard: bool
    why_not: str
    length_seconds: float
    loudness_dbfs: float
    speech_seconds: float = 0.0
    share_spoken: float = 0.0
    pause_count: int = 0
    mean_pause_seconds: float = 0.0
    pauses_per_minute: float = 0.0
    run_count: int = 0
    mean_run_seconds: float = 0.0
    longest_run_seconds: float = 0.0
    syllables: int = 0
    speech_rate: float = 0.0
    articulation_rate: float = 0.0
    words_per_minute: float = 0.0
    snr_db: float = 0.0
    clipped_share: float = 0.0
    pauses: tuple[tuple[float, float], ...] = ()
    runs: tuple[tuple[float, float], ...] = ()
    short_pauses: tuple[tuple[float, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for a JSON column, rounded to 0.001; pauses and runs to 0.01 s."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, tuple):
        return [[round(start, 2), round(length, 2)] for start, length in value]
    return value


@dataclass(frozen=True)
class _Look:
    """One pass over the sound: spectra, and which frames are speech."""

    power: Array  # frames x bins
    speech: Mask
    level_db: Array
    snr_db: float


def _runs(mask: Mask) -> list[tuple[int, int]]:
    """Stretches of True as (first, after last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _smooth(values: Array, width: int) -> Array:
    kernel = np.hanning(width + 2)[1:-1]
    padded = np.pad(values, (width // 2, width // 2), mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), "valid")[: len(values)].astype(np.float32)


def _frame_db(samples: Array) -> Array:
    count = len(samples) // FRAME
    frames = samples[: count * FRAME].reshape(count, FRAME)
    power: Array = np.mean(frames**2, axis=1, dtype=np.float32)
    return (20 * np.log10(np.sqrt(power) + np.float32(1e-9))).astype(np.float32, copy=False)


def _flags(samples: NDArray[Any]) -> Mask:
    """Return WebRTC's verdict on each frame, by its detector in mode 2."""
    if samples.dtype != np.int16:
        samples = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
    data = samples.tobytes()
    detector = webrtcvad.Vad(2)
    size = 2 * FRAME
    return np.array(
        [
            detector.is_speech(data[at : at + size], RATE)
            for at in range(0, len(data) - size + 1, size)
        ],
        dtype=np.bool_,
    )


def _power(samples: Array, count: int) -> Array:
    """Return the power spectrum of each frame, in a window of 32 ms; in blocks, to stay small."""
    padded = np.pad(samples, (WINDOW // 2 - FRAME // 2, WINDOW))
    window = np.hanning(WINDOW).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::FRAME][:count]
    power = np.empty((count, WINDOW // 2 + 1), np.float32)
    for start in range(0, count, 1000):
        block = windows[start : start + 1000] * window
        power[start : start + 1000] = np.abs(np.fft.rfft(block, axis=1)) ** 2
    return power


def _tidied(speech: Mask, *, shortest: int, closed: int) -> Mask:
    """Return the mask with gaps under `closed` frames filled, then `shortest` stretches dropped."""
    speech = speech.copy()
    for start, end in _runs(~speech):
        if start > 0 and end < len(speech) and end - start < closed:
            speech[start:end] = True
    for start, end in _runs(speech):
        if end - start < shortest:
            speech[start:end] = False
    return speech


def _edges_moved(speech: Mask, frames: int) -> Mask:
    """Return the mask with every stretch longer (or shorter) by so many frames at both ends."""
    moved = speech.copy()
    for start, end in _runs(speech):
        if frames > 0:
            moved[max(start - frames, 0) : end + frames] = True
        elif end - start > -4 * frames:
            moved[start : start - frames] = False
            moved[end + frames : end] = False
    return moved


def _prominence(bands: Array, level: Array) -> tuple[Array, float, float, Mask]:
    """Return how far each frame stands out of the noise, the noise's centre and spread, its frames.

    The quietest frames are the first guess of the noise; three rounds make it better.
    """
    background = np.percentile(level, 10)
    noise = level <= background + 1.0
    for _ in range(3):
        ratio = 10 * np.log10(bands / (bands[noise].mean(axis=0) + 1e-12) + 1e-9)
        stands = _smooth(np.maximum(ratio - 0.5, 0).mean(axis=1), 9)
        centre, spread = float(np.median(stands[noise])), float(np.std(stands[noise])) + 0.05
        better = (stands <= centre + 1.7 * spread) & (level < background + 12)
        if better.sum() < 30:
            break
        noise = better
    return stands, centre, spread, noise


def _look(samples: Array) -> _Look:
    level = _frame_db(samples)
    gain = 10 ** ((-20 - float(np.percentile(level, 90))) / 20)
    samples = (samples * np.float32(gain)).astype(np.float32)
    power = _power(samples, len(level))
    sums = np.add.reduceat(power, _EDGES[:-1], axis=1)
    bands = (sums / np.diff(_EDGES)).astype(np.float32)
    level = _smooth((10 * np.log10(bands.sum(axis=1) + 1e-12)).astype(np.float32), 5)
    stands, centre, spread, noise = _prominence(bands, level)
    top, floor = float(np.percentile(level, 92)), float(np.median(level[noise]))
    snr = top - floor
    speech = stands > centre + 1.7 * spread
    speech &= level > max(top - 38, floor + 0.3 * snr if snr > 30 else -np.inf)
    voiced = _tidied(_flags(samples), shortest=1, closed=45)
    speech &= voiced | (stands > centre + 4.25 * spread)
    # soft sounds drown in noise: there only longer gaps are believed
    if snr < 26:
        speech = _edges_moved(_tidied(speech, shortest=8, closed=30), 1)
    else:
        speech = _edges_moved(_tidied(speech, shortest=8, closed=22), -1)
    return _Look(power, speech, level, snr)


def _likeness(look: _Look) -> float | None:
    """Return the mean correlation of speech spectra 100 ms apart; None with too few frames."""
    both = look.speech[:-10] & look.speech[10:]
    if both.sum() < 20:
        return None
    tones = 10 * np.log10(look.power[:, _TONE_BAND] + 1e-9)
    tones = np.maximum(tones, tones.max(axis=1, keepdims=True) - 35)
    tones -= tones.mean(axis=1, keepdims=True)
    tones /= np.linalg.norm(tones, axis=1, keepdims=True) + 1e-9
    return float(np.sum(tones[:-10] * tones[10:], axis=1)[both].mean())


def _peaks(values: Array, dip: float) -> Iterator[float]:
    """Heights of the peaks that stand at least `dip` above the valleys beside them."""
    high = low = float(values[0])
    rising = True
    for value in map(float, values):
        if rising:
            high = max(high, value)
            if value < high - dip:
                yield high
                rising, low = False, value
        else:
            low = min(low, value)
            if value > low + dip:
                rising, high = True, value
    if rising and high - low > dip / 2:
        yield high


def _syllables(look: _Look) -> int:
    band = look.power[:, _SYLLABLE_BAND]
    silent = ~look.speech
    noise = np.median(band[silent], axis=0) if silent.sum() > 20 else 0
    envelope = _smooth(np.cbrt(np.maximum(band - noise, 0).sum(axis=1)), 9)
    envelope /= np.percentile(envelope[look.speech], 95) + 1e-9
    return sum(
        sum(height > 0.35 for height in _peaks(envelope[max(start - 2, 0) : end + 2], 0.05))
        for start, end in _runs(look.speech)
    )


def _why_not(look: _Look) -> str:
    spread = float(np.percentile(look.level_db, 95) - np.percentile(look.level_db, 10))
    if spread < LEAST_RANGE_DB or not look.speech.any():
        return "noise"
    likeness = _likeness(look)
    if likeness is None:
        return ""
    if likeness > MUSIC_LIKENESS:
        return "music"
    return "noise" if likeness < NOISE_LIKENESS else ""


def _not_heard(length: float, loudness: float, why: str) -> Measures:
    return Measures(MEASURES_VERSION, False, why, length, loudness)


def measure(samples: Array, *, syllables_a_word: float = SYLLABLES_A_WORD) -> Measures:
    """Return all measures of one recording: mono, 16 kHz, -1 to 1.

    Where no speech is heard, `why_not` says silence, noise or music, and the measures are 0.
    """
    length = len(samples) / RATE
    level = _frame_db(samples) if len(samples) >= 3 * FRAME else np.zeros(0, np.float32)
    loudness = float(np.percentile(level, 90)) if len(level) else -120.0
    if loudness < QUIETEST_DBFS:
        return _not_heard(length, max(loudness, -120.0), "silence")
    look = _look(samples)
    if why := _why_not(look):
        return _not_heard(length, loudness, why)
    clipped = float(np.mean(np.abs(samples) >= 0.999))
    return _measured(look, length, loudness, clipped, syllables_a_word)


def _measured(
    look: _Look, length: float, loudness: float, clipped: float, syllables_a_word: float
) -> Measures:
    spoken = _tidied(look.speech, shortest=1, closed=SHORTEST_PAUSE_FRAMES)
    stretches = [(start / 100, (end - start) / 100) for start, end in _runs(spoken)]
    delivery = delivery_of(stretches)
    speech, runs = delivery.speech_seconds, delivery.runs
    whole = runs[-1][0] + runs[-1][1] - runs[0][0]
    syllables = _syllables(look)
    return Measures(
        version=MEASURES_VERSION,
        is_heard=True,
        why_not="",
        length_seconds=length,
        share_spoken=min(speech / length, 1.0),
        pauses_per_minute=60 * delivery.pause_count / length,
        **delivery.figures(),
        syllables=syllables,
        speech_rate=syllables / whole,
        articulation_rate=syllables / speech,
        words_per_minute=60 * syllables / syllables_a_word / length,
        loudness_dbfs=loudness,
        snr_db=look.snr_db,
        clipped_share=clipped,
    )


def voiced_seconds(samples: NDArray[np.int16]) -> float:
    """Return the seconds that sound like speech, by a quick first look; 0 for steady noise.

    `samples` are mono, 16 kHz.
    """
    # piece by piece: ten minutes in full width would be four times their size
    level = np.concatenate(
        [
            _frame_db(samples[at : at + PIECE].astype(np.float32) / np.float32(32768))
            for at in range(0, max(len(samples), 1), PIECE)
        ]
    )
    if len(level) < 3 or float(np.percentile(level, 90)) < QUIETEST_DBFS:
        return 0.0
    if float(np.percentile(level, 95) - np.percentile(level, 10)) < LEAST_RANGE_DB:
        return 0.0
    return float(_flags(samples).sum()) / 100
