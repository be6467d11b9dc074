"""How long a database may keep us waiting: by process, by statement, by request."""

import time

import psycopg
import pytest

from opic.lib.stores.database_limits import (
    LIMITS,
    Limits,
    counted_wait,
    kind_of,
    postgres_options,
    sqlite_options,
    waiting_at_most,
)
from opic.lib.stores.postgresql.base import Connection
from tests.faults.stores import Postgres, are_installed


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["/x/bin/gunicorn", "opic.wsgi:application"], "web"),
        ([], "web"),
        (["manage.py"], "command"),
        (["manage.py", "qcluster"], "command"),
        (["/srv/opic/manage.py", "rebuild_days"], "command"),
        (["manage.py", "migrate"], "schema"),
        (["./manage.py", "prepare"], "schema"),
        (["manage.py", "shell", "migrate"], "command"),
    ],
)
def test_what_a_process_is_for(words, kind):
    assert kind_of(words) == kind


def test_a_page_waits_least_and_a_migration_without_end():
    web, command, schema = (LIMITS[kind] for kind in ("web", "command", "schema"))
    assert (web.statement, schema.statement, schema.lock) == (15, 0, 0)
    assert web.statement < command.statement
    assert sqlite_options(web)["timeout"] < 20 <= sqlite_options(command)["timeout"]
    assert "-c statement_timeout=15000" in postgres_options(web)["options"]
    assert postgres_options(web)["connect_timeout"] == 3


def test_all_waits_of_a_request_have_one_budget():
    with counted_wait(17) as longest:
        assert longest == 17
    with waiting_at_most(10):
        with counted_wait(17) as longest:
            assert longest == 10
            time.sleep(0.2)
        with waiting_at_most(3), counted_wait(17) as longest:
            assert longest == 3
            time.sleep(0.1)
        with counted_wait(17) as longest:
            assert longest == pytest.approx(9.7, abs=0.2)
    with waiting_at_most(0), counted_wait(17) as longest:
        assert longest == 0.5, "enough to roll back"


if are_installed():

    @pytest.fixture(scope="module")
    def postgres(tmp_path_factory):
        server = Postgres(tmp_path_factory.mktemp("limits"))
        server.start()
        yield server
        server.wake()
        server.stop()

    def connected(server: Postgres, limits: Limits) -> Connection:
        return Connection.connect(f"{server.url}/postgres", **postgres_options(limits))

    @pytest.mark.processes
    def test_the_server_ends_a_statement_a_wait_for_a_lock_and_an_idle_transaction(postgres):
        limits = Limits(statement=1, lock=1, idle_in_transaction=1, sqlite_busy=1)
        with connected(postgres, limits) as one, pytest.raises(psycopg.errors.QueryCanceled):
            one.execute("SELECT pg_sleep(20)")
        plain = Limits(statement=0, lock=0, idle_in_transaction=0, sqlite_busy=1)
        with connected(postgres, plain) as holds, connected(postgres, limits) as waits:
            holds.execute("CREATE TABLE t (x int)")
            holds.commit()
            holds.execute("LOCK TABLE t")
            with pytest.raises((psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)):
                waits.execute("SELECT * FROM t")
        idle = connected(postgres, limits)
        idle.execute("SELECT 1")
        time.sleep(1.5)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            idle.execute("SELECT 1")
        idle.close()

    @pytest.mark.processes
    def test_we_hang_up_on_a_server_that_is_stopped(postgres):
        plain = Limits(statement=0, lock=0, idle_in_transaction=0, sqlite_busy=1)
        connection = connected(postgres, plain)
        connection.execute("SELECT 1")
        postgres.hang()
        try:
            with (
                waiting_at_most(0.7),
                pytest.raises(psycopg.OperationalError, match=r"within 0\.7"),
            ):
                connection.execute("SELECT 1")
        finally:
            postgres.wake()
        assert connection.closed
