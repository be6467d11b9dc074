"""The interface of raters: frozen values in and out, and one error that says whether to retry.

A rater keeps its own time-out.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from django.conf import settings

from opic.lib.adapters import load_adapter
from scoring.audio.codec import Sound
from scoring.model_clients.usage import NoUsageRecorder, UsageRecorder
from scoring.reasons import Reason


@dataclass(frozen=True)
class RatingJob:
    """One response to judge, in plain values: without a model instance a rater can touch no row."""

    response_id: str
    item_type: str
    prompt_text: str
    measures: dict[str, Any]
    probes_advanced: bool
    feedback_language: str = "en"
    points: tuple[str, ...] = ()
    secret: str = ""  # for the marks of a message: nobody who speaks knows it
    asked_before: tuple[str, ...] = ()  # questions of the same hours: said again, no evidence
    is_retake: bool = False
    is_recited: bool = False  # found by us in what this speaker or our samples said before
    usage_recorder: UsageRecorder = field(default_factory=NoUsageRecorder)

    @property
    def asked(self) -> tuple[str, ...]:
        """Return the question and those asked before it, whose words are no evidence."""
        return self.prompt_text, *self.asked_before


@dataclass(frozen=True)
class Heard:
    """What was said, word for word: nothing is judged or corrected."""

    transcript: str
    model: str = ""
    instruction_version: str = ""
    language: str = "english"  # english, mixed, other, none
    details: dict[str, Any] = field(default_factory=dict)

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


@dataclass(frozen=True)
class Feedback:
    """What a rater gives back: a level range, or a measure with a band and no level.

    Levels and bands are numbers of `Level`. A band comes from `scoring.levels.delivery`.
    """

    kind: str
    band_low: int | None = None
    band_high: int | None = None
    level_low: int | None = None
    level_high: int | None = None
    level: int | None = None
    points: int | None = None  # 0-100, for trends
    sureness: str = ""
    is_weak: bool = False  # recited: shown, half the weight in a level of several answers
    criteria: dict[str, Any] = field(default_factory=dict)
    advice: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, Any] = field(default_factory=dict)


class RaterError(Exception):
    """No rating this time.

    `retry`: another try may work, `after_seconds` from now. `is_vendor`: the service we asked is
    busy or down, which costs the response no try. With neither a person should listen, because of
    `reason`: there is no reply from the model, or it cannot be trusted.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool,
        after_seconds: float = 30.0,
        is_vendor: bool = False,
        reason: str = Reason.REPLY,
    ) -> None:
        super().__init__(message)
        self.retry, self.after_seconds, self.is_vendor = retry, after_seconds, is_vendor
        self.reason = reason


class Rater(Protocol):
    """An adapter that hears and rates one response."""

    name: str

    def warm(self) -> None:
        """Load, before workers fork, what the first response would wait for."""

    def hear(self, job: RatingJob, sound: Sound) -> Heard | None:
        """Return what was said; None from a rater that recognises no words. Raises RaterError."""

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return the rating of what was heard. Raises RaterError."""


EMBEDDED = "fluency"


def models_asked() -> str:
    """Return which models the chosen rater asks: a stored rating of others is not used again."""
    if settings.OPIC_RATER == "openai":
        return f"{settings.OPIC_LLM_MODEL} {settings.OPIC_LLM_URL}"
    return ",".join(settings.GEMINI_MODELS)


def get_rater(name: str | None = None) -> Rater:
    """Return the rater of this short name, or the one that the settings chose. Raises KeyError."""
    return cast(Rater, load_adapter("rater", name))
