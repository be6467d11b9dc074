"""What we add to a model's own time, and what a rated answer costs by the price table."""

import json
import os
import re
import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, percentile
from tests.gemini.scripts import example, hears, judged, rates
from tests.gemini.server import AUDIO_TOKENS_A_SECOND, CHARACTERS_A_TOKEN, Call, FakeGemini, Script
from tests.openai_compatible.server import FakeOpenAiCompatible
from tests.product import Product
from tests.scoring import recordings

MODEL_SECONDS = 3.0
RESPONSES = 20
WARM = 2  # one a worker: its first also opens its connections
REST = 1.0
MOST = {"SQLite": 1.0, "PostgreSQL + Redis": 0.5}
PSQL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/9"
DOLLARS_IN, DOLLARS_OUT = 0.30, 2.50  # gemini-3.5-flash-lite, October 2026, a million tokens


def _slow(script: Script) -> Script:
    return lambda call: replace(script(call), latency=MODEL_SECONDS)


def _rated(learner: Learner, data: bytes) -> tuple[float, float]:
    """Seconds from Submit to the transcript and to the rating, as a page that polls sees them."""
    start = time.perf_counter()
    reply = learner.send(data)
    heard = 0.0
    while True:
        _status, body = learner.get(reply["rating_url"], **{"HX-Request": "true"})
        now = time.perf_counter() - start
        if not heard and b'class="transcript"' in body:
            heard = now
        if b'data-status="rated"' in body:
            return heard, now
        if now > 60:
            raise AssertionError(body[:2000])
        due = re.search(rb"load delay:([\d.]+)s", body)  # as the page itself asks
        time.sleep(float(due.group(1)) if due else 0.3)


def _cents(calls: list[Call], sounds: list[str]) -> float:
    """From counted characters and 32 audio tokens a second of a 90 s answer."""
    sent = sum(len(call.instruction) + sum(map(len, call.texts)) for call in calls)
    tokens_in = sent / CHARACTERS_A_TOKEN + 90 * AUDIO_TOKENS_A_SECOND
    tokens_out = sum(map(len, sounds)) / CHARACTERS_A_TOKEN
    return (DOLLARS_IN * tokens_in + DOLLARS_OUT * tokens_out) / 10_000


def _environment_of(fake: FakeGemini) -> dict[str, str]:
    if fake.rater == "gemini":
        return {"GEMINI_API_KEY": fake.key, "GEMINI_API_ENDPOINT": fake.url}
    return {
        "OPIC_RATER": fake.rater,
        "OPIC_EARS": fake.rater,
        "OPIC_LLM_URL": f"{fake.url}/v1",
        "OPIC_LLM_MODEL": "tiny-speech",
        "OPIC_LLM_KEY": fake.key,
    }


def _hearing_of(row: dict[str, Any], call: Call) -> str:
    """The text of a hearing as it goes over the wire."""
    body = json.loads(hears(row["transcript"])(replace(call, wrap=None)).body)
    return str(body["candidates"][0]["content"]["parts"][0]["text"])


def rating_lines(store: str, kind: type[FakeGemini] = FakeGemini) -> list[Line]:
    row = example("past-ih-a")  # about 90 seconds of speech
    fake = kind(_slow(hears(row["transcript"])), _slow(rates(row)))
    # each one another: the same sound twice asks nobody
    sounds = [
        recordings.as_container(recordings.speech(60, seed)) for seed in range(RESPONSES + WARM)
    ]
    with tempfile.TemporaryDirectory() as folder, fake:
        environment = _environment_of(fake)
        environment |= {"OPIC_UPLOADS_PER_MINUTE": "1000", "OPIC_DAILY_RATINGS_PER_USER": "1000"}
        with Product(Path(folder), **environment) as product:
            code = "from tests.benchmarks import seed; seed.learner(0)"
            learner = Learner(product.port, **json.loads(product.python(code).splitlines()[-1]))
            first_of_all, *_others = [_rated(learner, data)[1] for data in sounds[:WARM]]
            pairs = []
            for data in sounds[WARM:]:
                time.sleep(REST)  # nobody has spoken for a minute by then; the voice is still made
                pairs.append(_rated(learner, data))
        calls = [fake.of_kind("hear")[-1], fake.of_kind("rate")[-1]]
    heard = [first - MODEL_SECONDS for first, _second in pairs]
    rated = [second - 2 * MODEL_SECONDS for _first, second in pairs]
    replies = [_hearing_of(row, calls[0]), json.dumps(judged(row))]
    most = MOST[store]
    rater = "" if kind is FakeGemini else f", {fake.rater}"
    text = f"60 s answer to %s, over the model's own %s, {store}{rater}: %s"
    return [
        Line(text % ("transcript", "3 s", "p95"), percentile(heard, 0.95), "s"),
        Line(text % ("rating", "6 s", "the first"), first_of_all - 2 * MODEL_SECONDS, "s"),
        Line(text % ("rating", "6 s", "p50"), percentile(rated, 0.5), "s"),
        Line(text % ("rating", "6 s", "p95"), percentile(rated, 0.95), "s", most),
        Line(
            f"a 90 s answer on gemini-3.5-flash-lite{rater}, computed",
            _cents(calls, replies),
            "cents",
            0.6,
        ),
    ]


def second_rater_lines(store: str) -> list[Line]:
    """The same behind a server of the chat-completions protocol, at the same prices."""
    return rating_lines(store, FakeOpenAiCompatible)


def grown_up_lines() -> list[Line]:
    """The same on PostgreSQL and Redis, where they answer on this machine."""
    servers = {"TEST_DATABASE_URL": PSQL, "REDIS_URL": REDIS}
    if "TEST_DATABASE_URL" in os.environ or not all(map(_is_ready, servers.values())):
        return []
    with mock.patch.dict(os.environ, servers):
        return rating_lines("PostgreSQL + Redis")[:-1]


def _is_ready(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=1).close()
    except OSError:
        return False
    return True
