"""Workers killed in the middle of a model call, at seeded random moments: one rating each."""

import json
import random
import time
from dataclasses import replace

from tests.benchmarks.client import Learner
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import FakeGemini, Script
from tests.product import Product
from tests.scoring import recordings

LATENCY = 0.6  # of each of the two calls
LONGEST = 2.2  # seconds from Submit within which the kill comes


def slow(script: Script) -> Script:
    return lambda call: replace(script(call), latency=LATENCY)


def fake_model() -> FakeGemini:
    row = example("past-im2-a")
    return FakeGemini(slow(hears(row["transcript"])), slow(rates(row)))


def learner_of(product: Product) -> Learner:
    code = "from tests.benchmarks import seed; seed.learner(0)"
    return Learner(product.port, **json.loads(product.python(code).splitlines()[-1]))


def kill_and_look(product: Product, seed: int, data: bytes) -> None:
    """One answer, one kill of the queue's whole group, one rating in the end."""
    chance = random.Random(seed)
    reply = learner_of(product).send(data)
    time.sleep(chance.uniform(0.0, LONGEST))
    product.kill_part("queue")
    until = time.monotonic() + 60
    status = ""
    while status != "rated":
        assert time.monotonic() < until, f"seed {seed}: {status}"
        time.sleep(0.1)
        key = reply["response"].replace("-", "") if not product.database else reply["response"]
        [(status,)] = product.rows("SELECT status FROM scoring_response WHERE id = ?", key)
    rows = product.rows(
        "SELECT kind, count(*) FROM scoring_rating WHERE response_id = ? GROUP BY kind", key
    )
    assert rows == [("rating", 1)], f"seed {seed}: {rows}"
    heard = product.rows("SELECT count(*) FROM scoring_hearing WHERE response_id = ?", key)
    assert heard == [(1,)], f"seed {seed}: {heard}"
    calls = product.rows("SELECT count(*) FROM scoring_modelcall WHERE response_id = ?", key)
    assert 2 <= calls[0][0] <= 4, f"seed {seed}: {calls}"


def run_many(seeds: range, product: Product) -> None:
    data = recordings.as_container(recordings.speech(24))
    for seed in seeds:
        kill_and_look(product, seed, data)


def environment(fake: FakeGemini) -> dict[str, str]:
    return {
        "GEMINI_API_KEY": fake.key,
        "GEMINI_API_ENDPOINT": fake.url,
        "OPIC_UPLOADS_PER_MINUTE": "1000",
        "OPIC_STARTS_A_MINUTE": "1000",
    }
