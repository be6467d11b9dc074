"""What every rater is: frozen values in and out, its own time-out, one error that says whether to
try again.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from scoring.audio.codec import Sound
from scoring.raters.usage import NoUsageRecorder, UsageRecorder


@dataclass(frozen=True)
class RatingJob:
    """One answer to judge. Holds no model instance, so that a rater can touch no row."""

    response_id: str
    item_type: str
    prompt_text: str
    measures: dict[str, Any]
    probes_advanced: bool
    feedback_language: str = "en"
    points: tuple[str, ...] = ()
    secret: str = ""  # for the marks of a message: nobody who speaks knows it
    is_retake: bool = False
    is_recited: bool = False  # found by us in what this speaker or our samples said before
    usage_recorder: UsageRecorder = field(default_factory=NoUsageRecorder)


@dataclass(frozen=True)
class Heard:
    """What was said, as heard: nothing judged, nothing mended."""

    transcript: str
    model: str = ""
    instruction_version: str = ""
    language: str = "english"  # english, mixed, other, none
    details: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"transcript": self.transcript, "language": self.language, **self.details}

    @classmethod
    def from_dict(cls, stored: dict[str, Any], *, model: str, version: str) -> "Heard":
        """Return what a former try heard: a retry need not hear again."""
        more = {
            name: value for name, value in stored.items() if name not in ("transcript", "language")
        }
        return cls(stored["transcript"], model, version, stored.get("language", "english"), more)


@dataclass(frozen=True)
class Feedback:
    """What a rater gives back; with a band and no level it is a measure (`levels.delivery`)."""

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
    """No rating this time. `retry`: it may work later, after `after_seconds`. `is_vendor`: who we
    asked is busy or down, which costs the answer no try. Without either a person should listen:
    the model's word is not to be had or not to be trusted.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool,
        after_seconds: float = 30.0,
        is_vendor: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry, self.after_seconds, self.is_vendor = retry, after_seconds, is_vendor


class Rater(Protocol):
    name: str

    def hear(self, job: RatingJob, sound: Sound) -> Heard | None: ...

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback: ...


EMBEDDED = "fluency"
