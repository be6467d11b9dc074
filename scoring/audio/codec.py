"""Reading and writing sound: recognised by content, decoded within limits, as one canonical m4a.

Pure: no rows, no settings. What a file says about itself (name, type, length) is not evidence; only
decoding it is. Containers are recognised by their first bytes and forced on the decoder, so that
nothing that names other files or hosts is ever opened. The product runs what reads foreign bytes in
a process of its own (scoring/audio/decoder_process.py), never where secrets are.
"""

import errno
import io
import os
import wave
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

CANONICAL_RATE = 16_000  # wideband speech: what is measured and what models listen to
CANONICAL_BIT_RATE = 40_000
MEASURED_RATE = 16_000
AAC = {"aac_coder": "fast"}
MOST_RATE = 96_000
MOST_CHANNELS = 2
FLAC_PIECE = 8000
MOST_PENDING = 8  # pieces of half a second that wait to be encoded
# what browsers and recorders write; the library knows some hundred more, none of them needed here
CODECS = frozenset(
    [
        "opus",
        "libopus",
        "vorbis",
        "aac",
        "flac",
        "mp3",
        "mp3float",
        "pcm_s16le",
        "pcm_s16be",
        "pcm_f32le",
        "pcm_f32be",
    ]
)
# nothing is wrong with the sound then: the host had no more files, space or threads
_HOST_ERRORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EAGAIN, errno.EINTR})

Samples = NDArray[np.float32]
Decoder = Callable[[bytes], NDArray[np.int16]]


