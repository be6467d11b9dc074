"""Reading a text aloud: the Voice adapters. Nothing else imports edge-tts or eSpeak NG.

Edge TTS is a neural voice on the network, through an unofficial client that may stop any day: clips
are made ahead and stored for good. eSpeak NG comes in a wheel and is always there; it sounds like a
machine, which its `source` says.
"""

import asyncio
import ctypes
import io
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from opic.lib.adapters import load_adapter

# a prompt's clip stays below 60 KB
MOST_BYTES = 58_000
LONGEST_PROMPT_SECONDS = 45
LEAST_BIT_RATE = 10_000
# samples a second
CLIP_RATE = 24_000
EDGE_SECONDS = 60.0
# about what the service reads at "+0%", in words a minute
EDGE_BASE_WPM = 165

Samples = NDArray[np.int16]


class VoiceError(Exception):
    """No sound this time. With `retry` the voice may be there again later."""

    def __init__(self, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.retry = retry


@dataclass(frozen=True)
class Spoken:
    """A clip ready to store: AAC in m4a, and its length."""

    data: bytes
    seconds: float


class Voice(Protocol):
    """A way to read a text aloud, under one of the names in `voices`.

    `source` is one of `VoiceClip.Source`.
    """

    name: str
    source: str
    voices: tuple[str, ...]

    def speak(self, text: str, voice: str, words_a_minute: int) -> Spoken:
        """Return the text as sound, or raise VoiceError."""


def try_speaking(voice: Voice, text: str, name: str, words_a_minute: int) -> Spoken | str:
    """Return the sound, or in words why there is none.

    A function of the module, so that a process of a pool can be given it.
    """
    try:
        return voice.speak(text, name, words_a_minute)
    except VoiceError as exc:
        return str(exc)


def encode_sound(samples: Samples, rate: int) -> Spoken:
    """Encode mono 16-bit samples, `rate` a second, as m4a.

    A clip of up to LONGEST_PROMPT_SECONDS stays below MOST_BYTES, a longer one below four times as
    much: the bit rate is lowered until it fits, down to LEAST_BIT_RATE.
    """
    seconds = max(len(samples) / rate, 0.1)
    most = MOST_BYTES if seconds <= LONGEST_PROMPT_SECONDS else 4 * MOST_BYTES
    bit_rate = int(min(32_000, most * 8 * 0.8 / seconds))
    while True:
        data = _aac(samples, rate, bit_rate)
        if len(data) <= most or bit_rate <= LEAST_BIT_RATE:
            return Spoken(data, seconds)
        bit_rate = max(LEAST_BIT_RATE, int(bit_rate * 0.9 * most / len(data)))


def _aac(samples: Samples, rate: int, bit_rate: int) -> bytes:
    sample_rate = CLIP_RATE if bit_rate >= 22_000 else 16_000
    # faststart reopens its file by name: a file object would not do
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.m4a"
        with av.open(path, "w", format="ipod", options={"movflags": "+faststart"}) as out:
            stream = out.add_stream("aac", rate=sample_rate, options={"aac_coder": "fast"})
            stream.bit_rate = bit_rate
            stream.layout = "mono"
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=sample_rate)
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = rate
            frame.pts = 0
            frame.time_base = Fraction(1, rate)
            for part in (*resampler.resample(frame), *resampler.resample(None), None):
                out.mux(stream.encode(part))
        return path.read_bytes()


class EspeakVoice:
    """eSpeak NG through ctypes: one engine a process, not thread-safe."""

    name = "espeak"
    source = "espeak"
    voices = ("en-us+f2", "en-us+m3", "en+f4", "en-us+f5")

    def speak(self, text: str, voice: str, words_a_minute: int) -> Spoken:
        """Return the text as sound; raise VoiceError when the engine or its voice is missing."""
        samples, rate = _espeak_samples(text, voice, words_a_minute)
        if not len(samples):
            raise VoiceError("eSpeak NG gave no sound", retry=False)
        return encode_sound(samples, rate)


@cache
def _engine() -> tuple[Any, int, Any, list[bytes]]:
    """Return the engine of this process: library, sample rate, callback, and the list it fills.

    The callback is returned so that it is not collected while the library calls it.
    """
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(Path(espeakng_loader.get_data_path()).parent).encode()
    # 2: synchronous, sound goes to the callback
    rate = library.espeak_Initialize(2, 0, data, 0)
    # some builds take the folder around the data folder, others the data folder itself
    if rate <= 0:
        rate = library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise VoiceError("eSpeak NG did not start", retry=False)
    basket: list[bytes] = []

    def take(wave: Any, count: int, _events: Any) -> int:
        if wave and count > 0:
            basket.append(ctypes.string_at(wave, count * 2))
        return 0

    shape = (ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    callback = ctypes.CFUNCTYPE(*shape)(take)
    library.espeak_SetSynthCallback(callback)
    return library, rate, callback, basket


def _espeak_samples(text: str, voice: str, words_a_minute: int) -> tuple[Samples, int]:
    library, rate, _callback, basket = _engine()
    basket.clear()
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise VoiceError(f"eSpeak NG has no voice {voice}", retry=False)
    # 1: the rate
    library.espeak_SetParameter(1, words_a_minute, 0)
    encoded = text.encode()
    # from character 0 to the end; the last 1 says that the text is UTF-8
    library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    return np.frombuffer(b"".join(basket), dtype=np.int16), rate


class EdgeVoice:
    """Microsoft Edge's read-aloud voices, over the network."""

    name = "edge"
    source = "neural"
    voices = ("en-US-AvaNeural", "en-US-AndrewNeural", "en-US-EmmaNeural", "en-GB-SoniaNeural")

    def speak(self, text: str, voice: str, words_a_minute: int) -> Spoken:
        """Return the text as sound; raise VoiceError with `retry` when the service is away."""
        import aiohttp
        from edge_tts.exceptions import EdgeTTSException

        errors = (EdgeTTSException, aiohttp.ClientError, OSError, TimeoutError)
        try:
            sound = asyncio.run(_edge_sound(text, voice, words_a_minute))
        except errors as exc:
            raise VoiceError(f"Edge TTS: {type(exc).__name__}", retry=True) from exc
        return encode_sound(*_decoded(sound))


async def _edge_sound(text: str, voice: str, words_a_minute: int) -> bytes:
    """Return MP3 as it streams in; raise TimeoutError after EDGE_SECONDS.

    The library's `stream_sync` would hang for ever without a network.
    """
    import edge_tts

    rate = f"{round(100 * words_a_minute / EDGE_BASE_WPM) - 100:+d}%"
    with tempfile.SpooledTemporaryFile(max_size=2_000_000) as file:

        async def collect() -> None:
            async for chunk in edge_tts.Communicate(text, voice, rate=rate).stream():
                if chunk["type"] == "audio":
                    file.write(chunk["data"])

        await asyncio.wait_for(collect(), EDGE_SECONDS)
        file.seek(0)
        return file.read()


def _decoded(sound: bytes) -> tuple[Samples, int]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=CLIP_RATE)
    with av.open(io.BytesIO(sound), format="mp3") as source:
        frames = cast(InputContainer, source).decode(audio=0)
        parts = [
            part.to_ndarray()[0] for frame in (*frames, None) for part in resampler.resample(frame)
        ]
    return np.concatenate(parts), CLIP_RATE


def get_voice(name: str | None = None) -> Voice:
    """Return the voice of this short name, or the one that the settings chose. Raises KeyError."""
    return cast(Voice, load_adapter("voice", name))
