"""The list of past answers for one person with 10, 1,000 and 100,000 of them, for each filter.

Asked inside one process, without a server's own time: the ratio is of the page alone, at its
quickest, because whatever else a machine does only adds. One topic was answered only once, first of
all: the filter that has to look furthest.
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

SIZES = {10: 10, 1_000: 365, 100_000: 1_000}  # answers: on so many days
REPEATS, LOOKS = 15, 3
MOST_QUERIES, MOST_RATIO = 6, 1.5
TEST_EVERY, ITEMS, AT_ONCE = 5, 15, 2_000
RARE = "rare-topic"
FILTERS = {
    "no filter": "",
    "mode": "?mode=test",
    "whole tests": "?mode=sitting",
    "topic": "?topic=music",
    "a topic once answered": f"?topic={RARE}",
    "kind": "?type=PAST",
    "level": "?level=9",
    "date": "?since=2026-01-01&until=2026-06-30",
    "all of them": "?mode=practice&topic=music&type=PAST&level=6&since=2020-01-01",
}


def seed() -> None:
    """Three people with so many answers each, one in five of them given in a test."""
    from scoring.models import Response
    from tests.benchmarks import past
    from tests.factories import make_prompt, make_response, make_topic, make_user

    prompts = past.whole_bank()
    rare = make_prompt("rare", topic=make_topic(RARE))
    for size, days in SIZES.items():
        person = make_user(f"past{size}@example.org")
        past.speak(person, prompts, size - 1, days)
        oldest = Response.objects.spoken_by(person).earliest("recorded_at").recorded_at
        make_response(person, rare, recorded_at=oldest - timedelta(days=1))
        _sit(person)
    _analyze()


def _sit(person: Any) -> None:
    """Tests of fifteen items, with results, made of answers that were takes before."""
    from exams.models import Attempt, AttemptItem, AttemptResult, SelfAssessment
    from practice.models import PracticeTake
    from scoring.models import Response

    mine = Response.objects.spoken_by(person).order_by("recorded_at")
    rows = list(mine.only("revision_id", "recorded_at"))[::TEST_EVERY]
    attempts, items = [], []
    for first in range(0, len(rows), ITEMS):
        at = rows[first].recorded_at
        attempt = Attempt(
            candidate=person,
            status="submitted",
            item_count=ITEMS,
            made_at=at,
            started_at=at,
            deadline_at=at + timedelta(minutes=40),
        )
        attempts.append(attempt)
        items += [
            AttemptItem(
                attempt=attempt, number=number, revision_id=row.revision_id, block=1, response=row
            )
            for number, row in enumerate(rows[first : first + ITEMS], 1)
        ]
    Attempt.objects.bulk_create(attempts, batch_size=AT_ONCE)
    SelfAssessment.objects.bulk_create([SelfAssessment(attempt=one, step=5) for one in attempts])
    AttemptItem.objects.bulk_create(items, batch_size=AT_ONCE)
    PracticeTake.objects.filter(response__attempt_item__attempt__candidate=person).delete()
    results = [AttemptResult(attempt=one, level=6, level_low=6, level_high=7) for one in attempts]
    AttemptResult.objects.bulk_create(results, batch_size=AT_ONCE)
    for result in results:
        Attempt.objects.filter(pk=result.attempt_id).update(result=result)


def _analyze() -> None:
    """What a database does by itself after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def look() -> None:
    """Prints queries and milliseconds of each filter's first page, for each of the three."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    clients = {}
    for size in SIZES:
        clients[size] = Client(headers={"host": "127.0.0.1"})
        clients[size].force_login(User.objects.get(email=f"past{size}@example.org"))
    times_by_query: dict[str, dict[int, list[float]]] = {}
    for name, query in FILTERS.items():
        url, times = f"/history/{query}", {size: [] for size in SIZES}
        times_by_query[name] = {}
        for size, client in clients.items():
            client.get(url)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(url).status_code == 200
            times_by_query[name][size] = [len(caught)]
        for _ in range(REPEATS):
            for size, client in clients.items():
                begun = time.perf_counter()
                for _ in range(LOOKS):
                    client.get(url)
                times[size].append(1000 * (time.perf_counter() - begun) / LOOKS)
        for size in SIZES:
            times_by_query[name][size].append(min(times[size]))
    print(json.dumps(times_by_query))  # noqa: T201


def plans() -> None:
    """Prints how the database finds each filter's first page, for reading."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(email=f"past{max(SIZES)}@example.org"))
    how = "EXPLAIN ANALYZE " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    for name, query in FILTERS.items():
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/history/{query}")
        for one in caught.captured_queries[3:]:
            with connection.cursor() as cursor:
                cursor.execute(how + one["sql"])
                print(f"--- {name}", *(str(row[-1]) for row in cursor.fetchall()), sep="\n")  # noqa: T201


def history_lines(store: str) -> list[Line]:
    def run(name: str) -> str:
        code = f"from tests.benchmarks import history; history.{name}()"
        return product.python(code, timeout=1800)

    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        try:
            product.prepare()
            run("seed")
            times = json.loads(run("look").splitlines()[-1])
        finally:
            product.drop_database()
    few, many = str(min(SIZES)), str(max(SIZES))
    ratios = {name: row[many][1] / row[few][1] for name, row in times.items()}
    queries = max(count for row in times.values() for count, _ms in row.values())
    return [
        Line(f"past answers, 100,000 of them, {store}", times["no filter"][many][1], "ms"),
        *(
            Line(f"past answers, 100,000 to 10, {store}: {name}", ratio, "times", MOST_RATIO)
            for name, ratio in ratios.items()
        ),
        Line(f"past answers, {store}: queries", queries, "", MOST_QUERIES),
    ]


def all_history_lines() -> list[Line]:
    """On SQLite, and on PostgreSQL where it answers on this machine."""
    without = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    with mock.patch.dict(os.environ, without, clear=True):
        lines = history_lines("SQLite")
    if _is_ready(PSQL):
        with mock.patch.dict(os.environ, {"TEST_DATABASE_URL": PSQL}):
            lines += history_lines("PostgreSQL")
    return lines
