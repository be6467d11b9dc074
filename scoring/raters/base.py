"""The interface of raters: frozen values in and out, and `AdapterError` that says whether to retry.

A rater keeps its own time-out.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from django.conf import settings

from opic.lib.adapters import load_adapter
from opic.lib.levels import DEFAULT_TARGET
from scoring.ears.base import Heard
from scoring.model_clients.usage import NoUsageRecorder, UsageRecorder


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
    target: int = int(DEFAULT_TARGET)  # a number of `Level`
    advised_lately: tuple[str, ...] = ()  # keys of the advice of the last seven days
    switched_off: frozenset[str] = frozenset()  # corrections this speaker dismissed too often
    usage_recorder: UsageRecorder = field(default_factory=NoUsageRecorder)

    @property
    def asked(self) -> tuple[str, ...]:
        """Return the question and those asked before it, whose words are no evidence."""
        return self.prompt_text, *self.asked_before


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
    facts: dict[str, Any] = field(default_factory=dict)  # of a measure whose words were heard
    versions: dict[str, Any] = field(default_factory=dict)


class Rater(Protocol):
    """An adapter that judges what was heard in one response."""

    name: str

    def warm(self) -> None:
        """Load, before workers fork, what the first response would wait for."""

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return the rating of what was heard. Raises AdapterError."""


FLUENCY, BUILTIN = "fluency", "builtin"
EMBEDDED = frozenset({FLUENCY, BUILTIN})  # they send nothing anywhere, and give no level


def is_embedded() -> bool:
    """Return whether the chosen rater is embedded: nothing is judged elsewhere, no level comes."""
    return settings.OPIC_RATER in EMBEDDED


def fills_board() -> bool:
    """Return whether words are heard and judged here, which is what fills a board."""
    return settings.OPIC_RATER != FLUENCY


def models_asked() -> str:
    """Return which models the chosen rater asks: a stored rating of others is not used again."""
    if settings.OPIC_RATER == "openai":
        return f"{settings.OPIC_LLM_MODEL} {settings.OPIC_LLM_URL}"
    return ",".join(settings.GEMINI_MODELS)


def get_rater(name: str | None = None) -> Rater:
    """Return the rater of this short name, or the one that the settings chose. Raises KeyError."""
    return cast(Rater, load_adapter("rater", name))
