"""A database that a release before left behind becomes today's, with its rows whole."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.old_release import SECRET_KEY, VERSIONS, json_of, text_of
from tests.product import BASE, Product
from tests.scoring import recordings

# a column that a migration rewrote: the test below says what stands there now
REWRITTEN = {("mfa_authenticator", "data")}
# what the migrations drop, as (table, column): nothing so far
DROPPED: set[tuple[str, str]] = set()

# one process of today's code tells everything that is asked of it
LOOK = """
import io
import json
from unittest.mock import patch

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from accounts.models import DeviceSession
from scoring.uploads import tickets

call_command("migrate", check_unapplied=True, stdout=io.StringIO())
call_command("createcachetable", stdout=io.StringIO())
wrong, counts = [], {{}}
for model in apps.get_models():
    rows = list(model._base_manager.all())
    counts[model._meta.db_table] = len(rows)
    for row in rows:
        str(row)
        for field in model._meta.concrete_fields:
            value = field.value_from_object(row)
            if field.choices and value not in (None, ""):
                if value not in [known for known, _name in field.flatchoices]:
                    wrong.append([str(model), field.name, str(value)])
        try:
            row.validate_constraints()
        except ValidationError as exc:
            wrong.append([str(model), str(exc)])
totp = Authenticator.objects.get(type="totp").data["secret"]
DeviceSession.objects.update(seen_at=timezone.now())
with patch("time.time", return_value={moment}):
    grant = tickets.verify("{token}", "{url}")
print(json.dumps({{
    "wrong": wrong,
    "counts": counts,
    "stored_secret": totp,
    "secret": get_adapter().decrypt(totp),
    "ticket": [grant.speaker.email, str(grant.key)],
}}))
"""
TICKET_DAYS = 29  # of thirty

Snapshot = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


@dataclass
class Old:
    """One old database in today's hands: what stood in it before, and after the migrations."""

    version: str
    product: Product
    seeded: dict[str, Any]
    before: Snapshot
    after: Snapshot
    now: dict[str, Any]


@contextlib.contextmanager
def opened(product: Product) -> Any:
    if product.database:
        import psycopg

        with psycopg.connect(f"{product.server}/{product.database}", autocommit=True) as base:
            yield base
    else:
        with contextlib.closing(sqlite3.connect(product.folder / "opic.sqlite3")) as base:
            yield base


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def store_of(product: Product) -> str:
    return "postgresql" if product.database else "sqlite"


def snapshot(product: Product) -> Snapshot:
    """Every row of every table, by the names of its columns."""
    tables = {}
    with opened(product) as base:
        for (table,) in base.execute(TABLES[store_of(product)]).fetchall():
            cursor = base.execute(f'SELECT * FROM "{table}"')
            tables[table] = ([column[0] for column in cursor.description], cursor.fetchall())
    return tables


@pytest.fixture(scope="module", params=VERSIONS)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The database of each old release, migrated by today's code."""
    version = request.param
    product = Product(tmp_path_factory.mktemp("old"), SECRET_KEY=SECRET_KEY)
    product.environment.pop("REDIS_URL", None)  # its entries are in the database
    store = store_of(product)
    with opened(product) as base:
        script = text_of(version, f"{store}.sql")
        base.execute(script) if product.database else base.executescript(script)
    before = snapshot(product)
    product.manage("migrate", "-v", "0")
    after = snapshot(product)
    seeded = json_of(version, f"{store}.json")
    moment = seeded["made_at"] + TICKET_DAYS * 86_400
    look = LOOK.format(moment=moment, token=seeded["ticket"]["token"], url=seeded["url"])
    yield Old(version, product, seeded, before, after, json.loads(product.python(look)))
    product.drop_database()


def values(columns: list[str], rows: list[tuple[Any, ...]], names: list[str]) -> Counter[str]:
    places = [columns.index(name) for name in names]
    return Counter(repr([row[place] for place in places]) for row in rows)


