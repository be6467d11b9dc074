"""What every rater is: frozen values in and out, its own time-out, one error that says whether to
try again.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class RatingJob:
    """One answer to judge. Holds no model instance, so that a rater can touch no row."""

    response_id: str
    item_type: str
    prompt_text: str
    measures: dict[str, Any]
    probes_advanced: bool
    feedback_language: str = "en"


@dataclass(frozen=True)
class Heard:
    """What was said, as heard: nothing judged, nothing mended."""

    transcript: str
    model: str = ""
    instruction_version: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Feedback:
    """What a rater gives back. A band without a level is a measure; see `scoring.feedback`."""

    kind: str
    band_low: int | None = None
    band_high: int | None = None
    level_low: int | None = None
    level_high: int | None = None
    criteria: dict[str, Any] = field(default_factory=dict)
    advice: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, Any] = field(default_factory=dict)


class RaterError(Exception):
    """No rating this time. `retry`: it may work later, after `after_seconds`."""

    def __init__(self, message: str, *, retry: bool, after_seconds: float = 30.0) -> None:
        super().__init__(message)
        self.retry, self.after_seconds = retry, after_seconds


class Rater(Protocol):
    name: str

    def hear(self, job: RatingJob, sound: bytes) -> Heard | None: ...

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback: ...
