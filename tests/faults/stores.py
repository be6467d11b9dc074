"""A PostgreSQL and a Redis of our own, on free ports: to be killed, hung and started again."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

import psycopg
import redis

from tests.faults import roles
from tests.processes import family
from tests.product import free_port

START_SECONDS = 60


def postgres_binaries() -> Path | None:
    """The newest installed server's folder."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    there = shutil.which("initdb")
    return folders[-1].parent if folders else Path(there).parent if there else None


def are_installed() -> bool:
    return postgres_binaries() is not None and shutil.which("redis-server") is not None


def wait_gone(pids: list[int], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while any(map(roles.is_alive, pids)):
        if time.monotonic() > until:
            raise TimeoutError(f"still there: {pids}")
        time.sleep(0.02)


class Server(ABC):
    """One server process with its children: started, killed, stopped in order, hung, woken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root
        self.user = "postgres" if os.geteuid() == 0 else None

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    def start(self) -> None:
        """Start and wait until it answers; a start refused (leftovers of a kill) is tried again."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                self._begin()
            with contextlib.suppress(Exception):
                if self.is_ready():
                    return
            time.sleep(0.1)
        raise TimeoutError((self.folder / "server.log").read_text()[-2000:])

    def _begin(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, user=self.user, start_new_session=True
            )

    def pids(self) -> list[int]:
        return [one.pid for one in family(self.process.pid)] if self.process else []

    def kill(self) -> None:
        pids = self.pids()
        for pid in pids:
            roles.send(pid, signal.SIGKILL)
        if self.process:
            self.process.wait(10)
        wait_gone(pids)

    def stop(self) -> None:
        """In order, without waiting for those connected."""
        if self.process and self.process.poll() is None:
            self.wake()
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def hang(self) -> None:
        """Takes connections (the kernel does) and answers nothing."""
        for pid in self.pids():
            roles.send(pid, signal.SIGSTOP)

    def wake(self) -> None:
        for pid in self.pids():
            roles.send(pid, signal.SIGCONT)


class Postgres(Server):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        binaries = postgres_binaries()
        assert binaries is not None
        self.binaries = binaries
        self.base = folder / "base"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}"
        if self.user:
            os.chown(folder, pwd.getpwnam(self.user).pw_uid, -1)
            _open_the_way(folder)
        made = [str(binaries / "initdb"), "-D", str(self.base), "-A", "trust", "-U", "postgres"]
        subprocess.run(
            [*made, "--no-sync", "-E", "UTF8"], check=True, capture_output=True, user=self.user
        )

    def command(self) -> list[str]:
        where = ["-D", str(self.base), "-p", str(self.port), "-k", str(self.folder)]
        # a killed process loses nothing the kernel has; only pulling the machine's plug would
        return [str(self.binaries / "postgres"), *where, "-h", "127.0.0.1", "-c", "fsync=off"]

    def is_ready(self) -> bool:
        with psycopg.connect(f"{self.url}/postgres", connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)


class Redis(Server):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.user = None

    def command(self) -> list[str]:
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return ["redis-server", *where, "--save", "", "--appendonly", "yes"]

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=2, socket_connect_timeout=2)

    def is_ready(self) -> bool:
        with self.client() as client:
            return bool(client.ping())

    def empty(self) -> None:
        with self.client() as client:
            client.flushall()


def _open_the_way(folder: Path) -> None:
    """A temporary folder is its maker's alone; the server's own account has to get through."""
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
