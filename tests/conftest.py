"""For every test: no network but loopback, and no cache left from the test before."""

import os
import re
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.storage import storages
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import database
from tests.product import Product

# no search is timed: how long one example takes depends on what else the machine does
hypothesis_settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("untimed")

_connect = socket.socket.connect
STORE_FIXTURES = {"db", "transactional_db", "prepared_folder"}
STORE_WORDS = re.compile("cache|redis|storage|database", re.IGNORECASE)


@cache
def _names_a_store(path: Path) -> bool:
    return bool(STORE_WORDS.search(path.read_text()))


def touches_a_store(item: pytest.Item) -> bool:
    """Return whether another database or cache could change how this test ends."""
    case = getattr(item, "cls", None)
    return (
        (isinstance(case, type) and issubclass(case, TransactionTestCase))
        or any(item.get_closest_marker(name) for name in ("django_db", "processes"))
        or bool(STORE_FIXTURES & set(getattr(item, "fixturenames", ())))
        or _names_a_store(item.path)
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Beside stores of the environment's own only run what touches one: the rest ran before."""
    if "TEST_DATABASE_URL" not in os.environ:
        return
    chosen = [item for item in items if touches_a_store(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _only_loopback(self: socket.socket, address: Any) -> None:
    if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
        raise AssertionError(f"a test reached for the network: {address}")
    _connect(self, address)


if "TEST_DATABASE_URL" not in os.environ:

    @pytest.fixture(scope="session")
    def django_db_setup(
        django_test_environment: None,
        django_db_modify_db_settings: None,
        django_db_blocker: Any,
    ) -> Iterator[None]:
        """In place of pytest-django's own, which migrates in every worker."""
        with django_db_blocker.unblock():
            database.use_copy()
        yield
        with django_db_blocker.unblock():
            database.drop_copy()


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[None]:
    """Every copy of the product begins with the same prepared folder, on all workers."""
    if "TEST_DATABASE_URL" in os.environ:
        yield  # a database on a server is prepared each time
        return
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "model"
    Product.copied_from = Product.model(folder)
    yield
    Product.copied_from = None


@pytest.fixture(autouse=True)
def closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _only_loopback)


@pytest.fixture(autouse=True)
def same_storages() -> Iterator[None]:
    """The fields of models hold a storage each: a test with other settings must not part them from
    the ones that `storages` gives out afterwards.
    """
    held = {name: storages[name] for name in ("audio", "clips")}
    yield
    storages._storages.update(held)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    yield
    for name in ("default", "template_fragments", "pages"):
        caches[name].clear()


@pytest.fixture(autouse=True)
def every_line_counted_anew() -> Iterator[None]:
    """Lines of the security log that one test held back are no other's."""
    yield
    from accounts.security import log as security_log

    security_log.flush(at_once=True)
