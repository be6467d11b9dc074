"""What the processes of one cluster tell each other about themselves, in memory they share.

Each number has one kind of writer, and nobody takes a lock: a process may be killed at any
moment, and a lock that a dead one holds stops all others. All times are of the monotonic clock,
which is the same in all processes of a machine and knows no steps.
"""

import mmap
import time
from dataclasses import dataclass, field
from struct import calcsize

NAMES = (
    # the heartbeat process: its loop turns; the stores answered and the row is written
    "pulse_at",
    "ready_at",
    # entries that wait at the broker, as it last looked
    "waiting",
    # the engine: its guard turns; workers with a task in hand; entries handed to no worker yet
    "guard_at",
    "busy",
    "handed",
    # the broker gave an entry, or said that there is none
    "pulled_at",
    # a worker began, ended a task; its result was stored
    "begun_at",
    "ended_at",
    "stored_at",
)
NUMBER = calcsize("d")
# bytes of the message in which a process says why it ends
WORDS = 240


class Gauges:
    """Numbers by name and one message, in shared memory: made before the fork."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, NUMBER * len(NAMES) + WORDS)
        self._numbers = memoryview(self._memory)[: NUMBER * len(NAMES)].cast("d")

    def __getitem__(self, name: str) -> float:
        return float(self._numbers[NAMES.index(name)])

    def __setitem__(self, name: str, value: float) -> None:
        self._numbers[NAMES.index(name)] = value

    def now(self, name: str) -> None:
        """Set this gauge to the present time on the monotonic clock."""
        self[name] = time.monotonic()

    def note(self, words: str) -> None:
        """Leave a message for the supervisor, at most WORDS bytes; it replaces the one before."""
        start = NUMBER * len(NAMES)
        encoded = words.encode()[:WORDS]
        self._memory[start:] = encoded + b"\0" * (WORDS - len(encoded))

    def message(self) -> str:
        """Return the last message; empty where there is none."""
        start = NUMBER * len(NAMES)
        return self._memory[start:].rstrip(b"\0").decode(errors="replace")


@dataclass
class Standstill:
    """How long something has made no progress, as one observer sees it.

    Counts only time in which the observer itself ran, at most `longest_look` seconds a look: a
    pause of the whole machine is held against nobody.
    """

    longest_look: float = 1.0
    seconds: float = 0.0
    _progress: float | None = field(default=None)
    _looked_at: float | None = field(default=None)

    def look(self, now: float, *, stands: bool, progress: float) -> float:
        """Return the seconds without progress so far; 0 when it does not stand, or has moved on.

        `progress` is any number that changes with it.
        """
        before = self._looked_at if self._looked_at is not None else now
        if not stands or progress != self._progress:
            self.seconds = 0.0
        else:
            self.seconds += min(now - before, self.longest_look)
        self._progress, self._looked_at = progress, now
        return self.seconds
