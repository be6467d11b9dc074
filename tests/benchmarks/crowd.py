"""`make crowd`: sixty people sit the test at once on this machine, for ten minutes.

Real HTTP and real audio: an answer of 30 to 60 s a person a minute, the model on loopback with
5 to 15 s a call, the workers niced. Adds its lines to docs/benchmarks.md and exits non-zero when a
limit is missed.
"""

import html
import http.client
import json
import os
import random
import re
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.client import multipart
from tests.benchmarks.lines import Line, percentile, replaced
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import FakeGemini, Script
from tests.product import BASE, Product
from tests.scoring import recordings

PEOPLE = int(os.environ.get("CROWD_PEOPLE", "60"))
RESPONSES = int(os.environ.get("CROWD_ANSWERS", "10"))
A_MINUTE = 60.0
SOUNDS = 24
WORKERS = 28  # each waits for the model most of its time
TITLE = "## Sixty people sitting at once"
TIMES = """
from scoring.models import Response
rows = Response.objects.values_list("received_at", "settled_at", "status")
print([[(end - begun).total_seconds() if end else None, status] for begun, end, status in rows])
"""


@dataclass
class Person:
    """One candidate: says what is on the page, and remembers how long the server took."""

    port: int
    cookie: str
    attempt: str
    rng: random.Random
    moves: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    complete_after: float = 0.0
    error: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        more = {"Cookie": f"sessionid={self.cookie}; csrftoken={'c' * 32}", **headers}
        connection.request(method, path, body, more)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        self.codes[reply.status] += 1
        return reply.status, data

    def move(self, name: str, **fields: Any) -> dict[str, Any]:
        begun = time.perf_counter()
        form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": "c" * 32}
        path = f"/exams/attempts/{self.attempt}/{name}/"
        status, data = self.ask("POST", path, urlencode(fields).encode(), **form)
        if name == "advance":
            self.moves.append(time.perf_counter() - begun)
        if status != 200:
            raise AssertionError(f"{name}: {status}")
        return dict(json.loads(data))

    def sit(self, sounds: list[bytes]) -> None:
        try:
            self._sit(sounds)
        except (AssertionError, OSError, ValueError) as exc:
            self.error = repr(exc)

    def _sit(self, sounds: list[bytes]) -> None:
        time.sleep(self.rng.uniform(0, A_MINUTE))
        _status, page = self.ask("GET", f"/exams/attempts/{self.attempt}/")
        match = re.search(rb'page="([^"]*)"', page)
        assert match is not None, page[:300]
        items = {
            one["n"]: one for one in json.loads(html.unescape(match.group(1).decode()))["items"]
        }
        self.move("start")
        own = self.rng.sample(sounds, RESPONSES)
        for number in range(1, RESPONSES + 1):
            begun = time.perf_counter()
            if number == 8:
                payload = self.move("readjust", shift="similar")
                items |= {one["n"]: one for one in payload["items"]}
            self.speak(items[number], own[number - 1])
            self.move("advance", number=number)
            if number < RESPONSES:
                time.sleep(max(0.0, A_MINUTE - (time.perf_counter() - begun)))
        last = time.perf_counter()
        self.move("submit")
        self.complete_after = self.wait_for_report() - last

    def speak(self, item: dict[str, Any], data: bytes) -> None:
        body, kind = multipart(item["key"], data)
        more = {"X-Upload-Token": item["token"], "Content-Type": kind}
        status, reply = self.ask("POST", item["url"], body, **more)
        assert status == 200, reply[:300]

    def wait_for_report(self) -> float:
        """As the page does it: looks again when the last look said so."""
        until = time.perf_counter() + 300
        while time.perf_counter() < until:
            path = f"/exams/attempts/{self.attempt}/result/"
            _status, page = self.ask("GET", path, **{"HX-Request": "true"})
            if b'data-complete="yes"' in page:
                return time.perf_counter()
            due = re.search(rb"load delay:([\d.]+)s", page)
            time.sleep(float(due.group(1)) if due else 1.0)
        raise AssertionError("no complete report after five minutes")


