"""The list of past answers for one person with 10, 1,000 and 100,000 of them, for each filter.

Asked inside one process, without a server's own time: the ratio is of the page alone. One topic was
answered only once, first of all: the filter that has to look furthest.
"""

import json
import os
import tempfile
import time
import uuid
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from unittest import mock

from tests.benchmarks.lines import Line, median
from tests.benchmarks.ratings import PSQL, _answers
from tests.product import Product

SIZES = (10, 1_000, 100_000)
ROUNDS, LOOKS = 15, 3
MOST_QUERIES, MOST_RATIO = 6, 1.5
TEST_EVERY, ITEMS = 5, 15  # one answer in five was given in a test of fifteen
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
    """Three people with so many answers each, by bulk insert."""
    from materials.bank import load, read_bank
    from materials.models import Prompt, PromptRevision
    from tests.factories import make_clip, make_prompt, make_topic, make_user

    load(read_bank())
    PromptRevision.objects.update(spare_clip=make_clip())
    for revision in PromptRevision.objects.filter(prompt__retired_at=None):
        Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)
    rare = make_prompt("rare", topic=make_topic(RARE))
    prompts = list(Prompt.objects.published().exclude(pk=rare.pk).order_by("key"))
    for answers in SIZES:
        _speak(make_user(f"past{answers}@example.org"), [rare, *prompts], answers)
    _analyze()


def _speak(person: Any, prompts: list[Any], answers: int) -> None:
    """Two answers a day up to today; three of four with a level, one in five in a test."""
    from django.utils import timezone

    from practice.models import PracticeSession, PracticeTake
    from scoring.models import Rating, Response
    from tests.factories import MEASURES

    now = timezone.now()
    asked = [prompts[0], *islice(cycle(prompts[1:]), answers - 1)]
    rows = [
        Response(
            speaker=person,
            revision_id=prompt.published_id,
            upload_key=uuid.uuid4(),
            audio=f"audio/{number}.m4a",
            length_ms=60_000,
            recorded_at=now - timedelta(hours=12 * (answers - number)),
            measures=MEASURES,
        )
        for number, prompt in enumerate(asked)
    ]
    Response.objects.bulk_create(rows, batch_size=2_000)
    ratings = [
        Rating(response=row, kind="rating", level=low, level_low=low, level_high=low + 1)
        for number, row in enumerate(rows)
        if number % 4
        for low in [4 + number % 4]
    ]
    Rating.objects.bulk_create(ratings, batch_size=2_000)
    _show(person)
    session = PracticeSession.join(person)
    spoken = [
        (row, prompt)
        for n, (row, prompt) in enumerate(zip(rows, asked, strict=True))
        if n % TEST_EVERY
    ]
    takes = [
        PracticeTake(response=row, session=session, learner=person, prompt=prompt, number=n + 1)
        for n, (row, prompt) in enumerate(spoken)
    ]
    PracticeTake.objects.bulk_create(takes, batch_size=2_000)
    _sit(person, rows[::TEST_EVERY])


def _show(person: Any) -> None:
    from django.db.models import OuterRef, Subquery

    from scoring.models import Rating, Response

    made = Rating.objects.filter(response=OuterRef("pk")).values("pk")[:1]
    rated = Response.objects.filter(speaker=person, ratings__isnull=False)
    Response.objects.filter(pk__in=rated).update(shown_rating=Subquery(made), status="rated")


def _sit(person: Any, rows: list[Any]) -> None:
    """Tests of fifteen items, with results."""
    from exams.models import Attempt, AttemptItem, AttemptResult, SelfAssessment

    attempts, items = [], []
    for first in range(0, len(rows), ITEMS):
        answered = rows[first : first + ITEMS]
        at = answered[0].recorded_at
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
                attempt=attempt,
                number=number,
                revision_id=row.revision_id,
                item_type="DESC",
                block=1,
                response=row,
            )
            for number, row in enumerate(answered, 1)
        ]
    Attempt.objects.bulk_create(attempts, batch_size=2_000)
    SelfAssessment.objects.bulk_create([SelfAssessment(attempt=one, step=5) for one in attempts])
    AttemptItem.objects.bulk_create(items, batch_size=2_000)
    results = [AttemptResult(attempt=one, level=6, level_low=6, level_high=7) for one in attempts]
    AttemptResult.objects.bulk_create(results, batch_size=2_000)
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
    for answers in SIZES:
        clients[answers] = Client(headers={"host": "127.0.0.1"})
        clients[answers].force_login(User.objects.get(email=f"past{answers}@example.org"))
    found: dict[str, dict[int, list[float]]] = {}
    for name, query in FILTERS.items():
        url, times = f"/history/{query}", {answers: [] for answers in SIZES}
        found[name] = {}
        for answers, client in clients.items():
            client.get(url)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(url).status_code == 200
            found[name][answers] = [len(caught)]
        for _ in range(ROUNDS):
            for answers, client in clients.items():
                begun = time.perf_counter()
                for _ in range(LOOKS):
                    client.get(url)
                times[answers].append(1000 * (time.perf_counter() - begun) / LOOKS)
        for answers in SIZES:
            found[name][answers].append(median(times[answers]))
    print(json.dumps(found))  # noqa: T201


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
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        with product:
            product.python("from tests.benchmarks import history; history.seed()")
            code = "from tests.benchmarks import history; history.look()"
            found = json.loads(product.python(code).splitlines()[-1])
    few, many = str(min(SIZES)), str(max(SIZES))
    lines = [
        Line(
            f"past answers, 100,000 to 10, {store}: {name}",
            row[many][1] / row[few][1],
            "times",
            MOST_RATIO,
        )
        for name, row in found.items()
    ]
    queries = max(count for row in found.values() for count, _ms in row.values())
    return [
        Line(f"past answers, 100,000 of them, {store}", found["no filter"][many][1], "ms"),
        *lines,
        Line(f"past answers, {store}: queries", queries, "", MOST_QUERIES),
    ]


def all_history_lines() -> list[Line]:
    """On SQLite, and on PostgreSQL where it answers on this machine."""
    without = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    with mock.patch.dict(os.environ, without, clear=True):
        lines = history_lines("SQLite")
    if _answers(PSQL):
        with mock.patch.dict(os.environ, {"TEST_DATABASE_URL": PSQL}):
            lines += history_lines("PostgreSQL")
    return lines
