"""`python -m tests.benchmarks.bombs [seconds]`: what hostile sound costs other people.

Three people send bombs, ten at a time each and whatever they are told, others a thousand damaged
files; one sends honest answers, first alone, then beside the bombs. The limit of tries is the
shipped one. Adds its lines to docs/benchmarks.md.
"""

import http.client
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.client import Learner, multipart
from tests.benchmarks.crowd import memory_of
from tests.benchmarks.lines import Line, percentile
from tests.product import BASE, Product
from tests.scoring import mutations, recordings

TITLE = "## Hostile sound"
ATTACKERS = 3
AT_ONCE = 10  # of each
A_MINUTE = 30  # tries of a person
HONEST = 15
PAUSE_SECONDS = 60 / A_MINUTE + 0.2
DELAY_SECONDS = 1.0
TEMPORARY = ("*.upload*", "opic-????????")


@dataclass
class Attacker:
    """One person who sends whatever it is, and counts what came back."""

    learner: Learner
    codes: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def send(self, number: int, body: bytes, kind: str) -> None:
        """On one of the person's tickets: what is refused leaves it as it was."""
        connection = http.client.HTTPConnection("127.0.0.1", self.learner.port, timeout=120)
        more = {"X-Upload-Token": self.learner.tickets[number]["token"], "Content-Type": kind}
        try:
            connection.request("POST", self.learner.upload, body, more)
            reply = connection.getresponse()
            self._judge(reply.status, reply.read(), reply.getheader("Retry-After"))
        except (OSError, ValueError, http.client.HTTPException) as exc:
            with self.lock:
                self.problems.append(repr(exc))
        connection.close()

    def _judge(self, status: int, body: bytes, after: str | None) -> None:
        reply = dict(json.loads(body))
        is_explained = reply["status"] == "saved" or (
            "keep" in reply and bool(reply["message"]) and (status not in (429, 503) or bool(after))
        )
        with self.lock:
            self.codes[status] += 1
            if not is_explained:
                self.problems.append(f"{status} {body[:200]!r}")

    def go_on(self, number: int, bomb: bytes, until: float) -> None:
        body = multipart(self.learner.tickets[number]["key"], bomb, chunk=4_000_000)
        while time.time() < until:
            self.send(number, *body)
            time.sleep(0.2)


def _attack(learner: Learner, bombs: list[bytes], until: float, results: Any) -> None:
    """In a process of its own: an honest client must not wait for this one's threads."""
    one = Attacker(learner)
    threads = [
        threading.Thread(target=one.go_on, args=(number, bombs[number % len(bombs)], until))
        for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((one.codes, one.problems))


def _timed(learner: Learner, recordings: list[bytes], until: float) -> list[float]:
    """Seconds from Submit to saved of honest answers; at least HONEST of them."""
    times: list[float] = []
    while len(times) < HONEST or time.perf_counter() < until:
        begun = time.perf_counter()
        learner.send(recordings[len(times) % len(recordings)])
        times.append(time.perf_counter() - begun)
        time.sleep(PAUSE_SECONDS)
    return times


def _left(product: Product, temporary: Path) -> int:
    folders = (product.folder / "uploads", temporary)
    return sum(len(list(folder.glob(mark))) for folder in folders for mark in TEMPORARY)


def _people(product: Product, count: int, tickets: int) -> list[Learner]:
    code = f"from tests.benchmarks import seed\nfor _ in range({count}):"
    lines = product.python(f"{code} seed.learner(0, uploads={tickets})").splitlines()
    return [Learner(product.port, **json.loads(line)) for line in lines if line.startswith("{")]


def _damaged(product: Product, count: int) -> list[tuple[Counter[int], list[str]]]:
    """So many damaged files, by as many people as the limit of tries makes it take."""
    each = A_MINUTE - 1
    people = [Attacker(one) for one in _people(product, 1 + count // each, each)]
    for number, (kind, seed) in enumerate(mutations.mutations(count)):
        one, at = people[number // each], number % each
        one.send(at, *multipart(one.learner.tickets[at]["key"], mutations.mutated(kind, seed)))
    return [(one.codes, one.problems) for one in people]


def hostile_lines(seconds: float, damaged: int) -> list[Line]:
    """So many seconds of bombs beside an honest person, then so many damaged files."""
    sounds = [recordings.as_container(recordings.speech(20, seed)) for seed in range(4)]
    bombs = [mutations.long_bomb(), mutations.crumbs(900_000), mutations.wide_bomb()]
    codes: Counter[int] = Counter()
    problems: list[str] = []
    temporary = Path(tempfile.mkdtemp())
    folder = Path(tempfile.mkdtemp())
    with Product(folder / "product", TMPDIR=str(temporary)) as product:
        honest = _people(product, 1, int(seconds / PAUSE_SECONDS) + 3 * HONEST)[0]
        honest.send(sounds[0])
        alone = _timed(honest, sounds, 0)
        context = multiprocessing.get_context("fork")
        results, until = context.Queue(), time.time() + max(seconds, HONEST * PAUSE_SECONDS)
        attacks = [
            context.Process(target=_attack, args=(one, bombs, until, results))
            for one in _people(product, ATTACKERS, AT_ONCE)
        ]
        for attack in attacks:
            attack.start()
        under_attack = _timed(honest, sounds, time.perf_counter() + seconds)
        memory = memory_of(product.folder)
        counts = [results.get() for _ in attacks]
        sent = sum(sum(counted.values()) for counted, _problems in counts)
        counts += _damaged(product, damaged)
        left = _left(product, temporary)
    shutil.rmtree(folder)
    shutil.rmtree(temporary)
    for counted, met in counts:
        codes += counted
        problems += met
    for problem in problems[:10]:
        sys.stdout.write(f"fault: {problem}\n")
    sys.stdout.write(f"{dict(codes)}\n")
    errors = sum(n for code, n in codes.items() if code >= 500 and code != 503)
    late = percentile(under_attack, 0.95) - percentile(alone, 0.95)
    return [
        Line("bombs sent, ten at a time by three people", sent, ""),
        Line("damaged files sent", damaged, ""),
        Line("replies that did not say what to do", len(problems), "", 0),
        Line("server faults (5xx, but for busy)", errors, "", 0),
        Line("busy (503)", codes[503], ""),
        Line("files left behind", left, "", 0),
        Line("an honest 20 s answer, alone: p95", percentile(alone, 0.95), "s"),
        Line("the same beside the bombs: p95", percentile(under_attack, 0.95), "s"),
        Line("later by", late, "s", DELAY_SECONDS),
        Line("memory of all processes beside the bombs", memory, "MB"),
    ]


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    lines = hostile_lines(seconds, 1000)
    store = "PostgreSQL + Redis" if "TEST_DATABASE_URL" in os.environ else "SQLite"
    head = (
        f"Made by `python -m tests.benchmarks.bombs` ({store}, {seconds:g} s, {os.cpu_count()}"
        " cores): three people send bombs, ten\nat a time each; another sends honest answers."
        " The limit of tries is the shipped one.\n\n"
        "| what | measured | at most |\n|---|---|---|\n"
    )
    text = f"\n{TITLE}\n\n{head}" + "\n".join(line.as_row() for line in lines) + "\n"
    path = BASE / "docs" / "benchmarks.md"
    before, _mark, after = path.read_text().partition(f"\n{TITLE}\n")
    _own, mark, others = after.partition("\n## ")
    path.write_text(f"{before}{text}{mark}{others}")
    sys.stdout.write(text)
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