def _slow(script: Script, rng: random.Random) -> Script:
    return lambda call: replace(script(call), latency=rng.uniform(5, 15))


def memory_of(data: Path) -> float:
    """MB that a product's processes have to themselves or share, counted once (PSS)."""
    total = 0
    for folder in Path("/proc").iterdir():
        try:
            environ = (folder / "environ").read_bytes()
            if f"DATA_DIR={data}".encode() in environ:
                text = (folder / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))  # type: ignore[union-attr]
        except (OSError, AttributeError):
            continue
    return total / 1024


def crowd_lines() -> list[Line]:
    rng = random.Random(11)
    row = example("past-im2-a")
    fake = FakeGemini(_slow(hears(row["transcript"]), rng), _slow(rates(row), rng))
    sounds = [
        recordings.as_container(recordings.speech(rng.uniform(30, 60), seed))
        for seed in range(SOUNDS)
    ]
    more = {"OPIC_DAILY_RATINGS_PER_USER": "1000", "OPIC_DAILY_RATINGS_SITE": "100000"}
    more |= {"OPIC_WORKERS": str(WORKERS)}
    with tempfile.TemporaryDirectory() as folder, fake:
        environment = {"GEMINI_API_KEY": fake.key, "GEMINI_API_ENDPOINT": fake.url, **more}
        with Product(Path(folder), **environment) as product:
            code = f"from tests.benchmarks import seed; seed.crowd({PEOPLE})"
            counts = json.loads(product.python(code).splitlines()[-1])
            people = [
                Person(product.port, one["cookie"], one["attempt"], random.Random(number))
                for number, one in enumerate(counts)
            ]
            threads = [threading.Thread(target=one.sit, args=(sounds,)) for one in people]
            for thread in threads:
                thread.start()
            peak = 0.0
            while any(thread.is_alive() for thread in threads):
                peak = max(peak, memory_of(product.folder))
                time.sleep(5)
            times = json.loads(
                product.python(TIMES).splitlines()[-1].replace("None", "null").replace("'", '"')
            )
    errors = [one.error for one in people if one.error]
    for error in sorted(set(errors)):
        sys.stdout.write(f"fault: {error}\n")
    rated = [seconds for seconds, status in times if status == "rated"]
    codes = sum((one.codes for one in people), Counter())
    moves = [seconds for one in people for seconds in one.moves]
    reports = [one.complete_after for one in people if one.complete_after]
    return [
        Line("people", len(people), ""),
        Line("answers lost", PEOPLE * RESPONSES - len(times), "", 0),
        Line("answers without a rating", PEOPLE * RESPONSES - len(rated), "", 0),
        Line("people who met a fault", len(errors), "", 0),
        Line("server faults (5xx)", sum(n for code, n in codes.items() if code >= 500), "", 0),
        Line("item to item: p95", 1000 * percentile(moves, 0.95), "ms", 300),
        Line("answer to rating (two calls of 5-15 s): p95", percentile(rated, 0.95), "s", 40),
        Line("last answer to complete report: p95", percentile(reports, 0.95), "s", 45),
        Line("memory of all processes, peak", peak, "MB"),
        Line(
            "CPU of the people themselves",
            resource.getrusage(resource.RUSAGE_SELF).ru_utime,
            "s",
        ),
    ]


def main() -> int:
    store = "PostgreSQL + Redis" if "TEST_DATABASE_URL" in os.environ else "SQLite"
    lines = crowd_lines()
    head = f"""{TITLE}

Made by `make crowd` ({store}, {WORKERS} workers, niced): an answer of 30 to 60 s a person a minute,
{RESPONSES} of them, real HTTP and audio, the model on loopback with 5 to 15 s a call.

| what | measured | at most |
|---|---|---|
"""
    text = head + "\n".join(line.as_row() for line in lines) + "\n"
    path = BASE / "docs" / "benchmarks.md"
    path.write_text(replaced(path.read_text(), TITLE, text))
    sys.stdout.write(text)
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
