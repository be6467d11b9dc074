"""The whole product in the foreground: web server and queue, started and stopped together."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

STOP_SECONDS = 20


class Command(BaseCommand):
    help = "Run web server and queue together until Ctrl-C; ends both when one of them dies."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.IS_LOOPBACK:
            raise CommandError(
                "ALLOWED_HOSTS is set: run gunicorn and qcluster as docs/operations.md says."
            )
        self.children = [self._start(*self._web()), self._start("manage.py", "qcluster")]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self.stdout.write(f"\nOpen http://127.0.0.1:{settings.PORT}/   (Ctrl-C stops it)")
        self.stdout.write("An instructor's account: .venv/bin/python manage.py createsuperuser\n")
        while all(child.poll() is None for child in self.children):
            time.sleep(0.2)
        code = next(child.returncode for child in self.children if child.poll() is not None)
        self._end()
        raise SystemExit(code or 1)

    def _web(self) -> list[str]:
        bind = ["--bind", f"127.0.0.1:{settings.PORT}"]
        options = ["--config", "python:opic.gunicorn"]
        return ["-m", "gunicorn", "opic.wsgi:application", *options, *bind]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """In a group of its own: a killed parent's children would go on working."""
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=settings.BASE_DIR, start_new_session=True
        )

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._end()
        raise SystemExit(0)

    def _end(self) -> None:
        for child in self.children:
            self._signal(child, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in self.children:
            try:
                child.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                self._signal(child, signal.SIGKILL)

    def _signal(self, child: subprocess.Popen[bytes], number: int) -> None:
        """The group's parent stops its own; only a group that does not end is killed whole."""
        try:
            if number == signal.SIGKILL:
                os.killpg(child.pid, number)
            elif child.poll() is None:
                child.send_signal(number)
        except ProcessLookupError:
            pass