class AudioError(Exception):
    """No usable sound. `code`: unreadable, no_audio, too_long, memory.

    All but `memory` are the file's own doing, whatever the machine is busy with. Decoding in a
    process of its own adds `too_heavy` and `failed`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Canonical:
    """One seekable m4a (AAC-LC, 16 kHz, mono, index in front) and its samples for a first look."""

    data: bytes
    length_seconds: float
    samples_16k: NDArray[np.int16]


def sniff(head: bytes) -> str | None:
    """Return the container by its first 64 bytes: webm, mp4, ogg or wav; None for all others."""
    if head[:4] == b"\x1aE\xdf\xa3" and (b"webm" in head[:64] or b"matroska" in head[:64]):
        return "webm"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    return None


_FORMATS = {"webm": "webm", "mp4": "mp4", "ogg": "ogg", "wav": "wav"}


def _opened(data: bytes) -> InputContainer:
    kind = sniff(data[:64])
    if kind is None:
        raise AudioError("unreadable")
    # the library decodes while it looks for streams too, before we can ask which they are
    options = {"codec_whitelist": ",".join(sorted(CODECS))}
    # an mp4 may name other files and hosts as its data: none of them is opened
    if kind == "mp4":
        options |= {"protocol_whitelist": "none", "enable_drefs": "0"}
    opened = av.open(io.BytesIO(data), format=_FORMATS[kind], options=options)
    return cast(InputContainer, opened)


def _stream_of(source: InputContainer) -> AudioStream:
    if not source.streams.audio:
        raise AudioError("no_audio")
    stream = source.streams.audio[0]
    # a stream with an unknown codec id has no context at all
    if stream.codec_context is None or stream.codec_context.name not in CODECS:
        raise AudioError("unreadable")
    stream.codec_context.thread_count = 1
    return stream


def _frames(data: bytes) -> Iterator[AudioFrame]:
    """Yield the frames of one segment; an error after the first one ends it there.

    Raises AudioError without any frame, and for one with too high a rate or too many channels; the
    library's own error where the host is to blame.
    """
    came = False
    try:
        with _opened(data) as source:
            for frame in source.decode(_stream_of(source)):
                _judge(frame)
                came = True
                yield frame
    except MemoryError:
        raise AudioError("memory") from None
    except (av.error.FFmpegError, ValueError) as exc:
        if getattr(exc, "errno", 0) in _HOST_ERRORS:
            raise
        if not came:
            raise AudioError("unreadable") from None


def _judge(frame: AudioFrame) -> None:
    if not 0 < frame.sample_rate <= MOST_RATE or frame.layout.nb_channels > MOST_CHANNELS:
        raise AudioError("unreadable")


class _Writer:
    """Encodes frames as they come, so that no long recording is ever held decoded."""

    def __init__(self, path: Path) -> None:
        self.out = av.open(path, "w", format="ipod", options={"movflags": "+faststart"})
        self.stream = self.out.add_stream("aac", rate=CANONICAL_RATE, options=AAC)
        self.stream.bit_rate = CANONICAL_BIT_RATE
        self.stream.layout = "mono"
        self.stream.codec_context.thread_count = 1
        self.samples = 0

    def write(self, frame: AudioFrame) -> None:
        frame.pts, frame.time_base = self.samples, Fraction(1, CANONICAL_RATE)
        self.samples += frame.samples
        self.out.mux(self.stream.encode(frame))

    def close(self) -> None:
        self.out.mux(self.stream.encode(None))
        self.out.close()


class _Mixer:
    """Turns frames of one shape into mono at a rate, in pieces of half a second.

    A call into the library for each of fifty frames a second would cost as much as the work itself.
    """

    def __init__(self, frame: AudioFrame, rate: int, form: str) -> None:
        self.shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        self.most = frame.sample_rate // 2
        self.waiting = AudioFifo()
        self.resampler = AudioResampler(format=form, layout="mono", rate=rate)

    def fits(self, frame: AudioFrame) -> bool:
        return self.shape == (frame.sample_rate, frame.layout.name, frame.format.name)

    def mix(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        frame.pts = None
        self.waiting.write(frame)
        if self.waiting.samples >= self.most:
            yield from self._drained()

    def _drained(self) -> Iterator[AudioFrame]:
        waiting = self.waiting.read(self.waiting.samples) if self.waiting.samples else None
        if waiting is not None:
            waiting.pts = None
            yield from self.resampler.resample(waiting)

    def rest(self) -> Iterator[AudioFrame]:
        yield from self._drained()
        yield from self.resampler.resample(None)


def _mono(segment: bytes, rate: int, form: str) -> Iterator[AudioFrame]:
    """Yield a segment as mono frames at a rate, the resampler's rest included."""
    mixer: _Mixer | None = None
    for frame in _frames(segment):
        if mixer is None or not mixer.fits(frame):
            if mixer is not None:
                yield from mixer.rest()
            mixer = _Mixer(frame, rate, form)
        yield from mixer.mix(frame)
    if mixer is not None:
        yield from mixer.rest()


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield the path of a file in memory: a process that is killed leaves nothing on a disk."""
    handle = os.memfd_create("answer")
    try:
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


class _InThread:
    """Hands frames to the writer in another thread: one core decodes while another encodes."""

    def __init__(self, writer: _Writer, thread: Executor) -> None:
        self.writer, self.thread = writer, thread
        self.pending: deque[Future[None]] = deque()

    def write(self, frame: AudioFrame) -> None:
        """Wait when too many are pending. Raises what the encoder raised on an earlier one."""
        self.pending.append(self.thread.submit(self.writer.write, frame))
        if len(self.pending) > MOST_PENDING:
            self.pending.popleft().result()

    def close(self) -> None:
        while self.pending:
            self.pending.popleft().result()
        self.writer.close()


def canonical(
    segments: Sequence[bytes], *, max_seconds: float = 600, encoder: Executor | None = None
) -> Canonical:
    """Put segments, each a file of its own, end to end as one m4a. Raises AudioError.

    Decoding stops at `max_seconds` of sound (too_long), whatever the file says of its length.
    `encoder` is a pool of one thread, which encodes meanwhile.
    """
    look = AudioResampler(format="s16", layout="mono", rate=MEASURED_RATE)
    pieces: list[NDArray[np.int16]] = []
    with _scratch() as path:
        own = _Writer(path)
        writer = _InThread(own, encoder) if encoder else own
        samples = 0
        for segment in segments:
            for frame in _mono(segment, CANONICAL_RATE, "fltp"):
                samples += frame.samples
                pieces += [part.to_ndarray()[0] for part in look.resample(frame)]
                writer.write(frame)
                if samples > max_seconds * CANONICAL_RATE:
                    raise AudioError("too_long")
        if not samples:
            raise AudioError("no_audio")
        writer.close()
        pieces += [part.to_ndarray()[0] for part in look.resample(None)]
        return Canonical(path.read_bytes(), samples / CANONICAL_RATE, np.concatenate(pieces))


def pcm_of(data: bytes) -> NDArray[np.int16]:
    """Return mono samples at 16 kHz of one file. Raises AudioError."""
    pieces = [frame.to_ndarray()[0] for frame in _mono(data, MEASURED_RATE, "s16")]
    if not pieces:
        raise AudioError("no_audio")
    return np.concatenate(pieces)


class Sound:
    """A stored recording, decoded once: samples for the measures, FLAC for a model."""

    def __init__(self, data: bytes, decode: Decoder = pcm_of) -> None:
        """Take the bytes; `decode` makes samples of them, here or in a process of its own."""
        self.data, self._decode = data, decode
        self._flac: Future[bytes] | None = None

    @cached_property
    def pcm(self) -> NDArray[np.int16]:
        """Return mono samples, 16 kHz. Raises AudioError."""
        return self._decode(self.data)

    @property
    def samples(self) -> Samples:
        """Return mono samples, 16 kHz, -1 to 1. Raises AudioError."""
        return self.pcm.astype(np.float32) / np.float32(32768)

    def begin_flac(self) -> None:
        """Start to encode FLAC in a thread, beside what is done meanwhile. Raises AudioError."""
        pool = ThreadPoolExecutor(1)
        self._flac = pool.submit(_as_flac, self.pcm)
        pool.shutdown(wait=False)

    def flac(self) -> bytes:
        """Return 16 kHz mono FLAC, a format that every model lists. Raises AudioError."""
        return self._flac.result() if self._flac else _as_flac(self.pcm)

    def wav(self) -> bytes:
        """Return 16 kHz mono WAV, for models that list no FLAC. Raises AudioError."""
        target = io.BytesIO()
        with wave.open(target, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(MEASURED_RATE)
            out.writeframes(self.pcm.astype("<i2").tobytes())
        return target.getvalue()


def decode(data: bytes) -> Samples:
    """Return mono samples at 16 kHz, -1 to 1, of a stored file. Raises AudioError."""
    return Sound(data).samples


def silence(*, seconds: int) -> bytes:
    """Return an m4a of silence, in the format in which recordings are stored."""
    target = io.BytesIO()
    with av.open(target, "w", format="ipod") as out:
        stream = out.add_stream("aac", rate=CANONICAL_RATE)
        stream.layout = "mono"
        zeros = np.zeros((1, CANONICAL_RATE * seconds), np.float32)
        frame = AudioFrame.from_ndarray(zeros, format="fltp", layout="mono")
        frame.sample_rate = CANONICAL_RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()


def _as_flac(pcm: NDArray[np.int16]) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format="flac") as out:
        stream = out.add_stream("flac", rate=MEASURED_RATE, options={"compression_level": "1"})
        stream.layout = "mono"
        for at in range(0, len(pcm), FLAC_PIECE):
            piece = pcm[np.newaxis, at : at + FLAC_PIECE]
            frame = AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate = MEASURED_RATE
            frame.pts, frame.time_base = at, Fraction(1, MEASURED_RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()
