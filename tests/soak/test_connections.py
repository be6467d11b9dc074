"""Three web and two worker hosts at one database with 100 connections, under load."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.stores import Postgres, Redis, are_installed
from tests.opic.health.test_outages import Site
from tests.product import BASE

SECONDS = 20
VISITORS = 90
# max_connections = 100, three of them reserved
MOST = 97
ALIVE = "SELECT count(*) FROM operations_cluster WHERE worked_at IS NOT NULL"
COUNT = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


@contextlib.contextmanager
def stores() -> Iterator[tuple[Path, Postgres, Redis]]:
    with tempfile.TemporaryDirectory(prefix="opic-hosts-", ignore_cleanup_errors=True) as name:
        servers = Postgres(Path(name) / "postgres"), Redis(Path(name) / "redis")
        try:
            for server in servers:
                server.start()
            yield Path(name), *servers
        finally:
            for server in servers:
                server.stop()


@contextlib.contextmanager
def web_host(folder: Path, postgres: Postgres, redis: Redis) -> Iterator[Site]:
    site = Site(folder, postgres, redis)
    site.environment["OPIC_DATABASE_CONNECTIONS"] = "20"
    try:
        site.prepare()
        site.start()
        yield site
    finally:
        site.kill()


@contextlib.contextmanager
def worker_host(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=BASE,
        env={**environment, "DATA_DIR": str(folder)},
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def counted(sites: list[Site]) -> tuple[list[int], list[int]]:
    """Codes of all pages, and how many connections there were while they were asked for."""
    codes: list[int] = []
    counts: list[int] = []
    until = time.monotonic() + SECONDS

    def visit(site: Site) -> None:
        while time.monotonic() < until:
            codes.append(site.visit()[0])

    visitors = [
        threading.Thread(target=visit, args=(sites[number % len(sites)],))
        for number in range(VISITORS)
    ]
    for visitor in visitors:
        visitor.start()
    while time.monotonic() < until:
        counts.append(sites[0].rows(COUNT)[0][0])
        time.sleep(0.2)
    for visitor in visitors:
        visitor.join()
    return codes, counts


if are_installed():

    def test_three_web_and_two_worker_hosts_stay_within_a_hundred():
        with contextlib.ExitStack() as stack:
            folder, postgres, redis = stack.enter_context(stores())
            sites = [
                stack.enter_context(web_host(folder / f"web{number}", postgres, redis))
                for number in range(3)
            ]
            for number in range(2):
                data = folder / f"worker{number}"
                stack.enter_context(worker_host(data, sites[0].environment))
            until = time.monotonic() + 180
            while sites[0].rows(ALIVE)[0][0] < 2:
                assert time.monotonic() < until
                time.sleep(0.5)
            codes, counts = counted(sites)
            print(f"connections at most: {max(counts)}, pages: {len(codes)}")  # noqa: T201
            assert set(codes) == {200}
            assert max(counts) <= MOST
