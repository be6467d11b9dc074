"""Three web and two worker hosts at one database with 100 connections, under load."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.faults.stores import Postgres, Redis, are_installed
from tests.opic.test_outages import Site
from tests.product import BASE

SECONDS = 20
# max_connections = 100, three of them reserved
MOST = 97


def _visit(site: Site, until: float, codes: list[int]) -> None:
    while time.monotonic() < until:
        codes.append(site.visit()[0])


if are_installed():

    def test_three_web_and_two_worker_hosts_stay_within_a_hundred():
        with tempfile.TemporaryDirectory(prefix="opic-hosts-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            postgres, redis = Postgres(folder / "postgres"), Redis(folder / "redis")
            postgres.start()
            redis.start()
            webs = [Site(folder / f"web{number}", postgres, redis) for number in range(3)]
            workers: list[subprocess.Popen[bytes]] = []
            try:
                for web in webs:
                    web.environment["OPIC_DATABASE_CONNECTIONS"] = "20"
                    web.prepare()
                    web.start()
                for number in range(2):
                    environment = {**webs[0].environment, "DATA_DIR": str(folder / f"w{number}")}
                    command = [sys.executable, "manage.py", "qcluster"]
                    workers.append(
                        subprocess.Popen(command, cwd=BASE, env=environment, start_new_session=True)
                    )
                codes: list[int] = []
                until = time.monotonic() + SECONDS
                visitors = [
                    threading.Thread(target=_visit, args=(webs[number % 3], until, codes))
                    for number in range(90)
                ]
                for visitor in visitors:
                    visitor.start()
                counts = []
                sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                while time.monotonic() < until:
                    counts.append(webs[0].rows(sql)[0][0])
                    time.sleep(0.2)
                for visitor in visitors:
                    visitor.join()
                assert set(codes) == {200}
                assert max(counts) <= MOST, counts
                print(f"connections at most: {max(counts)}, pages: {len(codes)}")  # noqa: T201
            finally:
                for worker in workers:
                    os.killpg(worker.pid, 9)
                    worker.wait(10)
                for web in webs:
                    web.kill()
                postgres.stop()
                redis.stop()
