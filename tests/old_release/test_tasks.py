"""Names that queue entries of the releases before carry still stand for tasks of ours."""

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest
from django.utils.module_loading import autodiscover_modules, import_string
from django_q.conf import Conf
from django_q.signing import SignedPackage

from opic.lib.engine import django_q_engine
from opic.lib.engine.gauges import Gauges
from tests.old_release import SECRET_KEY, VERSIONS, json_of, text_of
from tests.opic.lib.test_queue import Broker

NAMES = sorted({(version, name) for version in VERSIONS for name in json_of(version, "tasks.json")})


@pytest.mark.parametrize(("version", "name"), NAMES)
def test_a_task_of_that_release_can_be_found_and_may_run(version, name):
    autodiscover_modules("tasks")
    assert callable(import_string(name))
    assert name in django_q_engine.allowed


def test_the_names_are_those_of_real_releases():
    assert ("0.2.0", "accounts.notifications.push_notices") in NAMES
    assert ("0.2.0", "scoring.tasks.rate_response") in NAMES


def entries(version: str) -> Iterator[str]:
    """Yield what that release's own queue wrote."""
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.executescript(text_of(version, "sqlite.sql"))
        for (payload,) in base.execute("SELECT payload FROM django_q_ormq"):
            yield payload


@pytest.mark.parametrize("version", VERSIONS)
def test_entries_as_that_release_wrote_them_are_let_in(version, monkeypatch):
    monkeypatch.setattr(Conf, "SECRET_KEY", SECRET_KEY)
    autodiscover_modules("tasks")
    waiting = list(entries(version))
    named = {SignedPackage.loads(payload)["func"] for payload in waiting}
    assert named == set(json_of(version, "tasks.json")) - {"opic.lib.queue.probe"}
    broker = Broker(*waiting)
    assert len(django_q_engine._Broker(broker, Gauges()).dequeue()) == len(waiting)
    assert broker.failed == []
