"""Learners at work: real answers over real HTTP, sent again under the same key until the server
says "saved", as a device does.
"""

import hashlib
import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.client import multipart
from tests.scoring import recordings

PATIENCE = 30.0  # seconds a device waits for a reply before it tries again
LONGEST_PAUSE = 2.0  # between two tries; a browser waits longer, which would only hide time


@dataclass
class SpokenResponse:
    """One recorded answer on its way. Times are the harness's own monotonic clock."""

    key: str
    seconds: float
    begun: float
    tries: int = 0
    saved: float = 0.0
    response: str = ""
    refused: str = ""


@dataclass
class Where:
    """How a device reaches the product: port, and what a proxy would add."""

    port: int
    cookie: str = "sessionid"
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] = b"", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body; 0 when nobody answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {**self.headers, **headers})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()


# made before any thread: the voice's library bears one caller at a time
_WHOLE = recordings.speech(120)


def spoken(rng: random.Random) -> tuple[bytes, float]:
    """Four to six seconds of speech that nobody said before: the same sound asks no model twice."""
    seconds = rng.uniform(4.0, 6.0)
    start = rng.randrange(len(_WHOLE) - int(7 * recordings.RATE))
    part = _WHOLE[start : start + int(seconds * recordings.RATE)]
    return recordings.as_container(part), seconds


@dataclass
class Device:
    """One learner with one device: speaks, sends until it is saved, looks at pages between."""

    where: Where
    person: dict[str, Any]
    rng: random.Random
    gap: tuple[float, float]
    go: threading.Event
    end: threading.Event
    responses: list[SpokenResponse] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def live(self) -> None:
        while not self.end.is_set():
            if not self.go.wait(0.2):
                continue
            self.speak()
            self.look()
            self.end.wait(self.rng.uniform(*self.gap))

    def speak(self) -> SpokenResponse:
        """Returns when the answer is saved (or refused for good, which the verdict counts)."""
        data, seconds = spoken(self.rng)
        ticket = self.person["tickets"].pop()
        response = SpokenResponse(ticket["key"], seconds, time.monotonic())
        self.responses.append(response)
        body, kind = multipart(ticket["key"], data)
        more = {"X-Upload-Token": ticket["token"], "Content-Type": kind}
        while not (response.saved or response.refused):
            response.tries += 1
            status, reply = self.where.ask("POST", self.person["upload"], body, **more)
            pause = self._understand(response, status, reply)
            if not response.saved and self.end.wait(pause):
                break
        return response

    def _understand(self, response: SpokenResponse, status: int, reply: bytes) -> float:
        """Note what the server said; seconds until the next try."""
        try:
            payload = dict(json.loads(reply))
        except ValueError:
            self.codes[f"upload {status} {'no reply' if not status else 'not JSON'}"] += 1
            return min(0.2 * response.tries, LONGEST_PAUSE)
        self.codes[f"upload {status} JSON"] += 1
        if payload.get("status") == "saved":
            response.response, response.saved = payload["response"], time.monotonic()
        elif not payload.get("keep"):
            response.refused = json.dumps(payload)
        return min(0.2 * response.tries, LONGEST_PAUSE)

    def look(self) -> None:
        """A page between two answers; what it says is judged by other tests."""
        path = self.rng.choice(["/", "/practice/", f"/practice/prompts/{self.person['prompt']}/"])
        cookie = f"{self.where.cookie}={self.person['cookie']}"
        status, _body = self.where.ask("GET", path, Cookie=cookie)
        self.codes[f"page {status}"] += 1


class Load:
    """So many devices in threads; `pause` lets what is on its way arrive and keeps quiet."""

    def __init__(
        self, where: Where, people: list[dict[str, Any]], seed: int, gap: tuple[float, float]
    ) -> None:
        self.go, self.end = threading.Event(), threading.Event()
        self.devices = [
            Device(where, person, random.Random(f"{seed}-{number}"), gap, self.go, self.end)
            for number, person in enumerate(people)
        ]
        self.threads = [threading.Thread(target=device.live) for device in self.devices]

    def responses(self) -> list[SpokenResponse]:
        return [response for device in self.devices for response in list(device.responses)]

    def codes(self) -> Counter[str]:
        return sum((device.codes for device in self.devices), Counter())

    def __enter__(self) -> "Load":
        self.go.set()
        for thread in self.threads:
            thread.start()
        return self

    def pause(self) -> None:
        self.go.clear()

    def resume(self) -> None:
        self.go.set()

    def __exit__(self, *_error: Any) -> None:
        self.end.set()
        for thread in self.threads:
            thread.join(PATIENCE + 10)


def token_of(sound: bytes) -> str:
    """A word made of the sound itself: heard by the loopback model, it comes back in the words to
    be rated, so that both calls of one answer are known on the wire.
    """
    digest = hashlib.sha256(sound).hexdigest()[:12]
    return "zq" + digest.translate(str.maketrans("0123456789", "ghijklmnop"))


TOKEN = re.compile(r"\bzq[a-p]{12}\b")
