"""A model on loopback that remembers who asked what: one hearing and one rating an answer, no more,
unless the worker that asked was killed.
"""

import random
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests import processes
from tests.faults import roles
from tests.faults.load import TOKEN, token_of
from tests.gemini.scripts import example, hears, judged, rates
from tests.gemini.server import Call, FakeGemini, ScriptedReply

SECONDS = (0.2, 1.0)  # of one call
TRANSCRIPT = "I usually go to the park near my house on Sunday"
QUOTED = ("I usually go to", "go to the park", "the park near my", "my house on Sunday", TRANSCRIPT)


@dataclass(frozen=True)
class Asked:
    """One call on the wire: what for, by which process, when it came and when it is answered."""

    kind: str
    token: str
    pid: int
    begun: float
    ended: float


def _judgements() -> list[dict[str, Any]]:
    """Those of a graded example, their evidence taken from what was heard here."""
    rows = judged(example("past-im2-a"))["judgements"]
    return [{**one, "q": [QUOTED[at % len(QUOTED)]]} for at, one in enumerate(rows)]


def owner_of(port: int) -> int:
    """The process of this machine whose end of a loopback connection has this port; 0: gone."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next((row[9] for row in rows if int(row[1].split(":")[1], 16) == port), "0")
    askers = [one.pid for one in processes.everything() if one.role == "opic-worker"]
    return next((pid for pid in askers if f"socket:[{inode}]" in _open_files(pid)), 0)


def _open_files(pid: int) -> set[str]:
    try:
        return {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()


class Model:
    """The loopback model and its own account of what it was asked."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.asked: list[Asked] = []
        self.again: list[tuple[Asked, bool]] = []  # a call made before, and was its process alive?
        self.lock = threading.Lock()
        self.judge = rates(example("past-im2-a"), judgements=_judgements())
        self.fake = FakeGemini(self.hear, self.rate)

    def environment(self) -> dict[str, str]:
        return {
            "GEMINI_API_KEY": self.fake.key,
            "GEMINI_API_ENDPOINT": self.fake.url,
            "OPIC_DAILY_RATINGS_PER_USER": "100000",
            "OPIC_DAILY_RATINGS_SITE": "1000000",
        }

    def hear(self, call: Call) -> ScriptedReply:
        token = token_of(call.sound)
        words = f"{TRANSCRIPT}. My ticket says {token}."
        return self._slowly(hears(words)(call), call, token)

    def rate(self, call: Call) -> ScriptedReply:
        token = TOKEN.search(" ".join(call.texts))
        return self._slowly(self.judge(call), call, token.group() if token else "")

    def _slowly(self, made: ScriptedReply, call: Call, token: str) -> ScriptedReply:
        now, pid = time.monotonic(), owner_of(call.port)
        with self.lock:
            latency = self.rng.uniform(*SECONDS)
            before = [one for one in self.asked if (one.kind, one.token) == (call.kind, token)]
            self.again += [(one, roles.is_alive(one.pid)) for one in before[-1:]]
            self.asked.append(Asked(call.kind, token, pid, now, now + latency))
        return replace(made, latency=latency)
