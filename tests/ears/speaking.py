"""Texts as sound, from scratch: eSpeak NG, flite and Kokoro, mono, 16 bits, RATE a second.

What was spoken once is read from CACHE, by a hash of engine, voice, speed and text. eSpeak comes
with the product; flite is `apt-get install flite`; Kokoro is `make speakers`.
"""

import hashlib
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tests.ears import kokoro_files
from tests.ears.flite_phones import flite_phones
from tests.ears.places import CACHE

RATE = 16_000
KOKORO_SPEED = 0.95
# eSpeak reads about a quarter faster than its figure says
ESPEAK_RATE = 135
FLITE_STRETCH = {"slt": 1.25, "kal16": 1.1}
VOICES = {
    "espeak": ("en-us+f2", "en-us+m3", "en+f4", "en-us+f5"),
    "flite": ("rms", "slt", "awb", "kal16"),
    "kokoro": tuple(kokoro_files.VOICES),
}

Pcm = NDArray[np.int16]


def speak(text: str, engine: str, voice: str) -> Pcm:
    """Return the text as sound. Raises what the engine raises."""
    return _cached(f"{engine}/{voice}/{text}", lambda: ENGINES[engine](text, voice))


def speak_phonemes(phonemes: str, engine: str, voice: str) -> Pcm:
    """Return phonemes as sound of a voice of Kokoro or flite."""
    return _cached(
        f"phonemes/{engine}/{voice}/{phonemes}", lambda: PHONEME_ENGINES[engine](phonemes, voice)
    )


def phonemes_of(text: str) -> str:
    """Return the text as eSpeak's phonemes of American English."""
    phonemes: str = _kokoro_engine().tokenizer.phonemize(text, "en-us")
    # the t of "water": as a sound of its own it would stand for r and l too
    return phonemes.replace("ɾ", "t")


def hash_of(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]


def resampled(samples: NDArray[Any], rate: int, target: int = RATE) -> Pcm:
    """Return mono 16-bit samples at another rate."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=target)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.int16)


def _cached(key: str, make: Any) -> Pcm:
    path = CACHE / "spoken" / f"{hash_of(key)}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = make()
        part = path.with_suffix(".part.npy")
        np.save(part, samples)
        part.replace(path)
    samples = np.load(path)
    return samples  # type: ignore[no-any-return]


def _espeak(text: str, voice: str) -> Pcm:
    from materials.voice_adapters import _espeak_samples

    samples, rate = _espeak_samples(text, voice, ESPEAK_RATE)
    return resampled(samples, rate)


def _flite(text: str, voice: str) -> Pcm:
    return _run_flite(voice, "-t", text)


def _flite_phonemes(phonemes: str, voice: str) -> Pcm:
    return _run_flite(voice, "-p", flite_phones(phonemes))


def _run_flite(voice: str, *what: str) -> Pcm:
    stretch = FLITE_STRETCH.get(voice, 1.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}"]
        subprocess.run([*command, *what, "-o", str(path)], check=True)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            return resampled(samples, file.getframerate())


def _kokoro_text(text: str, voice: str) -> Pcm:
    return _kokoro(phonemes_of(text), voice)


def _kokoro(phonemes: str, voice: str) -> Pcm:
    samples, rate = _kokoro_engine().create(phonemes, voice, speed=KOKORO_SPEED, is_phonemes=True)
    # 3 dB of room: the loudest voices come out near full scale
    whole = np.clip(samples * 0.7, -1, 1) * 32767
    return resampled(whole.astype(np.int16), rate)


@cache
def _kokoro_engine() -> Any:
    import onnxruntime
    from kokoro_onnx import Kokoro

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(kokoro_files.model()), options, providers=["CPUExecutionProvider"]
    )
    return Kokoro.from_session(session, str(kokoro_files.voices()))


ENGINES = {"espeak": _espeak, "flite": _flite, "kokoro": _kokoro_text}
PHONEME_ENGINES = {"flite": _flite_phonemes, "kokoro": _kokoro}
