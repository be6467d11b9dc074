"""What a target level asks for and what held lately: how much of it is still missing.

Pure. The shares are the minimums of `scoring.levels.rows.ROWS`; no date is ever predicted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from opic.lib.levels import Level
from scoring.levels.rows import ROWS
from scoring.levels.speech_functions import EASY_FUNCTIONS, FUNCTIONS, LAST_MARKS

MOST_ROWS = 4
LEAST_MARKS = 3  # with fewer nothing is enough


class Share(TextChoices):
    """How often a function has to hold for a level, in words."""

    NEARLY_ALL = "nearly_all"
    FOUR_IN_FIVE = "four_in_five"
    TWO_IN_THREE = "two_in_three"
    MORE_THAN_HALF = "more_than_half"
    A_THIRD = "a_third"
    SOME = "some"


LEAST_OF = {
    Share.NEARLY_ALL: 0.85,
    Share.FOUR_IN_FIVE: 0.75,
    Share.TWO_IN_THREE: 0.65,
    Share.MORE_THAN_HALF: 0.5,
    Share.A_THIRD: 0.25,
    Share.SOME: 0.0,
}


@dataclass(frozen=True)
class Gap:
    """One function: how often it held lately, and how often the target needs it to hold.

    `asked` 0: there is no evidence yet. `is_enough`: what held lately reaches that share.
    """

    function: str
    held: int
    asked: int
    needs: Share
    is_enough: bool


def marks_of(facts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return function -> its marks, held (1) or not (0), in the order of the days.

    `facts` are those of `DaySummary`, oldest day first.
    """
    by_name: dict[str, str] = {}
    for one in facts:
        for name, marks in one.get("functions", {}).items():
            by_name[name] = by_name.get(name, "") + marks
    return by_name


def gaps_to(target: Level, marks: Mapping[str, str]) -> list[Gap]:
    """Return the functions that the target depends on, at most four, what is missing first.

    `marks` is what `marks_of` returns. Empty for the lowest level, which asks for nothing.
    """
    row = next((row for row in ROWS if row.level == target), None)
    # the lowest level asks for nothing
    if row is None:
        return []
    names = EASY_FUNCTIONS if row.advanced is None else FUNCTIONS
    share = row.intermediate if row.advanced is None else row.advanced
    gaps = [_gap(name, marks.get(name, ""), share) for name in sorted(set(names.values()))]
    return sorted(gaps, key=lambda gap: (gap.is_enough, _share(gap), gap.function))[:MOST_ROWS]


def _gap(name: str, marks: str, share: float) -> Gap:
    last = marks[-LAST_MARKS:]
    held = last.count("1")
    is_enough = len(last) >= LEAST_MARKS and held / len(last) + 1e-9 >= share
    return Gap(name, held, len(last), share_name(share), is_enough)


def _share(gap: Gap) -> float:
    return (gap.held + 1) / (gap.asked + 2)


def share_name(share: float) -> Share:
    """Return the largest `Share` that a share from 0 to 1 reaches."""
    return next(name for name, least in LEAST_OF.items() if share + 1e-9 >= least)
