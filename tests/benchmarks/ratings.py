"""What we add to a model's own time, and what a rated answer costs by the price table."""

import json
import os
import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, percentile
from tests.gemini.scripts import example, hears, judged, rates
from tests.gemini.server import AUDIO_TOKENS_A_SECOND, CHARACTERS_A_TOKEN, Call, FakeGemini, Script
from tests.product import Product
from tests.scoring import recordings

MODEL_SECONDS = 3.0
ANSWERS = 15
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


def _cents(calls: list[Call], answers: list[str]) -> float:
    """From counted characters and 32 audio tokens a second of a 90 s answer."""
    sent = sum(len(call.instruction) + sum(map(len, call.texts)) for call in calls)
    tokens_in = sent / CHARACTERS_A_TOKEN + 90 * AUDIO_TOKENS_A_SECOND
    tokens_out = sum(map(len, answers)) / CHARACTERS_A_TOKEN
    return (DOLLARS_IN * tokens_in + DOLLARS_OUT * tokens_out) / 10_000


def rating_lines() -> list[Line]:
    row = example("past-ih-a")  # about 90 seconds of speech
    fake = FakeGemini(_slow(hears(row["transcript"])), _slow(rates(row)))
    # each one another: the same sound twice asks nobody
    answers = [recordings.as_container(recordings.speech(60, seed)) for seed in range(ANSWERS + 1)]
    with tempfile.TemporaryDirectory() as folder, fake:
        environment = {"GEMINI_API_KEY": fake.key, "GEMINI_API_ENDPOINT": fake.url}
        environment |= {"OPIC_UPLOADS_PER_MINUTE": "1000", "OPIC_DAILY_RATINGS_PER_USER": "1000"}
        with Product(Path(folder), **environment) as product:
            code = "from tests.benchmarks import seed; seed.learner(0)"
            learner = Learner(product.port, **json.loads(product.python(code).splitlines()[-1]))
            _rated(learner, answers[0])
            pairs = [_rated(learner, data) for data in answers[1:]]
        calls = [fake.of_kind("hear")[-1], fake.of_kind("rate")[-1]]
    heard = [first - MODEL_SECONDS for first, _second in pairs]
    rated = [second - 2 * MODEL_SECONDS for _first, second in pairs]
    stretches = json.loads(
        json.loads(hears(row["transcript"])(calls[0]).body)["candidates"][0]["content"]["parts"][0][
            "text"
        ]
    )
    said = [json.dumps(stretches), json.dumps(judged(row))]
    most = 0.5 if "TEST_DATABASE_URL" in os.environ else 1.0
    return [
        Line(
            "60 s answer to transcript, over the model's own 3 s: p95", percentile(heard, 0.95), "s"
        ),
        Line("60 s answer to rating, over the model's own 6 s: p50", percentile(rated, 0.5), "s"),
        Line(
            "60 s answer to rating, over the model's own 6 s: p95",
            percentile(rated, 0.95),
            "s",
            most,
        ),
        Line("a 90 s answer on gemini-3.5-flash-lite, computed", _cents(calls, said), "cents", 0.6),
    ]
