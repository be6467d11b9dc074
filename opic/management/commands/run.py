"""The whole product in the foreground: web server and queue, started and stopped together.

One that dies is started again. Neither outlives this process, however it ends.
"""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from opic.lib import outgoing, processes
from opic.lib.stores import private_files
from scoring.ears import start_line

# what the queue needs at most, and a little
MORE_SECONDS = 6
MINUTE = 60.0


@dataclass
class Part:
    """The web server, or the queue: a process that leads a group of its own."""

    name: str
    arguments: list[str]
    starts: deque[float] = field(default_factory=deque)

    def start(self) -> None:
        """Start the process as leader of a new group, and note the time."""
        self.starts.append(time.monotonic())
        self.child = subprocess.Popen(
            [sys.executable, *self.arguments],
            cwd=settings.BASE_DIR,
            start_new_session=True,
            # safe here: this process has one thread
            preexec_fn=partial(processes.die_with, os.getpid()),
        )

    def starts_in_last_minute(self) -> int:
        """Count the starts within the last minute."""
        while self.starts and time.monotonic() - self.starts[0] > MINUTE:
            self.starts.popleft()
        return len(self.starts)

    def end_left_over(self) -> None:
        """End its children before it starts anew: they hold the port."""
        processes.signal_group(self.child.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Send SIGTERM, unless it has ended."""
        if self.child.poll() is None:
            processes.signal_process(self.child.pid, signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Wait for its end until this moment (monotonic clock), then kill its group."""
        try:
            self.child.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.end_left_over()


class Command(BaseCommand):
    """Runs both parts; ends with exit code 1 when one died too often within a minute."""

    help = "Run web server and queue together until Ctrl-C; one that dies is started again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.IS_LOOPBACK:
            raise CommandError(
                "ALLOWED_HOSTS is set: run gunicorn and qcluster as docs/operations.md says."
            )
        private_files.close_files(settings.DATA_DIR)
        self.parts = [
            Part("web server", self._web()),
            Part("queue", ["manage.py", "qcluster"]),
        ]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        for part in self.parts:
            part.start()
        self.stdout.write(f"\nOpen http://127.0.0.1:{settings.PORT}/   (Ctrl-C stops it)")
        self.stdout.write(start_line.start_line())
        self.stdout.write(outgoing.start_line(outgoing.hosts_contacted(settings)))
        self.stdout.write("An instructor's account: .venv/bin/python manage.py createsuperuser\n")
        while True:
            time.sleep(0.2)
            for part in self.parts:
                if part.child.poll() is not None:
                    self._start_again(part)

    def _web(self) -> list[str]:
        bind = ["--bind", f"127.0.0.1:{settings.PORT}"]
        options = ["--config", "python:opic.gunicorn"]
        return ["-m", "gunicorn", "opic.wsgi:application", *options, *bind]

    def _start_again(self, part: Part) -> None:
        how = f"The {part.name} {processes.how_ended(part.child.returncode)}"
        part.end_left_over()
        if part.starts_in_last_minute() > settings.OPIC_STARTS_A_MINUTE:
            self.stderr.write(f"{how}, once too often within a minute: everything stops.")
            self._end()
            raise SystemExit(1)
        self.stderr.write(f"{how}: it is started again.")
        part.start()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._end()
        raise SystemExit(0)

    def _end(self) -> None:
        for part in self.parts:
            part.stop()
        until = time.monotonic() + settings.OPIC_STOP_SECONDS + MORE_SECONDS
        for part in self.parts:
            part.wait(until)
