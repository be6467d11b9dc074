"""The board of one person with 10, 1,000 and 100,000 answers, each of which holds something.

Asked inside one process, as the list of past answers is.
"""

import json
import os
import tempfile
import time
from pathlib import Path
from unittest import mock

from tests.benchmarks.history import SIZES
from tests.benchmarks.lines import Line
from tests.benchmarks.ratings import PSQL, _is_ready
from tests.product import Product

REPEATS = 7
MOST_QUERIES = 6
WORDS = [
    "We",
    "went",
    "to",
    "the",
    "lake",
    "with",
    "my",
    "sister",
    "because",
    "the",
    "weather",
    "was",
    "nice.",
]


def seed() -> None:
    """Three people with so many answers each, all with the facts of the built-in judge."""
    from scoring.models import Rating
    from scoring.summaries import days
    from tests.benchmarks import past
    from tests.factories import make_goal, make_user

    prompts = past.whole_bank()
    quotes = [{"start": 0, "end": 7, "quote": "We went", "at": 0.0, "until": 1.0}]
    facts = {
        "is_understood": True,
        "words": [[word, at, at + 0.5, 0.9] for at, word in enumerate(WORDS)],
        "tasks": {"past_story": quotes, "comparison": quotes},
    }
    for size, on_days in SIZES.items():
        person = make_user(f"board{size}@example.org")
        make_goal(person, target=8)
        past.speak(person, prompts, size, on_days)
        Rating.objects.filter(response__speaker=person).update(facts=facts)
        sum(days.rebuild(person))


def look() -> None:
    """Prints queries and milliseconds of the board, for each of the three."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    figures = {}
    for size in SIZES:
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(User.objects.get(email=f"board{size}@example.org"))
        client.get("/board/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/board/").status_code == 200
            queries = len(caught)
        times = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            client.get("/board/")
            times.append(1000 * (time.perf_counter() - begun))
        figures[size] = (queries, min(times))
    print(json.dumps(figures))  # noqa: T201


def board_lines(store: str) -> list[Line]:
    """Return the lines of one store."""
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        try:
            product.prepare()
            product.python("from tests.benchmarks import board; board.seed()", timeout=1800)
            printed = product.python("from tests.benchmarks import board; board.look()")
            figures = json.loads(printed.splitlines()[-1])
        finally:
            product.drop_database()
    return [
        *(
            Line(f"board, {int(size):,} answers, {store}", milliseconds, "ms")
            for size, (_queries, milliseconds) in figures.items()
        ),
        Line(
            f"board, {store}: queries",
            max(count for count, _ in figures.values()),
            "",
            MOST_QUERIES,
        ),
    ]


def all_board_lines() -> list[Line]:
    """On SQLite, and on PostgreSQL where it answers on this machine."""
    without = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    with mock.patch.dict(os.environ, without, clear=True):
        lines = board_lines("SQLite")
    if _is_ready(PSQL):
        with mock.patch.dict(os.environ, {"TEST_DATABASE_URL": PSQL}):
            lines += board_lines("PostgreSQL")
    return lines
