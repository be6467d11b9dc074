"""The other end of scoring/ears/local_process.py: starts it, asks it, ends it.

Whatever is wrong with it, it is ended with all it has started, and raises `ChildError`: the next
one that is asked is a new one.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from opic.lib import processes
from scoring.audio.frames import read_frame, write_frame

PROGRAM = (sys.executable, "-m", "scoring.ears.local_process")
MOST_REPLY = 4 * 1024 * 1024


class ChildError(Exception):
    """The child did not do what it was asked for, and was ended."""


class RefusedError(Exception):
    """The child will not load these weights. The text, one line, names the file."""


class Child:
    """One running recogniser. Needs nobody's secrets, and gets none."""

    def __init__(self, options: dict[str, Any], *, code: Path, program: Sequence[str] = PROGRAM):
        """Start it; it loads while the caller does other things. Raises ChildError."""
        self.options, self.model = options, ""
        self.owner = os.getpid()
        self.end_of_ours, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), json.dumps(options), str(processes.whom_to_follow())]
        try:
            with theirs:
                self.process = subprocess.Popen(
                    [*program, *arguments],
                    env=processes.clean_environment(code),
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        except OSError as exc:
            raise ChildError(f"it cannot be started: {exc.strerror}") from None

    def is_alive(self) -> bool:
        """Return whether it still runs, as a child of this process."""
        return self.owner == os.getpid() and self.process.poll() is None

    def wait_loaded(self, seconds: float) -> str:
        """Return the hash of what it has loaded. Raises RefusedError and ChildError."""
        if not self.model:
            head, _data = self._within(seconds, lambda: read_frame(self.end_of_ours, MOST_REPLY))
            if "refused" in head:
                self.end()
                raise RefusedError(str(head.get("why", ""))[:300])
            self.model = str(head.get("model", ""))
        return self.model

    def ask(self, head: dict[str, Any], samples: bytes, seconds: float) -> Any:
        """Return what it makes of these samples, as it says it. Raises ChildError."""

        def exchange() -> Any:
            write_frame(self.end_of_ours, head, samples)
            _head, data = read_frame(self.end_of_ours, MOST_REPLY)
            return json.loads(data)

        return self._within(seconds, exchange)

    def _within(self, seconds: float, work: Any) -> Any:
        """Return what `work` does, within the time. Raises ChildError, the child ended."""
        until = time.monotonic() + seconds
        try:
            self.end_of_ours.settimeout(max(seconds, 0.01))
            return work()
        except TimeoutError:
            error = ChildError(f"it did not answer within {seconds:.0f} s")
        except (OSError, EOFError):
            error = ChildError(self._how_it_ended(until))
        except ValueError:
            error = ChildError("its reply makes no sense")
        self.end()
        raise error

    def _how_it_ended(self, until: float) -> str:
        # the connection breaks a moment before the process counts as ended
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(min(max(until - time.monotonic(), 0), 0.5))
        code = self.process.poll()
        return f"it {processes.how_ended(code)}" if code is not None else "it hung up"

    def end(self) -> None:
        """End it and whatever it has started, and wait a second for it."""
        self.end_of_ours.close()
        if self.owner != os.getpid():
            # after a fork it is the parent's
            return
        processes.signal_group(self.process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
