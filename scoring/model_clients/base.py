"""What every client of a model takes and gives: one request, one reply, one error.

A client keeps its own time-out, retries nothing and waits for nothing: the caller decides when to
come back. It knows nothing of ratings.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from scoring.model_clients.usage import Usage, UsageRecorder

UNKNOWN_DELAY = 30.0
DAY_QUOTA_DELAY = 3600.0
OPERATOR_DELAY = 600.0  # a key or a name that somebody has to correct
LONGEST_DELAY = 86_400.0
# on the safe side, where nobody counted
CHARACTERS_A_TOKEN = 3
AUDIO_TOKENS_A_SECOND = 32

# nothing was made of what was sent, so nobody charges for it
FREE = frozenset(
    {"busy", "day_quota", "down", "unreachable", "refused", "key", "gone", "deaf", "crashed"}
)
# what an operator can put right
WORDS = {
    "key": "the key is refused",
    "gone": "there is no such model",
    "deaf": "the model does not take sound",
}

Made = TypeVar("Made")


@dataclass(frozen=True)
class Ask:
    """One request to a model. `schema` is plain JSON schema: types, enums, required."""

    kind: str  # of the recorded call: hear, rate
    instruction: str
    texts: Sequence[str]
    schema: Mapping[str, Any]
    most_output: int
    sound: bytes = b""
    sound_type: str = "audio/flac"
    sound_seconds: float = 0.0


@dataclass(frozen=True)
class Reply:
    """Text of a reply that ended by itself; not yet validated."""

    text: str
    model: str
    usage: Usage
    counts_sound: bool = True  # whether this vendor says how many tokens of sound it counted


@dataclass
class ModelError(Exception):
    """No usable reply.

    `kind`: busy, day_quota, down, timeout, unreachable, refused, key, gone, deaf, blocked, cut,
    empty. `after_seconds`: how long to wait before another try; None where none makes sense. Its
    text names nothing that was sent or received.
    """

    kind: str
    after_seconds: float | None = None
    model: str = ""
    usage: Usage = field(default_factory=Usage)

    def __str__(self) -> str:
        why = WORDS.get(self.kind, "")
        return f"{self.kind} ({self.model}): {why}" if why else f"{self.kind} ({self.model})"


class ModelClient(Protocol):
    """A client of one vendor's models."""

    name: str
    sound_type: str  # in which it takes recordings

    def warm(self) -> None:
        """Load, before workers fork, what the first call would wait for."""

    def generate(self, ask: Ask, usage_recorder: UsageRecorder) -> Reply:
        """Ask a model, every call recorded. Raises ModelError."""


def recorded(
    ask: Ask, model: str, usage_recorder: UsageRecorder, call: Callable[[], Reply]
) -> Reply:
    """Make one call, recorded before it is made and whatever its outcome. Raises ModelError.

    Where the vendor counted nothing, what it may have charged for is recorded.
    """
    number, begun = usage_recorder.opened(ask.kind, model), time.monotonic()
    outcome, usage = "crashed", Usage()
    try:
        reply = call()
        outcome, usage = "ok", reply.usage
        return reply
    except ModelError as exc:
        outcome, usage = exc.kind, exc.usage
        raise
    finally:
        if usage == Usage() and outcome not in FREE:
            usage = most_used(ask)
        usage_recorder.closed(
            number, outcome=outcome, usage=usage, seconds=time.monotonic() - begun
        )


def most_used(ask: Ask) -> Usage:
    """Return the most tokens that a call can have used, by what was sent and may come back."""
    sent = sum(map(len, [ask.instruction, *ask.texts, json.dumps(ask.schema)]))
    return Usage(
        audio=math.ceil(AUDIO_TOKENS_A_SECOND * ask.sound_seconds),
        text=math.ceil(sent / CHARACTERS_A_TOKEN),
        output=ask.most_output,
    )


def within(seconds: float, call: Callable[[], Made], give_up: Callable[[], None]) -> Made:
    """Run a call within this time in all. Raises TimeoutError, after `give_up` has ended the call.

    Limits of libraries are for each read: a body that drips in byte by byte would hold a worker for
    hours.
    """
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call).result(seconds)
    except TimeoutError:
        give_up()
        raise
    finally:
        pool.shutdown(wait=False)


def read_seconds(text: Any) -> float:
    """Return the seconds of `54s`, `1.5s` or `7`; `UNKNOWN_DELAY` for what cannot be read."""
    try:
        seconds = float(str(text).rstrip("s"))
    except ValueError:
        return UNKNOWN_DELAY
    # `nan` is not >= 0 either
    return min(seconds, LONGEST_DELAY) if seconds >= 0 else UNKNOWN_DELAY
