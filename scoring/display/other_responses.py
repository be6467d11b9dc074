"""The other responses of the same person to the same prompt, shown beside one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from accounts.level_embargo import is_withheld
from materials.models import PromptRevision
from opic.lib.levels import NO_BREAK_HYPHEN
from scoring.display.measure_rows import CHANGES, figure_text, rounded, shown_figures
from scoring.display.rating import level_text
from scoring.levels.delivery import Verdict, verdict_since
from scoring.models import Response

COMPARED = 10
FIGURES = ("words_per_minute", "mean_run_seconds", "mean_pause_seconds", "length_seconds")


@dataclass(frozen=True)
class OtherFigure:
    """One figure of one response, and how it stands beside the response before."""

    text: str
    verdict: str = ""  # worse, fine or better; empty without a response before
    word: str = ""


@dataclass(frozen=True)
class Other:
    """One response to the same prompt: when, what it showed, its main measures as text."""

    response: Response
    when: str
    note: str
    is_level: bool
    figures: Sequence[OtherFigure]  # empty: nothing was measured
    is_this: bool


def _figure(name: str, now: dict[str, Any], before: dict[str, Any]) -> OtherFigure:
    value = rounded(name, now[name])
    text = figure_text(name, value)
    are_alike = name != "words_per_minute" or ("run_words" in now) == ("run_words" in before)
    if name not in before or not are_alike:
        return OtherFigure(text)
    verdict = verdict_since(name, value, rounded(name, before[name]))
    word = "" if verdict == Verdict.FINE else str(CHANGES[verdict])
    return OtherFigure(text, verdict.value, word)


def _other(one: Response, before: Response | None, this: Response, *, is_hidden: bool) -> Other:
    level = "" if is_hidden else level_text(one.shown_rating)
    now, old = shown_figures(one), shown_figures(before)
    when = date_format(timezone.localtime(one.recorded_at), "SHORT_DATETIME_FORMAT")
    return Other(
        response=one,
        when=when.replace("-", NO_BREAK_HYPHEN),
        note=level or str(one.get_status_display()),
        is_level=bool(level),
        figures=[_figure(name, now, old) for name in FIGURES] if now else [],
        is_this=one.pk == this.pk,
    )


def _to_same_prompt(response: Response) -> QuerySet[Response]:
    """Answers of this speaker to the same prompt in any wording, newest first."""
    asked = PromptRevision.objects.filter(prompt=response.revision.prompt_id)
    same = Response.objects.filter(speaker=response.speaker_id, revision__in=asked)
    rows = same.select_related("shown_rating").order_by("-recorded_at", "-pk")
    shown = ("kind", "level_low", "level_high", "facts")
    return rows.only(
        "recorded_at", "status", "measures", *(f"shown_rating__{name}" for name in shown)
    )


def responses_beside(response: Response) -> list[Response]:
    """Return the newest responses to the same prompt, this one among them, in one query."""
    return list(_to_same_prompt(response)[:COMPARED])


def response_before(response: Response) -> Response | None:
    """Return the response before to the same prompt, with its rating; None without one."""
    rows = _to_same_prompt(response).filter(recorded_at__lt=response.recorded_at)
    return rows.first()


def before_in(rows: Sequence[Response], response: Response) -> Response | None:
    """Return the one before in rows that are newest first; None where it is not among them."""
    return next((old for new, old in pairwise(rows) if new.pk == response.pk), None)


def other_responses_for(
    rows: Sequence[Response], response: Response, embargo_start: datetime | None = None
) -> list[Other]:
    """Return how rows of `responses_beside` are printed; [] where this response is alone.

    What was recorded since `embargo_start` is printed without its rating.
    """
    others = [
        _other(one, before, response, is_hidden=is_withheld(one.recorded_at, embargo_start))
        for one, before in zip(rows, [*rows[1:], None], strict=False)
    ]
    return [] if all(one.is_this for one in others) else others
