"""The interface of ears: a recording in, words out, and `AdapterError` that says whether to retry.

Ears judge nothing and correct nothing. They keep their own time-out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from django.conf import settings

from opic.lib.adapters import load_adapter
from scoring.audio.codec import Sound
from scoring.model_clients.usage import NoUsageRecorder, UsageRecorder

LOCAL = "local"  # the ears that run on this machine


@dataclass(frozen=True)
class Heard:
    """What was said, word for word: nothing is judged or corrected.

    `details`: `stretches`, pieces of speech as rows of text, `at` (seconds or None) and `clear`;
    `words`, from ears that time each word, as rows of text, start, end (seconds in the recording)
    and probability (0 to 1); `is_whole`, False while the rest is still to be heard.
    """

    transcript: str
    model: str = ""
    instruction_version: str = ""
    language: str = "english"  # english, mixed, other, none
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Return whether all of the recording was heard."""
        return bool(self.details.get("is_whole", True))

    def as_dict(self) -> dict[str, Any]:
        """Return the plain values that `Hearing.heard` stores."""
        return {"transcript": self.transcript, "language": self.language, **self.details}

    @classmethod
    def from_dict(cls, stored: dict[str, Any], *, model: str, version: str) -> "Heard":
        """Return what an earlier try heard, from `Hearing.heard`: a retry need not hear again."""
        more = {
            name: value for name, value in stored.items() if name not in ("transcript", "language")
        }
        return cls(stored["transcript"], model, version, stored.get("language", "english"), more)


def _drop(_heard: Heard) -> None:
    """Keep nothing: who asked wants the end alone."""


@dataclass(frozen=True)
class HearingJob:
    """One recording to hear, in plain values.

    `heard_before`: the beginning, from a try that broke off. `note` takes all that was heard so
    far, each time there is more.
    """

    response_id: str
    measures: dict[str, Any]
    usage_recorder: UsageRecorder = field(default_factory=NoUsageRecorder)
    heard_before: Heard | None = None
    note: Callable[[Heard], None] = _drop


class Ears(Protocol):
    """An adapter that hears one response."""

    name: str

    @property
    def version(self) -> str:
        """Return what hears, and how: under another version it is heard anew."""

    def warm(self) -> None:
        """Load, before workers fork, what the first response would wait for."""

    def hear(self, job: HearingJob, sound: Sound) -> Heard:
        """Return what was said. Raises AdapterError."""


NO_EARS = "none"


def has_local_ears() -> bool:
    """Return whether this machine can hear by itself: packages and weights are there."""
    return bool(settings.OPIC_HAS_LOCAL_EARS)


def get_ears(name: str | None = None) -> Ears | None:
    """Return the ears of this short name, or those that the settings chose; None for `none`.

    Raises KeyError.
    """
    chosen = name or settings.OPIC_EARS
    return None if chosen == NO_EARS else cast(Ears, load_adapter("ears", chosen))
