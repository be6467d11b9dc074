"""`make load`: sixty learners who act every twenty seconds for five minutes, ten of them on slow
phones; then two hundred requests that are sent half and no further.

Real HTTP and real sound, nothing else running: PostgreSQL and Redis of our own behind gunicorn
and a queue cluster, then `manage.py run` on SQLite. Adds its lines to docs/benchmarks.md and exits
non-zero when a limit is missed.

    LOAD_SECONDS=300 LOAD_PEOPLE=60    less of it for a trial, which writes nothing down
"""

import contextlib
import json
import os
import random
import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.client import multipart
from tests.benchmarks.crowd import memory_of
from tests.benchmarks.lines import Line, percentile, replaced
from tests.faults import stores
from tests.faults.load import Where
from tests.faults.site import HostsSite, RunSite, Site
from tests.product import BASE
from tests.scoring import recordings

SECONDS = float(os.environ.get("LOAD_SECONDS", "300"))
PEOPLE = int(os.environ.get("LOAD_PEOPLE", "60"))
SLOW_PEOPLE = PEOPLE // 6
SLOW = 32_000  # bytes a second
EVERY = 20.0
SOUNDS = 24
SETTLE_SECONDS = 120.0
HALF, HALF_SECONDS = 200, 20.0
PAGES = ("home", "practice list", "prompt page", "history")
TITLE = "## Sixty learners and half-sent requests"
RECEIVING = {"45", "0", "7", "271"}  # recvfrom, read, poll, ppoll: a thread that waits for bytes


@dataclass
class Learner:
    """One person with one device. `slow`: uploads come at the speed of a phone in a train."""

    where: Where
    person: dict[str, Any]
    rng: random.Random
    slow: bool
    until: float
    sounds: list[bytes]
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    codes: Counter[int] = field(default_factory=Counter)
    sent: int = 0
    not_final: int = 0
    trouble: str = ""

    def live(self) -> None:
        try:
            time.sleep(self.rng.uniform(0, EVERY))
            while time.monotonic() < self.until:
                begun = time.monotonic()
                self.act()
                time.sleep(max(0.0, EVERY - (time.monotonic() - begun)))
        except (AssertionError, OSError, ValueError) as exc:
            self.trouble = repr(exc)

    def act(self) -> None:
        self.page("home", "/")
        self.page("practice list", "/practice/")
        self.page("prompt page", f"/practice/prompts/{self.person['prompt']}/")
        self.wait_for_result(self.upload())
        self.page("history", "/history/")

    def ask(self, name: str, path: str, **headers: str) -> bytes:
        cookie = f"{self.where.cookie}={self.person['cookie']}"
        begun = time.perf_counter()
        status, body = self.where.ask("GET", path, Cookie=cookie, **headers)
        self.times[name].append(time.perf_counter() - begun)
        self.codes[status] += 1
        return body

    def page(self, name: str, path: str) -> None:
        body = self.ask(name, path)
        assert b"</html>" in body, (name, body[:200])

    def upload(self) -> str:
        """Send one answer; the address of its result."""
        ticket = self.person["tickets"].pop()
        body, kind = multipart(ticket["key"], self.rng.choice(self.sounds))
        more = {"X-Upload-Token": ticket["token"], "Content-Type": kind}
        begun = time.perf_counter()
        sent = _slowly(body) if self.slow else body
        status, reply = self.where.ask(
            "POST", self.person["upload"], sent, **{"Content-Length": str(len(body))}, **more
        )
        if not self.slow:
            self.times["upload"].append(time.perf_counter() - begun)
        self.codes[status] += 1
        payload = json.loads(reply)
        assert payload["status"] == "saved", payload
        self.sent += 1
        return str(payload["rating_url"])

    def wait_for_result(self, path: str) -> None:
        """As the page does it: looks again when the last look said so."""
        begun = time.perf_counter()
        while time.perf_counter() < begun + SETTLE_SECONDS:
            body = self.ask("polling", path, **{"HX-Request": "true"})
            if b'data-status="measured"' in body:
                self.times["settled"].append(time.perf_counter() - begun)
                return
            due = re.search(rb"load delay:([\d.]+)s", body)
            time.sleep(float(due.group(1)) if due else 1.0)
        self.not_final += 1


def _slowly(body: bytes) -> Iterator[bytes]:
    step = SLOW // 10
    for start in range(0, len(body), step):
        yield body[start : start + step]
        time.sleep(0.1)


@dataclass
class Watch:
    """Asks an address once a second beside; how long each reply took, and what it was."""

    site: Site
    path: str
    every: float = 1.0
    times: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)

    def __enter__(self) -> "Watch":
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def _look(self) -> None:
        while not self.end.wait(self.every):
            begun = time.perf_counter()
            self.codes[self.site.look(self.path)] += 1
            self.times.append(1000 * (time.perf_counter() - begun))

    def __exit__(self, *_error: Any) -> None:
        self.end.set()
        self.thread.join()


def load_lines(site: Site, store: str) -> list[Line]:
    sounds = [
        recordings.as_container(recordings.speech(random.Random(seed).uniform(15, 45), seed))
        for seed in range(SOUNDS)
    ]
    people = site.people(PEOPLE)
    until = time.monotonic() + SECONDS
    learners = [
        Learner(site.where, one, random.Random(number), number < SLOW_PEOPLE, until, sounds)
        for number, one in enumerate(people)
    ]
    threads = [threading.Thread(target=one.live) for one in learners]
    peak = 0.0
    with Watch(site, "/healthz") as health:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            peak = max(peak, memory_of(site.folder))
            time.sleep(5)
    for trouble in sorted({one.trouble for one in learners if one.trouble}):
        sys.stdout.write(f"trouble: {trouble}\n")
    return _as_lines(learners, health, peak, store)


