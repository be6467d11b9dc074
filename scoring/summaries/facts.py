"""What a day's answers come to, as plain values for a JSON column. Pure.

What is judged counts (met 1, partly 1/2, not 0); a measure has no level and enters nothing that
speaks of levels. Strength and evidence look at first takes only: a second try shows practice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from opic.lib.levels import Level
from scoring.levels.speech_functions import HELD_FROM, function_of, holds, standard_of
from scoring.levels.verdicts import WORTH, Criterion, Standard, Verdict

FACTS_VERSION = 1  # another one is made anew when it is read: raise it with what a day holds
MEASURED = ("words_per_minute", "speech_rate", "mean_run_seconds", "mean_pause_seconds")
MOST_SHOWN = 24  # first takes of a day whose judgements are kept one by one
MOST_IN_A_ROW = 12  # held or not, of a kind and of a function
LETTERS = {Verdict.MET: "M", Verdict.PARTLY: "P", Verdict.NOT: "N"}
VERDICTS = {letter: verdict for verdict, letter in LETTERS.items()}


@dataclass(frozen=True)
class Answer:
    """One final answer, as its day looks at it; `level` only where it was rated."""

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
        """A rated first take."""
        return self.is_first and self.level is not None

    @property
    def place(self) -> int:
        """0-100 on the scale; from the level where a person gave no more than that."""
        if self.points is not None:
            return self.points
        return round(100 * ((self.level or Level.NL) - Level.NL) / (Level.AL - Level.NL))

    def values(self, standard: Standard) -> list[float]:
        """What was judged at a standard; nothing of it where a person's word stands alone."""
        rows = (self.criteria.get(criterion.value, {}) for criterion in Criterion)
        return [WORTH[Verdict(row[standard.value])] for row in rows if row.get(standard.value)]

    def held(self, standard: Standard) -> bool | None:
        """None where this kind of question says nothing about it."""
        if self.by_person:
            return (self.level or Level.NL) >= HELD_FROM[standard]
        values = self.values(standard)
        return holds(values) if values else None


def facts_of(answers: Sequence[Answer]) -> dict[str, Any]:
    """In the order they were given."""
    shown = [answer for answer in answers if answer.shows]
    rated = [answer for answer in answers if answer.level is not None]
    return {
        "v": FACTS_VERSION,
        "criteria": _criteria(rated),
        "types": _types(answers),
        "topics": _topics(shown),
        "functions": _functions(shown),
        "measures": _measures(answers),
        "levels": {str(level): n for level, n in Counter(one.level for one in rated).items()},
        "shown": [_as_row(answer) for answer in shown[-MOST_SHOWN:]],
    }


def _criteria(rated: Iterable[Answer]) -> dict[str, list[float]]:
    """Criterion -> sum and number at Intermediate, sum and number at Advanced."""
    found: dict[str, list[float]] = {}
    for answer in rated:
        for criterion in Criterion:
            row = answer.criteria.get(criterion.value, {})
            for at, standard in enumerate(Standard):
                if verdict := row.get(standard.value):
                    sums = found.setdefault(criterion.value, [0, 0, 0, 0])
                    sums[2 * at] += WORTH[Verdict(verdict)]
                    sums[2 * at + 1] += 1
    return found


class OfType(NamedTuple):
    """One kind of question: answers of any sort, rated first takes, their points, what of these
    held (1) or not (0) at Intermediate and at Advanced, in order.
    """

    answers: int = 0
    rated: int = 0
    points: int = 0
    lower: str = ""
    upper: str = ""


def _types(answers: Iterable[Answer]) -> dict[str, OfType]:
    found: dict[str, OfType] = {}
    for answer in answers:
        row = found.get(answer.item_type, OfType())
        row = row._replace(answers=row.answers + 1)
        if answer.shows:
            row = row._replace(
                rated=row.rated + 1,
                points=row.points + answer.place,
                lower=_one_more(row.lower, answer.held(Standard.INTERMEDIATE)),
                upper=_one_more(row.upper, answer.held(Standard.ADVANCED)),
            )
        found[answer.item_type] = row
    return found


def _topics(shown: Iterable[Answer]) -> dict[str, list[int]]:
    """Topic -> rated first takes and their points."""
    found: dict[str, list[int]] = {}
    for answer in shown:
        row = found.setdefault(answer.topic, [0, 0])
        row[0] += 1
        row[1] += answer.place
    return found


def _functions(shown: Iterable[Answer]) -> dict[str, str]:
    """Function -> held (1) or not (0) at the standard its questions look for, in order."""
    found: dict[str, str] = {}
    for answer in shown:
        name, held = function_of(answer.item_type), answer.held(standard_of(answer.item_type))
        found[name] = _one_more(found.get(name, ""), held)
    return {name: marks for name, marks in found.items() if marks}


def _one_more(marks: str, held: bool | None) -> str:
    return marks if held is None else f"{marks}{held:d}"[-MOST_IN_A_ROW:]


def _measures(answers: Iterable[Answer]) -> dict[str, list[float]]:
    """Measure -> sum and number."""
    found: dict[str, list[float]] = {}
    for answer in answers:
        if not answer.measures.get("is_heard"):
            continue
        for name in MEASURED:
            sums = found.setdefault(name, [0.0, 0])
            sums[0] = round(sums[0] + float(answer.measures[name]), 3)
            sums[1] += 1
    return found


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
        """As a rating stores them."""
        found: dict[str, dict[str, str]] = {}
        pairs = ((Standard.INTERMEDIATE, self.lower), (Standard.ADVANCED, self.upper))
        for standard, letters in pairs:
            for criterion, letter in zip(Criterion, letters, strict=False):
                if letter in VERDICTS:
                    found.setdefault(criterion.value, {})[standard.value] = VERDICTS[letter].value
        return found


def _as_row(answer: Answer) -> Shown:
    return Shown(
        item_type=answer.item_type,
        lower=_letters(answer.criteria, Standard.INTERMEDIATE),
        upper=_letters(answer.criteria, Standard.ADVANCED),
        is_weak=answer.is_weak,
        level=answer.level or Level.NL,
        by_person=answer.by_person,
    )


def _letters(criteria: Mapping[str, Mapping[str, Any]], standard: Standard) -> str:
    verdicts = [criteria.get(criterion.value, {}).get(standard.value) for criterion in Criterion]
    if not any(verdicts):
        return ""
    return "".join(LETTERS[Verdict(one)] if one else "-" for one in verdicts)


def rows_shown(days: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """What the first takes of all days showed, in their order."""
    return [Shown._make(row) for facts in days for row in facts.get("shown", [])]
