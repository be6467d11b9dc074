"""What a day's responses add up to, as plain values for a JSON column. Pure.

Judgements count as values (met 1, partly 1/2, not 0). A measure has no level and enters nothing
that speaks of levels. Strength and evidence look at first takes only: a second try shows practice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from opic.lib.levels import Level
from scoring.audio.pauses import in_todays_figures
from scoring.levels.speech_functions import HELD_FROM, function_of, holds, standard_of
from scoring.levels.verdicts import WORTH, Criterion, Standard, Verdict

# raise it with every change of what a day holds: facts of another version are made anew when read
FACTS_VERSION = 3
MEASURED = ("words_per_minute", "speech_rate", "mean_run_seconds", "mean_pause_seconds")
MOST_SHOWN = 24  # first takes of a day whose judgements are kept one by one
MOST_IN_A_ROW = 12  # held or not, of a kind and of a function
LETTERS = {Verdict.MET: "M", Verdict.PARTLY: "P", Verdict.NOT: "N"}
VERDICTS = {letter: verdict for verdict, letter in LETTERS.items()}


@dataclass(frozen=True)
class ResponseFacts:
    """One final response as its day counts it; it has a `level` only where it was rated."""

    item_type: str
    topic: str
    is_first: bool = False
    is_weak: bool = False
    by_person: bool = False
    level: int | None = None
    points: int | None = None
    criteria: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    measures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shows(self) -> bool:
        """Return whether it is a rated first take."""
        return self.is_first and self.level is not None

    @property
    def place(self) -> int:
        """Return its points, 0 to 100; those of the level where a person gave no more than that."""
        if self.points is not None:
            return self.points
        return round(100 * ((self.level or Level.NL) - Level.NL) / (Level.AL - Level.NL))

    def values(self, standard: Standard) -> list[float]:
        """Return the values judged at a standard; none where a person gave a level alone."""
        rows = (self.criteria.get(criterion.value, {}) for criterion in Criterion)
        return [WORTH[Verdict(row[standard.value])] for row in rows if row.get(standard.value)]

    def held(self, standard: Standard) -> bool | None:
        """Return whether a standard held; None where this item type says nothing about it."""
        if self.by_person:
            return (self.level or Level.NL) >= HELD_FROM[standard]
        values = self.values(standard)
        return holds(values) if values else None


def facts_of(
    responses: Sequence[ResponseFacts], held: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return the facts of a day for `DaySummary.facts`, by its responses in their order. `held` are
    (topic, task) pairs of the day's board.
    """
    shown = [response for response in responses if response.shows]
    rated = [response for response in responses if response.level is not None]
    return {
        "v": FACTS_VERSION,
        "criteria": _criteria(rated),
        "types": _types(responses),
        "topics": _topics(shown),
        "functions": _functions(shown),
        "measures": _measures(responses),
        "held": [list(pair) for pair in held],
        "levels": {str(level): n for level, n in Counter(one.level for one in rated).items()},
        "shown": [_as_row(response) for response in shown[-MOST_SHOWN:]],
    }


def _criteria(rated: Iterable[ResponseFacts]) -> dict[str, list[float]]:
    """Return criterion -> sum and number at Intermediate, sum and number at Advanced."""
    values: dict[str, list[float]] = {}
    for response in rated:
        for criterion in Criterion:
            row = response.criteria.get(criterion.value, {})
            for at, standard in enumerate(Standard):
                if verdict := row.get(standard.value):
                    sums = values.setdefault(criterion.value, [0, 0, 0, 0])
                    sums[2 * at] += WORTH[Verdict(verdict)]
                    sums[2 * at + 1] += 1
    return values


class OfType(NamedTuple):
    """One item type on one day, stored as a list in this order.

    `answers`: responses of any sort. `rated`, `points`: rated first takes and their points.
    `lower`, `upper`: whether these held (1) or not (0) at Intermediate and at Advanced, in order.
    """

    answers: int = 0
    rated: int = 0
    points: int = 0
    lower: str = ""
    upper: str = ""


def _types(responses: Iterable[ResponseFacts]) -> dict[str, OfType]:
    types: dict[str, OfType] = {}
    for response in responses:
        row = types.get(response.item_type, OfType())
        row = row._replace(answers=row.answers + 1)
        if response.shows:
            row = row._replace(
                rated=row.rated + 1,
                points=row.points + response.place,
                lower=_one_more(row.lower, response.held(Standard.INTERMEDIATE)),
                upper=_one_more(row.upper, response.held(Standard.ADVANCED)),
            )
        types[response.item_type] = row
    return types


def _topics(shown: Iterable[ResponseFacts]) -> dict[str, list[int]]:
    """Return topic -> rated first takes and their points."""
    topics: dict[str, list[int]] = {}
    for response in shown:
        row = topics.setdefault(response.topic, [0, 0])
        row[0] += 1
        row[1] += response.place
    return topics


def _functions(shown: Iterable[ResponseFacts]) -> dict[str, str]:
    """Return function -> held (1) or not (0) at the standard it is judged at, in order."""
    functions: dict[str, str] = {}
    for response in shown:
        name, held = function_of(response.item_type), response.held(standard_of(response.item_type))
        functions[name] = _one_more(functions.get(name, ""), held)
    return {name: marks for name, marks in functions.items() if marks}


def _one_more(marks: str, held: bool | None) -> str:
    return marks if held is None else f"{marks}{held:d}"[-MOST_IN_A_ROW:]


def _measures(responses: Iterable[ResponseFacts]) -> dict[str, list[float]]:
    """Return measure -> sum and number."""
    values: dict[str, list[float]] = {}
    for response in responses:
        measures = in_todays_figures(response.measures)
        if not measures.get("is_heard"):
            continue
        for name in MEASURED:
            sums = values.setdefault(name, [0.0, 0])
            sums[0] = round(sums[0] + float(measures[name]), 3)
            sums[1] += 1
    return values


class Shown(NamedTuple):
    """What one rated first take showed: judgements as letters, or a person's level alone.

    Stored as a list; the order of the fields belongs to `FACTS_VERSION`.
    """

    item_type: str
    lower: str
    upper: str
    is_weak: bool
    level: int
    by_person: bool

    def criteria(self) -> dict[str, dict[str, str]]:
        """Return the judgements in the form of `Rating.criteria`."""
        rows: dict[str, dict[str, str]] = {}
        pairs = ((Standard.INTERMEDIATE, self.lower), (Standard.ADVANCED, self.upper))
        for standard, letters in pairs:
            for criterion, letter in zip(Criterion, letters, strict=False):
                if letter in VERDICTS:
                    rows.setdefault(criterion.value, {})[standard.value] = VERDICTS[letter].value
        return rows


def _as_row(response: ResponseFacts) -> Shown:
    return Shown(
        item_type=response.item_type,
        lower=_letters(response.criteria, Standard.INTERMEDIATE),
        upper=_letters(response.criteria, Standard.ADVANCED),
        is_weak=response.is_weak,
        level=response.level or Level.NL,
        by_person=response.by_person,
    )


def _letters(criteria: Mapping[str, Mapping[str, Any]], standard: Standard) -> str:
    verdicts = [criteria.get(criterion.value, {}).get(standard.value) for criterion in Criterion]
    if not any(verdicts):
        return ""
    return "".join(LETTERS[Verdict(one)] if one else "-" for one in verdicts)


def rows_shown(days: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """Return what the first takes of all days showed, in their order; `days` are facts of days."""
    return [Shown._make(row) for facts in days for row in facts.get("shown", [])]
