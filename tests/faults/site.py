"""The product as somebody runs it, with whoever keeps it running: `manage.py run` on SQLite, or
gunicorn and two queue clusters on PostgreSQL and Redis with production settings.
"""

import contextlib
import json
import os
import secrets
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.faults import roles
from tests.faults.load import Where
from tests.faults.stores import Postgres, Redis
from tests.product import BASE, Product

CLOCK = Path(__file__).parent / "clock"
HOST = "opic.example.org"
WORKERS = 3
REST = 0.5  # seconds between two starts of the same part, as a supervisor takes
STOP_SECONDS = 40


def write_step(clock: Path, seconds: float) -> None:
    """What clock/sitecustomize.py reads; written in place, since it is mapped there."""
    with clock.open("r+b" if clock.exists() else "wb") as file:
        file.write(struct.pack("dd", seconds, time.time()))


class Unit:
    """What a supervisor keeps running: one command. `tidies`: it ends what is left of the group
    before it starts the next one, as systemd does.
    """

    def __init__(self, command: list[str], environment: dict[str, str], log: Path, *, tidies: bool):
        self.command, self.environment, self.log, self.tidies = command, environment, log, tidies
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def restart(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.end_rest()
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command,
                    cwd=BASE,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.starts += 1

    def end_rest(self) -> None:
        if self.process is not None and self.tidies:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
                time.sleep(0.3)
                os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> bool:
        """One SIGTERM; did it end by itself?"""
        if self.process is None or self.process.poll() is not None:
            return True
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True


class Site(Product, ABC):
    """A product with its supervisor, its clock and, where it has them, its stores."""

    kind = ""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.mark = secrets.token_hex(8)
        self.stores_folder = folder.with_name(f"{folder.name}-beside")
        self.stores_folder.mkdir(parents=True, exist_ok=True)
        self.log = self.stores_folder / "product.log"
        self.clock = self.stores_folder / "clock"
        self.step_clock(0)
        own = {"PYTHONPATH": str(CLOCK), "STEPPED_CLOCK": str(self.clock), roles.MARK: self.mark}
        own |= {"OPIC_WORKERS": str(WORKERS), "OPIC_UPLOADS_PER_MINUTE": "100000"}
        super().__init__(folder, **own, **environment)
        self.where = Where(self.port)
        self.units: list[Unit] = []
        self._guard = threading.Event()
        self._restarter: threading.Thread | None = None

    def _own_database(self) -> None:
        self.database = ""

    def unit(self, *words: str, tidies: bool = False) -> Unit:
        return Unit([sys.executable, *words], self.environment, self.log, tidies=tidies)

    # --- the supervisor --------------------------------------------------------------------------
    def start(self) -> None:
        if not self.units:
            self.units = self.make_units()
        self._guard.clear()
        self._restarter = threading.Thread(target=self._restart_ended)
        self._restarter.start()
        self.wait_healthy(90)

    @abstractmethod
    def make_units(self) -> list[Unit]: ...

    def _restart_ended(self) -> None:
        while not self._guard.is_set():
            for unit in self.units:
                unit.restart()
            self._guard.wait(REST)

    def leave_alone(self) -> None:
        """Nobody starts anything any more."""
        self._guard.set()
        if self._restarter:
            self._restarter.join(30)

    def stop(self) -> None:
        self.leave_alone()
        ends = [unit.stop() for unit in self.units]
        self.stopped_in_order = all(ends)
        self.kill()

    def kill(self) -> None:
        """Pull the plug on all that is this product's, orphans too."""
        while left := self.processes():
            for one in left:
                roles.send(one.pid, signal.SIGKILL)
            for unit in self.units:
                if unit.process:
                    unit.process.poll()
            time.sleep(0.05)

    # --- looks from outside ----------------------------------------------------------------------
    def processes(self) -> list[roles.Process]:
        return roles.marked(self.mark)

    def clusters(self) -> list[roles.Cluster]:
        return roles.clusters(self.processes(), WORKERS)

    def webs(self) -> list[roles.Web]:
        return roles.webs(self.processes())

    def decoders(self) -> list[int]:
        """The processes that read foreign sound, of web and queue."""
        own = [one.pid for one in self.processes()]
        return [pid for pid in own if "scoring.audio.decoder_process" in roles.words_of(pid)]

    def look(self, path: str) -> int:
        """Status of an address of ours; 0 without an answer within five seconds."""
        request = urllib.request.Request(f"{self.url}{path}", headers=self.where.headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as exc:
            return exc.code
        except (OSError, ValueError):
            return 0

    def wait_healthy(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while self.look("/healthz") != 200:
            if time.monotonic() > until:
                raise TimeoutError(self.log.read_text()[-3000:])
            time.sleep(0.1)

    def step_clock(self, seconds: float) -> None:
        """The product's clock from now on: so many seconds before or after the true one."""
        write_step(self.clock, seconds)

    def people(self, count: int, *, uploads: int = 60) -> list[dict[str, Any]]:
        """Learners signed in, with a prompt and tickets for so many uploads."""
        code = f"""
from tests.benchmarks import seed
for _ in range({count}):
    seed.learner(0, uploads={uploads})
"""
        return [json.loads(line) for line in self.python(code).splitlines()[-count:]]


class RunSite(Site):
    """`manage.py run` on SQLite; who killed it starts it again, and ends no orphan by hand."""

    kind = "run, SQLite"

    def make_units(self) -> list[Unit]:
        return [self.unit("manage.py", "run")]


class HostsSite(Site):
    """One web host and two queue clusters under a supervisor, production settings."""

    kind = "gunicorn and two clusters, PostgreSQL and Redis"

    def _own_database(self) -> None:
        self.postgres = Postgres(self.stores_folder / "postgres")
        self.redis = Redis(self.stores_folder / "redis")
        self.postgres.start()
        self.redis.start()
        self.server, self.database = self.postgres.url, "opic"
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE opic")
        self.environment |= {
            "DATABASE_URL": f"{self.server}/{self.database}",
            "REDIS_URL": self.redis.url,
            "ALLOWED_HOSTS": HOST,
            "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "EMAIL_URL": "smtp+tls://user:password@127.0.0.1:587",
            "OPIC_TRUSTED_PROXIES": "1",
            "GEMINI_PAID_TIER": "1",
            # the loopback model speaks no TLS
            "OPIC_ACCEPT": "plain-model",
        }

    def make_units(self) -> list[Unit]:
        proxy = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"}
        self.where = Where(self.port, "__Host-session", proxy)
        served = ["--config", "python:opic.gunicorn", "opic.wsgi:application"]
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        web = self.unit("-m", "gunicorn", *served, *bind, tidies=True)
        return [web, *(self.unit("manage.py", "qcluster", tidies=True) for _ in range(2))]

    def drop_database(self) -> None:
        for server in (self.redis, self.postgres):
            server.wake()
            server.kill()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        address = f"{self.server}/{self.database}"
        with psycopg.connect(address, connect_timeout=3) as connection:
            return list(connection.execute(sql.replace("?", "%s"), values).fetchall())


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[bool]:
    """A small file system of its own on this folder; False where we may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=755"
    made = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(made, capture_output=True)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)
