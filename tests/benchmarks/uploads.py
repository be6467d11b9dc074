"""Submit to visible result with a real worker; slow phones; tasks a second."""

import json
import threading
import time
import urllib.request

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, percentile
from tests.product import Product
from tests.scoring import recordings

SLOW = 32_000  # bytes a second, a phone in a train


def _until_visible(learner: Learner, data: bytes) -> float:
    """Seconds from the first byte of Submit to the fragment that shows the result."""
    start = time.perf_counter()
    reply = learner.send(data)
    while True:
        _status, body = learner.get(reply["rating_url"], **{"HX-Request": "true"})
        if b'data-status="measured"' in body:
            return time.perf_counter() - start
        time.sleep(0.1)


def visible_lines(learner: Learner) -> list[Line]:
    sounds = [recordings.as_container(recordings.speech(20, seed)) for seed in range(6)]
    _until_visible(learner, sounds[0])
    times = [_until_visible(learner, sounds[number % 6]) for number in range(25)]
    return [
        Line("submit of 20 s to visible result, p50", percentile(times, 0.5), "s"),
        Line("submit of 20 s to visible result, p95", percentile(times, 0.95), "s", 1.0),
    ]


def _send_slowly(learner: Learner, data: bytes, saved: list[str]) -> None:
    saved.append(learner.send(data, bytes_a_second=SLOW)["status"])


def slow_lines(product: Product, learner: Learner) -> list[Line]:
    """One answer of 90 s over a slow line, then ten people's at once with an eye on /healthz."""
    data = recordings.as_container(recordings.speech(90), bit_rate=32_000)
    start = time.perf_counter()
    learner.send(data, bytes_a_second=SLOW)
    alone = time.perf_counter() - start
    code = "from tests.benchmarks import seed\nfor _ in range(10): seed.learner(0, uploads=1)"
    lines = [line for line in product.python(code).splitlines() if line.startswith("{")]
    people = [Learner(product.port, **json.loads(line)) for line in lines]
    saved: list[str] = []
    senders = [threading.Thread(target=_send_slowly, args=(one, data, saved)) for one in people]
    for sender in senders:
        sender.start()
    looks = []
    while any(sender.is_alive() for sender in senders):
        begun = time.perf_counter()
        with urllib.request.urlopen(f"{product.url}/healthz", timeout=30) as reply:
            reply.read()
        looks.append(1000 * (time.perf_counter() - begun))
        time.sleep(0.05)
    if len(saved) != len(people):
        raise AssertionError(f"{len(saved)} of {len(people)} slow answers were saved")
    return [
        Line("90 s answer over 32 KB/s: Submit to saved", alone, "s", 15),
        Line("ten of them at once: /healthz p95", percentile(looks, 0.95), "ms", 200),
    ]


def task_lines(product: Product) -> list[Line]:
    """Tasks that find nothing to do: the queue's own speed."""
    count = 300
    code = f"""
import time, uuid
from opic.lib.queue import enqueue, waiting
from scoring.tasks import rate_response
start = time.perf_counter()
for _ in range({count}):
    enqueue(rate_response, str(uuid.uuid4()))
while waiting():
    time.sleep(0.02)
print({count} / (time.perf_counter() - start))
"""
    return [Line("queue: tasks a second", float(product.python(code)), "/s")]
