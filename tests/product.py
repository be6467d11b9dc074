"""The whole product as processes of its own, as `make run` starts it: for browser tests, kills
and benchmarks.

Real web server, real queue, real database: SQLite in a folder of its own, or PostgreSQL and
Redis where the environment names them (TEST_DATABASE_URL, REDIS_URL).
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import processes

BASE = Path(__file__).resolve().parent.parent
PACKS = BASE / "tests" / "data" / "packs"
LEFT_IN_PLACE = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "COVERAGE_PROCESS_START")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


class Product:
    """One running copy. Use as a context manager."""

    copied_from: Path | None = None  # a prepared folder, for all copies of this process

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {name: os.environ[name] for name in LEFT_IN_PLACE if name in os.environ}
        self.environment |= {"DATA_DIR": str(folder), "PORT": str(self.port), **environment}
        self._own_database()

    def _own_database(self) -> None:
        server = os.environ.get("TEST_DATABASE_URL", "")
        self.database = ""
        if server.startswith("postgres"):
            import psycopg

            self.database = f"opic_product_{uuid.uuid4().hex[:12]}"
            self.server = server.rsplit("/", 1)[0]
            with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {self.database}")
            self.environment["DATABASE_URL"] = f"{self.server}/{self.database}"
            if "REDIS_URL" in os.environ:
                self.environment["REDIS_URL"] = os.environ["REDIS_URL"]

    def manage(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE,
            env=self.environment,
            check=options.pop("check", True),
            capture_output=True,
            text=True,
            timeout=options.pop("timeout", 300),
            **options,
        )

    def python(self, code: str, **options: Any) -> str:
        """Run code inside the product (its models, its database); what it printed."""
        return self.manage("shell", "-v", "0", "-c", code, **options).stdout.strip()

    @classmethod
    def model(cls, folder: Path, change: "Callable[[Product], None] | None" = None) -> Path:
        """Return a prepared folder that copies begin with, made once for all that run at this time.

        Some people are signed in there already: `people.json` has their e-mails and cookies.
        `change` does what else these copies have in common.
        """
        with (folder.parent / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                making = folder.with_name(f"{folder.name}-making")
                shutil.rmtree(making, ignore_errors=True)
                product = cls(making)
                product.prepare()
                if not (making / "people.json").exists():
                    people = product.python("from tests.browser import pool; pool.fill()")
                    (making / "people.json").write_text(people)
                if change:
                    change(product)
                making.rename(folder)
        return folder

    def prepare(self) -> None:
        """What `manage.py prepare` does, with a few prompts instead of all."""
        if self.copied_from and not self.database:
            shutil.copytree(self.copied_from, self.folder, dirs_exist_ok=True)
            return
        self.manage("migrate", "-v", "0")
        self.manage("createcachetable", "-v", "0")
        self.manage("collectstatic", "--noinput", "-v", "0", "-i", "scss")
        self.manage("load_prompts", "--folder", str(PACKS))

    def start(self) -> None:
        with (self.folder / "product.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=BASE,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_healthy()

    def wait_healthy(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.url}/healthz") as reply,
            ):
                if reply.status == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError((self.folder / "product.log").read_text()[-3000:])

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as reply:
            return dict(json.load(reply))

    def groups(self) -> dict[str, int]:
        """Process group of the web server and of the queue: each child of `run` leads its own.

        The queue's workers are in another group, which ends with the queue's.
        """
        assert self.process is not None
        roles = {}
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in children.split():
            # one that is just being started, or has ended, shows neither word
            words = Path(f"/proc/{pid}/cmdline").read_text()
            for name, word in (("queue", "qcluster"), ("web", "gunicorn")):
                if word in words:
                    roles[name] = int(pid)
        return roles

    def kill_part(self, name: str) -> None:
        """Pull the plug of `web` or `queue`, and wait until `run` has started it again."""
        group = self.groups()[name]
        old = processes.family(group)
        os.killpg(group, signal.SIGKILL)
        processes.wait_gone(old)
        processes.wait_for(
            lambda: self.groups().get(name, group) != group, 30, f"another {name} after {group}"
        )
        self.wait_healthy()

    def stop(self) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """Pull the plug: everything at once, nothing tidied up."""
        if self.process is None:
            return
        everything = processes.family(self.process.pid)
        for group in {process.group for process in everything}:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self.process.wait(10)
        processes.wait_gone(everything)
        self.process = None

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """A look into the database, from outside; `?` marks values."""
        if self.database:
            import psycopg

            with psycopg.connect(f"{self.server}/{self.database}") as connection:
                return list(connection.execute(sql.replace("?", "%s"), values).fetchall())
        with contextlib.closing(sqlite3.connect(self.folder / "opic.sqlite3", timeout=20)) as base:
            return base.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> None:
        if self.database:
            import psycopg

            with psycopg.connect(f"{self.server}/{self.database}", autocommit=True) as connection:
                connection.execute(sql.replace("?", "%s"), values)
            return
        with contextlib.closing(sqlite3.connect(self.folder / "opic.sqlite3", timeout=20)) as base:
            base.execute(sql, values)
            base.commit()

    def __enter__(self) -> "Product":
        self.prepare()
        self.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.stop()
        self.drop_database()

    def drop_database(self) -> None:
        if self.database:
            import psycopg

            with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
