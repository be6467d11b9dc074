"""Sounds in which nobody says anything, 20 s each, 16 kHz."""

from collections.abc import Callable

import numpy as np

from tests.ears.conditions import pink
from tests.ears.speaking import RATE, Pcm, speak

SECONDS = 20
AT = np.arange(SECONDS * RATE) / RATE
CHORDS = ((220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247))
TEXT = "Well, I usually walk to the market with my sister, and then we cook dinner for everyone."


def as_pcm(sound: np.ndarray) -> Pcm:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def white(level: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, level, len(AT))


def hum() -> np.ndarray:
    return np.sum([0.2 / n * np.sin(2 * np.pi * 50 * n * AT) for n in (1, 2, 3, 5)], axis=0)


def chords() -> np.ndarray:
    """Return four chords in turn, each dying away, a second each."""
    number = AT.astype(int) % len(CHORDS)
    tones = [
        np.sin(2 * np.pi * np.array([chord[place] for chord in CHORDS])[number] * n * AT) / n
        for place in range(3)
        for n in (1, 2, 3, 4)
    ]
    return 0.12 * np.sum(tones, axis=0) * np.exp(-2 * (AT % 1))


def drum() -> np.ndarray:
    """Return two strokes a second, low and high in turn."""
    since = AT % 0.5
    low = np.sin(2 * np.pi * 70 * since) * np.exp(-18 * since)
    high = white(0.5) * np.exp(-40 * since)
    return 0.7 * np.where((AT / 0.5).astype(int) % 2, high, low)


def sweep() -> np.ndarray:
    """Return tones gliding from 100 Hz to 4 kHz in five seconds each."""
    since = AT % 5
    return 0.4 * np.sin(2 * np.pi * 100 * 5 / np.log(40) * (40 ** (since / 5) - 1))


def reversed_speech(voice: str) -> np.ndarray:
    sound = speak(TEXT, "espeak", voice)[::-1] / 32768
    return np.resize(np.concatenate([sound, np.zeros(RATE // 2)]), len(AT))


def babble() -> np.ndarray:
    """Return four voices at once, each backwards and beginning elsewhere."""
    voices = ("en-us+f2", "en-us+m3", "en+f4", "en-us+f5")
    spoken = [np.roll(reversed_speech(voice), turn * 23_000) for turn, voice in enumerate(voices)]
    return 0.5 * np.sum(spoken, axis=0)


SOUNDS: dict[str, Callable[[], np.ndarray]] = {
    "silence": lambda: np.zeros(len(AT)),
    "faint noise of a quiet room": lambda: white(0.002),
    "white noise": lambda: white(0.2),
    "pink noise": lambda: 0.1 * pink(len(AT)),
    "hum": hum,
    "chords": chords,
    "drum": drum,
    "chords and drum": lambda: 0.6 * (chords() + drum()),
    "gliding tones": sweep,
    "one voice backwards": lambda: reversed_speech("en-us+m3"),
    "four voices backwards": babble,
}
