"""Voices: the one that is always there, and the one on the network, spoken to over its own wire."""

import asyncio
import io
import json
import threading
from collections.abc import Iterator

import av
import edge_tts.communicate
import pytest
from aiohttp import WSMsgType, web

from materials.voice_adapters import EdgeVoice, EspeakVoice, VoiceError
from tests.scoring import recordings

TEXT = "Tell me about the place where you live, and about the people who live near you."
LONG = (TEXT + " ") * 4


def seconds_of(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as source:
        return float(source.duration) / 1_000_000


class TestEspeak:
    @pytest.mark.parametrize("voice", EspeakVoice.voices)
    def test_every_interviewer_speaks_in_a_small_seekable_file(self, voice):
        spoken = EspeakVoice().speak(LONG, voice, 130)
        assert spoken.data[4:8] == b"ftyp"
        assert spoken.data.index(b"moov") < spoken.data.index(b"mdat")
        assert len(spoken.data) <= 60_000
        assert abs(seconds_of(spoken.data) - spoken.seconds) < 0.3
        assert 15 < spoken.seconds < 40

    def test_a_slower_rate_takes_longer(self):
        slow, fast = (EspeakVoice().speak(TEXT, "en-us+m3", rate).seconds for rate in (110, 160))
        assert slow > 1.2 * fast

    def test_an_unknown_voice_is_refused(self):
        with pytest.raises(VoiceError):
            EspeakVoice().speak(TEXT, "xx-nobody", 130)


class EdgeServer:
    """Edge's read-aloud service on loopback: mp3 in frames, as the real one sends it."""

    def __init__(self) -> None:
        self.scenario = "good"
        self.asked: list[str] = []
        self.sound = self._mp3()
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _mp3(self) -> bytes:
        target = io.BytesIO()
        with av.open(target, "w", format="mp3") as out:
            stream = out.add_stream("libmp3lame", rate=24_000)
            stream.layout = "mono"
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=24_000)
            samples = recordings.speech(4).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="mono")
            frame.sample_rate, frame.pts = recordings.RATE, 0
            for part in (*resampler.resample(frame), *resampler.resample(None), None):
                out.mux(stream.encode(part))
        return target.getvalue()

    async def _reply_to(self, request: web.Request) -> web.StreamResponse:
        if self.scenario == "forbidden":
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type != WSMsgType.TEXT or "<speak" not in message.data:
                continue
            self.asked.append(message.data)
            if self.scenario == "silent":
                await asyncio.sleep(4)
            await self._speak(socket)
        return socket

    async def _speak(self, socket: web.WebSocketResponse) -> None:
        await socket.send_str("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        head = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
        if self.scenario == "good":
            for start in range(0, len(self.sound), 4000):
                part = self.sound[start : start + 4000]
                await socket.send_bytes(len(head).to_bytes(2, "big") + head + part)
        data = {"Offset": 0, "Duration": 10**7, "text": {"Text": TEXT}}
        meta = {"Metadata": [{"Type": "SentenceBoundary", "Data": data}]}
        await socket.send_str(f"Path:audio.metadata\r\n\r\n{json.dumps(meta)}")
        await socket.send_str("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        app = web.Application()
        app.router.add_get("/edge/v1", self._reply_to)
        runner = web.AppRunner(app)
        self.loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self.loop.run_until_complete(site.start())
        self.port = site._server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()
        self.loop.run_until_complete(runner.cleanup())
        self.loop.close()

    def __enter__(self) -> "EdgeServer":
        self.thread.start()
        self.ready.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeServer]:
    with EdgeServer() as server:
        url = f"ws://127.0.0.1:{server.port}/edge/v1?x=1"
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", url)
        monkeypatch.setattr("materials.voice_adapters.EDGE_SECONDS", 2.0)
        yield server


class TestEdge:
    def test_it_speaks_and_is_stored_small(self, edge):
        spoken = EdgeVoice().speak(TEXT, EdgeVoice.voices[0], 140)
        assert abs(spoken.seconds - 4) < 0.3
        assert spoken.data[4:8] == b"ftyp"
        assert len(spoken.data) <= 60_000
        assert "-15%" in edge.asked[0]

    @pytest.mark.parametrize("scenario", ["forbidden", "empty", "silent"])
    def test_every_fault_is_one_error_that_says_try_again(self, edge, scenario):
        edge.scenario = scenario
        with pytest.raises(VoiceError) as caught:
            EdgeVoice().speak(TEXT, EdgeVoice.voices[0], 140)
        assert caught.value.retry

    def test_offline_does_not_hang(self, monkeypatch):
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", "ws://127.0.0.1:9/x?y=1")
        with pytest.raises(VoiceError):
            EdgeVoice().speak(TEXT, EdgeVoice.voices[0], 140)
