"""Learner pages: CPU against a bare view under the same gunicorn, and bytes as served.

`python -m tests.benchmarks.pages` measures CPU alone; `make bench` does it with all the rest.
"""

import json
import os
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import brotli

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, median, replaced
from tests.benchmarks.ratings import PSQL, REDIS, _is_ready
from tests.product import BASE, Product

REPEATS, REQUESTS = 5, 60
SIZES = (10, 10_000)  # rated answers, two a day
MOST = 4.0  # times a bare view
TITLE = "## Processor time of learner pages"
TICK = os.sysconf("SC_CLK_TCK")


def _cpu(pids: list[int]) -> float:
    """CPU seconds a group of processes has used."""
    used = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        used += (int(fields[11]) + int(fields[12])) / TICK
    return used


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _cost(learner: Learner, pids: list[int], path: str, requests: int) -> float:
    """CPU seconds a request."""
    before = _cpu(pids)
    for _ in range(requests):
        status, _body = learner.get(path)
        if status != 200:
            raise AssertionError((path, status))
    return (_cpu(pids) - before) / requests


def cpu_lines(product: Product, learner: Learner) -> list[Line]:
    """Measure each page of a learner with few and with many rated answers, beside a bare view."""
    pids = _family(product.groups()["web"])
    prompt = f"/practice/prompts/{learner.prompt}/"
    asked = [("prompt page, 20 takes, none rated", learner, prompt)]
    for size in SIZES:
        code = (
            f"from tests.benchmarks import past; past.somebody('pages{size}@example.org', {size})"
        )
        past = replace(learner, cookie=product.python(code).splitlines()[-1])
        asked += [
            (f"{name}, {size:,} answers", past, path)
            for name, path in (
                ("home", "/"),
                ("practice list", "/practice/"),
                ("past answers", "/history/"),
                ("prompt page", prompt),
            )
        ]
    everything = [("bare", learner, "/bare/"), *asked]
    for _name, person, path in everything:
        _cost(person, pids, path, 80)  # every thread and cache warm
    ratios: dict[str, list[float]] = {name: [] for name, _person, _path in asked}
    bares = []
    for _ in range(REPEATS):
        bare = _cost(learner, pids, "/bare/", 6 * REQUESTS)
        bares.append(bare)
        for name, person, path in asked:
            ratios[name].append(_cost(person, pids, path, REQUESTS) / bare)
    lines = [Line("bare view, CPU", 1000 * median(bares), "ms")]
    return lines + [
        Line(f"{name}: CPU to a bare view", median(ratios[name]), "times", MOST)
        for name, _person, _path in asked
    ]


def _squeezed(data: bytes) -> float:
    return len(brotli.compress(data, quality=11)) / 1000


def byte_lines(learner: Learner) -> list[Line]:
    """Compressed sizes of the prompt page and of every script and style it loads."""
    _status, page = learner.get(f"/practice/prompts/{learner.prompt}/")
    text = page.decode()
    import_map = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', text, re.S)
    assert import_map is not None  # it names what the page's scripts import, and no more
    scripts = set(json.loads(import_map.group(1))["imports"].values())
    scripts |= set(re.findall(r'<script[^>]+src="([^"]+)"', text))
    styles = set(re.findall(r'<link[^>]+href="([^"]+\.css)"', text))
    size = {path: _squeezed(learner.get(path)[1]) for path in scripts | styles}
    return [
        Line("prompt page: JavaScript", sum(size[path] for path in scripts), "kB", 60),
        Line("prompt page: CSS", sum(size[path] for path in styles), "kB", 25),
    ]


def page_byte_lines(product: Product, learner: Learner) -> list[Line]:
    """Compressed HTML of pages; at most 3 % more than before with the same rows: for home and the
    question's page than release 0.1.0 had, for the lists than since they show what was asked and
    said.
    """
    code = "from tests.benchmarks import past; past.somebody('bytes@example.org', 300)"
    past = replace(learner, cookie=product.python(code).splitlines()[-1])
    pages = {
        "home, new": (learner, "/", 5.24),
        "home, 300 answers": (past, "/", 6.90),
        "practice list": (learner, "/practice/", 4.32),
        "past answers": (past, "/history/", 5.05),
        "prompt page, 20 takes": (learner, f"/practice/prompts/{learner.prompt}/", 9.46),
    }
    return [
        Line(f"{name}: HTML", _squeezed(person.get(path)[1]), "kB", round(1.03 * before, 2))
        for name, (person, path, before) in pages.items()
    ]


def _store_lines(store: str) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
        with Product(Path(folder), **environment) as product:
            code = "from tests.benchmarks import seed; seed.learner(20)"
            learner = Learner(product.port, **json.loads(product.python(code).splitlines()[-1]))
            lines = cpu_lines(product, learner)
            if store == "SQLite":  # the same bytes on each
                lines += page_byte_lines(product, learner)
    return [replace(line, name=f"{store}: {line.name}") for line in lines]


def measure() -> bool:
    """Measure on SQLite, and on PostgreSQL + Redis where they answer; write the section, and return
    whether each line holds.
    """
    without = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    with mock.patch.dict(os.environ, without, clear=True):
        lines = _store_lines("SQLite")
        servers = {"TEST_DATABASE_URL": PSQL, "REDIS_URL": REDIS}
        if all(map(_is_ready, servers.values())):
            with mock.patch.dict(os.environ, servers):
                lines += _store_lines("PostgreSQL + Redis")
    rows = "\n".join(line.as_row() for line in lines)
    text = f"""{TITLE}

Made by `make bench`, or alone by `python -m tests.benchmarks.pages`: the median of {REPEATS} rounds
of {REQUESTS} requests a page, against requests of the bare view in the same round. Answers are
rated ones, two a day.

| what | measured | at most |
|---|---|---|
{rows}
"""
    sys.stdout.write(text)
    path = BASE / "docs" / "benchmarks.md"
    path.write_text(replaced(path.read_text(), TITLE, text))
    return all(line.holds for line in lines)


if __name__ == "__main__":
    raise SystemExit(0 if measure() else 1)
