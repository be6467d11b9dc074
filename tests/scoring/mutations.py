"""Hostile and damaged uploads, by seed: the same seed makes the same bytes."""

import io
import random
from collections.abc import Iterator
from functools import cache

import av
import numpy as np

from tests.scoring import recordings

KINDS = ("webm", "mp4", "mp4-opus", "m4a", "ogg", "wav")


@cache
def whole(kind: str) -> bytes:
    return recordings.as_container(recordings.speech(1.5), kind=kind)


def mutated(kind: str, seed: int) -> bytes:
    """One recording with a few bytes changed, dropped, doubled or put elsewhere."""
    rng = random.Random(f"{kind}-{seed}")
    data = bytearray(whole(kind))
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        # the head is where a container says what it is
        at = rng.randrange(min(len(data), 600) if rng.random() < 0.6 else len(data))
        _change(rng, data, at)
    return bytes(data)


def _change(rng: random.Random, data: bytearray, at: int) -> None:
    kind = rng.randrange(6)
    if kind == 0:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        data[at] = rng.choice((0, 0x7F, 0x80, 0xFF))
    elif kind == 2:
        data[at : at + 8] = rng.randbytes(8)
    elif kind == 3:
        del data[at : at + rng.randrange(1, 64)]
    elif kind == 4:
        data[at:at] = data[at : at + rng.randrange(1, 200)]
    else:
        data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))


def mutations(count: int) -> Iterator[tuple[str, int]]:
    """So many (kind, seed), the kinds in turn."""
    return ((KINDS[number % len(KINDS)], number) for number in range(count))


def encoded(
    form: str, codec: str, *, rate: int, layout: str, seconds: float, sample_format: str = ""
) -> bytes:
    """Near-silence in any shape the library can write."""
    target = io.BytesIO()
    with av.open(target, "w", format=form) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.layout = layout
        shape = sample_format or stream.codec_context.codec.audio_formats[0].name
        stream.format = shape
        piece = rate
        mixer = av.AudioResampler(format=shape, layout=layout, rate=rate)
        for number in range(int(seconds)):
            silence = np.zeros((1, piece * len(stream.layout.channels)), np.int16)
            frame = av.AudioFrame.from_ndarray(silence, format="s16", layout=layout)
            frame.sample_rate, frame.pts = rate, number * piece
            for part in mixer.resample(frame):
                out.mux(stream.encode(part))
        for part in (*mixer.resample(None), None):
            out.mux(stream.encode(part))
    return target.getvalue()


def crumbs(count: int) -> bytes:
    """The worst that is accepted: a block of its own for every two samples. Ten bytes each."""
    target = io.BytesIO()
    with av.open(target, "w", format="matroska", options={"live": "1"}) as out:
        stream = out.add_stream("pcm_s16le", rate=96_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 96), np.int16), format="s16", layout="mono")
        frame.sample_rate = 96_000
        out.mux(stream.encode(frame))
    block = b"\xa3\x88\x81\x00\x00\x80" + b"\0\0\x01\0"
    inside = b"\xe7\x81\x00" + block * count
    size = (len(inside) | 1 << 56).to_bytes(8, "big")
    return target.getvalue() + b"\x1f\x43\xb6\x75" + size + inside


@cache
def long_bomb() -> bytes:
    """More than ten minutes at 96 kHz in two channels, in 130 kB: all is decoded, then refused."""
    return encoded("ogg", "flac", rate=96_000, layout="stereo", seconds=605)


@cache
def wide_bomb() -> bytes:
    """What the finding had: eight channels at 192 kHz. Refused before it is decoded."""
    return encoded("ogg", "flac", rate=192_000, layout="7.1", seconds=60)
