"""Any container a browser makes becomes one seekable format; pitch, length and words survive."""

import io
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest

from scoring.audio import codec
from tests.scoring import recordings

TONE = 440.0


def tone(seconds: float, rate: int) -> np.ndarray:
    at = np.arange(int(seconds * rate)) / rate
    return (0.4 * np.sin(2 * np.pi * TONE * at)).astype(np.float32)


def pitch(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency, in hertz."""
    middle = samples[len(samples) // 4 : -len(samples) // 4].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * rate / len(middle))


def wav(samples: np.ndarray, rate: int, channels: int = 1) -> bytes:
    """A wav of one or more channels: `samples` is (n,) or (n, channels)."""
    target = io.BytesIO()
    with av.open(target, "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=rate)
        stream.layout = {1: "mono", 2: "stereo"}[channels]
        data = (np.clip(samples, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(data, format="s16", layout=stream.layout.name)
        frame.sample_rate = rate
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
def test_any_sample_rate_keeps_length_and_pitch(rate):
    sound = codec.canonical([wav(tone(3, rate), rate)])
    assert sound.length_seconds == pytest.approx(3, rel=0.01)
    assert pitch(codec.decode(sound.data), codec.MEASURED_RATE) == pytest.approx(TONE, rel=0.01)
    assert len(sound.samples_16k) / codec.MEASURED_RATE == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize("kind", ["webm", "mp4", "ogg", "wav"])
def test_any_container_becomes_one_seekable_file(kind):
    original = recordings.speech(6)
    sound = codec.canonical([recordings.as_container(original, kind=kind)])
    assert sound.length_seconds == pytest.approx(6, abs=0.15)
    with av.open(io.BytesIO(sound.data)) as source:
        stream = source.streams.audio[0]
        assert stream.codec_context.name == "aac"
        assert stream.rate == codec.CANONICAL_RATE
        assert stream.layout.name == "mono"
        assert source.duration / av.time_base == pytest.approx(6, abs=0.2)
        source.seek(4_000_000)
        frame = next(source.decode(stream))
        assert 3.5 < frame.time <= 4.1
    # the index stands in front: a browser can seek before it has read the whole
    assert sound.data.index(b"moov") < sound.data.index(b"mdat")


def test_two_channels_become_one_and_neither_is_lost():
    left = tone(2, 48_000)
    both = np.stack([left, np.zeros_like(left)], axis=1)
    sound = codec.canonical([wav(both, 48_000, channels=2)])
    heard = codec.decode(sound.data)
    assert sound.length_seconds == pytest.approx(2, rel=0.01)
    assert pitch(heard, codec.MEASURED_RATE) == pytest.approx(TONE, rel=0.01)
    assert float(np.sqrt(np.mean(heard**2))) > 0.05


def test_segments_of_different_kinds_are_put_end_to_end():
    segments = [
        recordings.as_container(recordings.speech(2), kind="webm"),
        recordings.as_container(recordings.speech(2, seed=1), kind="mp4"),
        wav(tone(2, 16_000), 16_000),
    ]
    sound = codec.canonical(segments)
    assert sound.length_seconds == pytest.approx(6, abs=0.2)
    tail = codec.decode(sound.data)[-codec.MEASURED_RATE :]
    assert pitch(tail, codec.MEASURED_RATE) == pytest.approx(TONE, rel=0.01)


def test_a_cut_file_keeps_what_can_be_heard():
    whole = recordings.as_container(recordings.speech(8))
    sound = codec.canonical([whole[: len(whole) // 2]])
    assert 2 < sound.length_seconds < 6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
        b"\x1aE\xdf\xa3" + b"webm" + b"\0" * 400,
        b"\0\0\0\x18ftypM4A \0\0\0\0" + b"\xff" * 400,
        b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\0" * 40,
    ],
)
def test_lists_links_and_wrecks_are_refused_without_opening_anything(data, monkeypatch):
    opened = []
    real = av.open
    monkeypatch.setattr(
        codec.av, "open", lambda file, *a, **k: opened.append(file) or real(file, *a, **k)
    )
    with pytest.raises(codec.AudioError) as caught:
        codec.canonical([data])
    assert caught.value.code in {"unreadable", "no_audio", "empty"}
    # only our own target and the bytes at hand: never a name that came with the upload
    assert all(
        isinstance(file, io.BytesIO) or str(file).startswith("/proc/self/fd/") for file in opened
    )


def test_sound_beyond_the_limit_stops_the_work_there():
    with pytest.raises(codec.AudioError) as caught:
        codec.canonical([recordings.as_container(recordings.silence(20))], max_seconds=5)
    assert caught.value.code == "too_long"


def test_encoding_in_another_thread_changes_nothing_but_the_time():
    segments = [recordings.as_container(recordings.speech(9, seed)) for seed in (1, 2)]
    with ThreadPoolExecutor(1) as encoder:
        threaded = codec.canonical(segments, encoder=encoder)
        with pytest.raises(codec.AudioError) as caught:
            codec.canonical(segments, max_seconds=10, encoder=encoder)
    alone = codec.canonical(segments)
    assert caught.value.code == "too_long"
    assert threaded.length_seconds == alone.length_seconds
    assert (threaded.samples_16k == alone.samples_16k).all()
    # an m4a says when it was made: what is heard of it must be the same
    assert (codec.pcm_of(threaded.data) == codec.pcm_of(alone.data)).all()


def test_what_the_encoder_meets_in_its_thread_is_raised(monkeypatch):
    def refuse(_writer, _frame):
        raise MemoryError

    monkeypatch.setattr(codec._Writer, "write", refuse)
    with ThreadPoolExecutor(1) as encoder, pytest.raises(MemoryError):
        codec.canonical([recordings.as_container(recordings.speech(9))], encoder=encoder)


def test_a_rate_nobody_records_at_is_no_recording():
    with pytest.raises(codec.AudioError):
        codec.canonical([wav(tone(0.2, 384_000), 384_000)])


def test_a_picture_in_a_sound_container_has_no_sound():
    target = io.BytesIO()
    with av.open(target, "w", format="webm") as out:
        stream = out.add_stream("vp8", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        out.mux(stream.encode(None))
    with pytest.raises(codec.AudioError) as caught:
        codec.canonical([target.getvalue()])
    assert caught.value.code == "no_audio"


def test_flac_for_a_model_is_the_same_sound():
    sound = codec.canonical([recordings.as_container(recordings.speech(3))])
    flac = codec.Sound(sound.data).flac()
    with av.open(io.BytesIO(flac)) as source:
        assert source.format.name == "flac"
        assert source.streams.audio[0].rate == codec.MEASURED_RATE
        heard = np.concatenate([frame.to_ndarray()[0] for frame in source.decode(audio=0)])
    want = codec.decode(sound.data)
    assert len(heard) == pytest.approx(len(want), rel=0.01)
    length = min(len(heard), len(want))
    assert np.corrcoef(heard[:length].astype(float), want[:length])[0, 1] > 0.98
