"""The other responses of the same person to the same prompt, shown beside one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format

from materials.models import PromptRevision
from scoring.display.rating import level_text, withhold_level
from scoring.models import Response

COMPARED = 10
FIGURES = (("words_per_minute", 0), ("mean_run_seconds", 1), ("mean_pause_seconds", 1))


@dataclass(frozen=True)
class Other:
    """One response to the same prompt: when, what it showed, its main measures as text."""

    response: Response
    when: str
    note: str
    is_level: bool
    figures: Sequence[str]  # empty: nothing was measured
    is_this: bool


def _figures(measures: dict[str, Any] | None) -> list[str]:
    if not measures:
        return []
    return [number_format(round(measures[name], places), places) for name, places in FIGURES]


def _other(one: Response, this: Response) -> Other:
    level = level_text(one.shown_rating)
    return Other(
        response=one,
        when=date_format(timezone.localtime(one.recorded_at), "SHORT_DATETIME_FORMAT"),
        note=level or str(one.get_status_display()),
        is_level=bool(level),
        figures=_figures(one.measures),
        is_this=one.pk == this.pk,
    )


def other_responses_for(response: Response, embargo_start: datetime | None = None) -> list[Other]:
    """Return the newest responses to the same prompt, this one among them; [] where it is alone.

    What was recorded since `embargo_start` is printed without its rating.
    """
    asked = PromptRevision.objects.filter(prompt=response.revision.prompt_id)
    same = Response.objects.filter(speaker=response.speaker_id, revision__in=asked)
    rows = same.select_related("shown_rating").order_by("-recorded_at", "-pk")
    columns = ("recorded_at", "status", "measures")
    shown = ("shown_rating__level_low", "shown_rating__level_high")
    others = [
        _other(withhold_level(one, embargo_start), response)
        for one in rows.only(*columns, *shown)[:COMPARED]
    ]
    return [] if all(one.is_this for one in others) else others
