"""Home for one person with 10, 1,000 and 100,000 answers, and the days made anew from them.

Asked inside one process, without a server's own time: the ratio is of the page alone.
"""

import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tests.benchmarks.lines import Line
from tests.benchmarks.ratings import PSQL, _is_ready
from tests.product import Product

SIZES = {10: 10, 1_000: 365, 100_000: 2_000}  # answers: on so many days
REPEATS, LOOKS = 40, 2
MOST_QUERIES, MOST_RATIO = 6, 1.5
MANY_PEOPLE, MANY_DAYS = 200, 500  # 100,000 summaries


def seed() -> None:
    """Three people; prints their addresses."""
    from tests.benchmarks import past
    from tests.factories import make_goal, make_user

    prompts = past.whole_bank()
    for size, days in SIZES.items():
        person = make_user(f"past{size}@example.org")
        make_goal(person, target=8, exam_on=person.today + timedelta(days=30))
        past.speak(person, prompts, size, days)


def rebuild() -> None:
    """Prints seconds for one person's 100,000 answers."""
    from accounts.models import User
    from scoring.summaries import days

    seconds = {}
    for size in SIZES:
        person = User.objects.get(email=f"past{size}@example.org")
        begun = time.perf_counter()
        count = sum(days.rebuild(person))
        seconds[size] = [time.perf_counter() - begun, count]
    _print_json(seconds)


def rebuild_many() -> None:
    """Prints seconds for 100,000 summaries: many people, an answer a day."""
    from accounts.models import User
    from materials.models import Prompt
    from scoring.summaries import days
    from tests.benchmarks import past
    from tests.factories import make_user

    prompts = list(Prompt.objects.published().order_by("key"))
    for number in range(MANY_PEOPLE):
        past.speak(make_user(f"many{number}@example.org"), prompts, MANY_DAYS, MANY_DAYS)
    begun, count = time.perf_counter(), 0
    for person in User.objects.filter(email__startswith="many"):
        count += sum(days.rebuild(person))
    _print_json([time.perf_counter() - begun, count])


def look() -> None:
    """Prints queries and milliseconds of home for each of the three: the best of many turns, so
    that other work on this machine stays out of it.
    """
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    clients = {}
    for size in SIZES:
        clients[size] = Client(headers={"host": "127.0.0.1"})
        clients[size].force_login(User.objects.get(email=f"past{size}@example.org"))
    queries: dict[int, int] = {}
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for size, client in clients.items():
        client.get("/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/").status_code == 200
        queries[size] = len(caught)
    for _ in range(REPEATS):
        for size, client in clients.items():
            begun = time.perf_counter()
            for _ in range(LOOKS):
                client.get("/")
            times[size].append(1000 * (time.perf_counter() - begun) / LOOKS)
    _print_json({size: [queries[size], min(times[size])] for size in SIZES})


def _print_json(values: Any) -> None:
    print(json.dumps(values))  # noqa: T201


def day_lines(store: str) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), GEMINI_API_KEY="unused")
        try:
            product.prepare()
            return _lines(product, store)
        finally:
            product.drop_database()


def _lines(product: Product, store: str) -> list[Line]:
    def run(name: str) -> Any:
        code = f"from tests.benchmarks import days; days.{name}()"
        return json.loads((product.python(code, timeout=1800).splitlines() or ["null"])[-1])

    run("seed")
    rebuilt, looks, many = run("rebuild"), run("look"), run("rebuild_many")
    few, most = looks[str(min(SIZES))][1], looks[str(max(SIZES))][1]
    lines = [
        Line(f"home with {int(size):,} answers, {store}", looks[size][1], "ms") for size in looks
    ]
    seconds, count = rebuilt[str(max(SIZES))]
    return [
        *lines,
        Line(f"home with 100,000 answers to 10, {store}", most / few, "times", MOST_RATIO),
        Line(f"home, {store}: queries", max(row[0] for row in looks.values()), "", MOST_QUERIES),
        Line(f"rebuild: {count:,} days from 100,000 answers of one person, {store}", seconds, "s"),
        Line(f"rebuild: {many[1]:,} days of {MANY_PEOPLE} people, {store}", many[0], "s"),
    ]


def all_day_lines() -> list[Line]:
    """On SQLite, and on PostgreSQL where it answers on this machine."""
    without = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    with mock.patch.dict(os.environ, without, clear=True):
        lines = day_lines("SQLite")
    if _is_ready(PSQL):
        with mock.patch.dict(os.environ, {"TEST_DATABASE_URL": PSQL}):
            lines += day_lines("PostgreSQL")
    return lines