def _as_lines(learners: list[Learner], health: Watch, peak: float, store: str) -> list[Line]:
    times: dict[str, list[float]] = defaultdict(list)
    for one in learners:
        for name, seconds_of in one.times.items():
            times[name] += [1000 * seconds for seconds in seconds_of]
    codes = sum((one.codes for one in learners), Counter())
    refused = sum(count for code, count in codes.items() if code >= 500 or not code)
    pages = [value for name in PAGES for value in times[name]]
    lines = [
        Line(f"{store}: requests", sum(codes.values()), ""),
        Line(f"{store}: answers", sum(one.sent for one in learners), ""),
        Line(f"{store}: 5xx or no reply", refused, "", 0),
        Line(f"{store}: learners who met trouble", sum(bool(o.trouble) for o in learners), "", 0),
        Line(f"{store}: answers not settled", sum(one.not_final for one in learners), "", 0),
        Line(f"{store}: all pages, p95", percentile(pages, 0.95), "ms", 400),
    ]
    for name in (*PAGES, "upload", "polling", "settled"):
        for share in (0.5, 0.95):
            value = percentile(times[name], share)
            lines.append(Line(f"{store}: {name}, p{100 * share:g}", value, "ms"))
    lines.append(Line(f"{store}: /healthz, p95", percentile(health.times, 0.95), "ms", 200))
    bad = sum(count for code, count in health.codes.items() if code != 200)
    lines.append(Line(f"{store}: /healthz other than 200", bad, "", 0))
    return [*lines, Line(f"{store}: memory of all processes, peak", peak, "MB")]


# --- requests that are never finished ------------------------------------------------------------
def half_lines(site: Site, store: str) -> list[Line]:
    """Half of them stop within the headers, half within the body of an upload."""
    person = site.people(1)[0]
    with contextlib.ExitStack() as stack:
        for number in range(HALF):
            connection = socket.create_connection(("127.0.0.1", site.port), timeout=10)
            stack.callback(connection.close)
            connection.sendall(_half(site, person, number))
        with Watch(site, "/healthz", 0.25) as health, Watch(site, "/practice/try/", 0.25) as page:
            most = 0
            until = time.monotonic() + HALF_SECONDS
            while time.monotonic() < until:
                most = max(most, held_threads(site))
                time.sleep(0.5)
    names = f"{store}: {HALF} half-sent requests"
    bad = sum(count for code, count in health.codes.items() if code != 200)
    return [
        # the page beside may be reading from its database
        Line(f"{names}: threads that wait for bytes", most, "", 4),
        Line(f"{names}: /healthz meanwhile, p95", percentile(health.times, 0.95), "ms", 200),
        Line(f"{names}: /healthz other than 200", bad, "", 0),
        Line(f"{names}: a page meanwhile, p95", percentile(page.times, 0.95), "ms", 400),
        Line(f"{names}: pages other than 200", sum(page.codes.values()) - page.codes[200], "", 0),
    ]


def _half(site: Site, person: dict[str, Any], number: int) -> bytes:
    own = {"Host": "127.0.0.1", **site.where.headers, "X-Upload-Token": "none"}
    head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
    begun = f"POST {person['upload']} HTTP/1.1\r\n{head}".encode()
    if number % 2:
        return begun
    kind = b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 90000\r\n\r\n"
    return begun + kind + b"--edge\r\n"


def held_threads(site: Site) -> int:
    """Threads of the web workers, but for each one's first, that stand in a wait for bytes."""
    seconds_of = 0
    for web in site.webs():
        for pid in web.workers:
            for task in Path(f"/proc/{pid}/task").glob("[0-9]*"):
                seconds_of += task.name != str(pid) and _call_of(task) in RECEIVING
    return seconds_of


def _call_of(task: Path) -> str:
    """Number of the system call that a thread stands in."""
    with contextlib.suppress(OSError, IndexError):
        return (task / "syscall").read_text().split()[0]
    return ""


def measured(kind: type[Site], store: str) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="opic-load-") as folder:
        site = kind(Path(folder) / "data")
        try:
            site.prepare()
            site.start()
            return load_lines(site, store) + half_lines(site, store)
        finally:
            site.stop()
            site.drop_database()


def main() -> int:
    lines = []
    if stores.are_installed():
        lines += measured(HostsSite, "PostgreSQL + Redis")
    lines += measured(RunSite, "make run")
    text = f"""{TITLE}

Made by `make load`: {PEOPLE} learners act every {EVERY:g} s for {SECONDS:g} s (home, practice list,
prompt page, an answer of 15 to 45 s, polling until its result, history), {SLOW_PEOPLE} of them
upload at 32 kB/s; then {HALF} requests are sent half and left so for {HALF_SECONDS:g} s.

| what | measured | at most |
|---|---|---|
"""
    text += "\n".join(line.as_row() for line in lines) + "\n"
    sys.stdout.write(text)
    if (SECONDS, PEOPLE) == (300, 60):
        path = BASE / "docs" / "benchmarks.md"
        path.write_text(replaced(path.read_text(), TITLE, text))
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