def test_there_is_an_archive_of_the_release_before():
    assert "0.2.0" in VERSIONS


def test_every_row_is_there_as_it_was(old):
    after = old.after
    assert set(old.before) <= set(after)
    assert sum(len(rows) for _columns, rows in old.before.values()) > 300
    for table, (columns, rows) in old.before.items():
        gone = {(table, name) for name in set(columns) - set(after[table][0])}
        assert gone <= DROPPED
        same = [name for name in columns if (table, name) not in REWRITTEN | gone]
        lost = values(columns, rows, same) - values(*after[table], same)
        assert not lost, (table, lost)
        assert len(after[table][1]) >= len(rows)


def test_todays_code_reads_every_row_and_finds_it_in_order(old):
    assert old.now["wrong"] == []
    counts = old.now["counts"]
    assert counts["scoring_response"] == len(old.before["scoring_response"][1]) >= 5
    assert counts["mfa_authenticator"] == 2


def test_no_key_points_nowhere(old):
    with opened(old.product) as base:
        if not old.product.database:
            assert base.execute("PRAGMA foreign_key_check").fetchall() == []
            assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        lost = base.execute(
            "SELECT COUNT(*) FROM scoring_rating"
            " WHERE response_id NOT IN (SELECT id FROM scoring_response)"
        )
        assert lost.fetchone()[0] == 0


def test_a_second_factor_still_opens_and_lies_encrypted(old):
    assert old.now["secret"] == old.seeded["secret"]
    assert old.now["secret"] not in old.now["stored_secret"]


def test_an_upload_ticket_of_that_release_is_taken(old):
    assert old.now["ticket"] == [old.seeded["email"], old.seeded["ticket"]["key"]]


def waits(old: Old) -> dict[str, Any]:
    """What of that release's work is not done yet."""
    entries = old.product.rows("SELECT COUNT(*) FROM django_q_ormq")[0][0]
    due = old.product.rows(
        "SELECT COUNT(*) FROM scoring_response WHERE status IN ('uploaded', 'rating')"
    )[0][0]
    open_ones = old.product.rows("SELECT COUNT(*) FROM exams_attempt WHERE status <> 'rated'")
    return {"entries": entries, "responses": due, "attempts": open_ones[0][0]}


@contextlib.contextmanager
def working(product: Product) -> Iterator[None]:
    """A queue cluster of today on this database, and no web server."""
    with (product.folder / "product.log").open("ab") as log:
        cluster = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            cwd=BASE,
            env=product.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
        cluster.send_signal(signal.SIGTERM)
        cluster.wait(40)
    finally:
        if cluster.poll() is None:
            cluster.kill()
            cluster.wait(10)


def wait_until_done(old: Old) -> None:
    until = time.monotonic() + 120
    while any(waits(old).values()) and time.monotonic() < until:
        time.sleep(0.2)


@pytest.mark.parametrize("old", [VERSIONS[-1]], indirect=True)
def test_what_that_release_left_in_its_queue_is_done(old):
    """Last of this file: a cluster changes the database."""
    product = old.product
    assert waits(old)["entries"] == 4
    names = product.rows("SELECT audio FROM scoring_response WHERE audio IS NOT NULL")
    wav = recordings.as_wav(recordings.speech(4))
    for (name,) in names:
        path = Path(product.folder / "private" / name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav)
    with working(product):
        wait_until_done(old)
    assert waits(old) == {"entries": 0, "responses": 0, "attempts": 0}
    assert product.rows("SELECT COUNT(*) FROM django_q_task WHERE NOT success")[0][0] == 0
    log = (product.folder / "product.log").read_text()
    assert "Traceback" not in log
    assert "dropped" not in log
    ids = [old.seeded[name] for name in ("waiting", "lost")]
    rows = product.rows("SELECT id, status FROM scoring_response")
    statuses = {str(pk).replace("-", ""): status for pk, status in rows}
    assert [statuses[pk.replace("-", "")] for pk in ids] == ["measured", "measured"]
