"""A recording in the states in which it may reach the ears, all as the product stores them."""

from collections.abc import Callable

import numpy as np

from scoring.audio import codec
from tests.ears.speaking import RATE, Pcm
from tests.scoring import recordings

SNR = 10
OPUS_BIT_RATE = 24_000
LOUD = 0.02


def pink(length: int, seed: int = 0) -> np.ndarray:
    """Return pink noise of unit power, cut from a power of two."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.normal(0, 1, 1 << (length - 1).bit_length()))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum)[:length]
    return noise / np.sqrt(np.mean(noise**2))


def noisy(samples: Pcm, snr: float = SNR) -> Pcm:
    """Return it with pink noise this many dB below what is louder than its pauses."""
    sound = samples / 32768
    loud = sound[np.abs(sound) > LOUD * np.abs(sound).max()]
    level = np.sqrt(np.mean(loud**2) / 10 ** (snr / 10))
    mixed = sound + level * pink(len(sound), len(sound))
    return (mixed / max(1.0, np.abs(mixed).max()) * 32767).astype(np.int16)


def stored(samples: Pcm) -> bytes:
    """Return AAC, 16 kHz, mono, in m4a: what the product keeps of a lossless recording."""
    return codec.canonical([recordings.as_wav(samples / np.float32(32768), RATE)]).data


def through_opus(samples: Pcm) -> bytes:
    """Return what is stored of a browser's webm."""
    sound = samples / np.float32(32768)
    sent = recordings.as_container(sound, RATE, "webm", OPUS_BIT_RATE)
    return codec.canonical([sent]).data


def lossless(samples: Pcm) -> bytes:
    return recordings.as_wav(samples / np.float32(32768), RATE)


CONDITIONS: dict[str, Callable[[Pcm], bytes]] = {
    "clean": lossless,
    "noise 10 dB": lambda samples: stored(noisy(samples)),
    "opus 24 kb/s": through_opus,
    "AAC as stored": stored,
}
