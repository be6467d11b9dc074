"""`make soak`: eight writers and the worker on one SQLite file, for twenty seconds."""

import json
import threading
import time
from pathlib import Path

from tests.benchmarks.client import Learner
from tests.product import Product
from tests.scoring import recordings

WRITERS = 8
SECONDS = 20


def write_until(learner: Learner, data: bytes, until: float, errors: list[str]) -> None:
    try:
        while time.monotonic() < until and learner.tickets:
            learner.send(data)
            learner.get(f"/practice/prompts/{learner.prompt}/")
    except (AssertionError, OSError, ValueError) as exc:
        errors.append(repr(exc))


def test_eight_writers_and_the_worker_meet_no_lock(tmp_path: Path) -> None:
    data = recordings.as_container(recordings.speech(4))
    with Product(tmp_path / "product", OPIC_UPLOADS_PER_MINUTE="100000") as product:
        code = "from tests.benchmarks import seed; seed.learner(0)"
        people = [json.loads(product.python(code).splitlines()[-1]) for _ in range(WRITERS)]
        learners = [Learner(product.port, **person) for person in people]
        tickets = sum(len(learner.tickets) for learner in learners)
        errors: list[str] = []
        until = time.monotonic() + SECONDS
        threads = [
            threading.Thread(target=write_until, args=(learner, data, until, errors))
            for learner in learners
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sent = tickets - sum(len(learner.tickets) for learner in learners)
        settled = "SELECT count(*) FROM scoring_response WHERE status = 'measured'"
        for _ in range(600):
            if product.rows(settled) == [(sent,)]:
                break
            time.sleep(0.1)
        assert errors == []
        assert sent > WRITERS
        assert product.rows(settled) == [(sent,)]
        assert "locked" not in (product.folder / "product.log").read_text()
