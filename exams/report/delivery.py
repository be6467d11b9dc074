"""What the measures of a whole test say against a target: by question, over all, what to do next.

Pure: numbers in, numbers and codes out. A figure *falls short* where it lies outside the target's
typical range on the side that costs: too short, too slow, pauses too long. How far is counted in
widths of that range, so that seconds and words a minute can be compared.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean
from typing import Any

from opic.lib.levels import Level
from scoring.levels.delivery import MeasureRow, rows_for

LENGTH, PACE = "length_seconds", "words_per_minute"
PAUSES, RUNS = "mean_pause_seconds", "mean_run_seconds"
BY_QUESTION = (LENGTH, PACE, PAUSES)
OVER_ALL = (LENGTH, PACE, PAUSES, RUNS)
# keys of advice, as the advice on one answer has them
KEYS = {LENGTH: "length", PAUSES: "pauses_inside", RUNS: "runs", PACE: "pace"}
SKIPPED = "skipped"
HOLD = "hold"
FAR_TOO_SHORT = 2 / 3  # of the lower end of the typical length: then length comes before all else
SAME = 0.2  # widths of the typical range: a smaller change is none
STEPS = 3
INTRODUCTION = "INTRO"


@dataclass(frozen=True)
class Spoken:
    """One question of a test. `measures` is None where nothing was measured.

    `facts` are those of the answer's words, empty where nobody heard them. `is_skipped` says that
    nothing was said, as against what was lost or is still to come.
    """

    number: int
    item_type: str
    measures: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_skipped: bool = False


@dataclass(frozen=True)
class Figure:
    """One measure of one answer. `shortfall`: in widths of the typical range; 0 is fine."""

    name: str
    value: float
    typical: tuple[float, float]
    shortfall: float
    is_worst: bool = False

    @property
    def falls_short(self) -> bool:
        """Return whether it lies outside the range on the side that costs."""
        return self.shortfall > 0


@dataclass(frozen=True)
class Question:
    """One question with its figures; none where nothing was measured."""

    spoken: Spoken
    figures: tuple[Figure, ...] = ()
    is_weakest: bool = False  # of the test

    @property
    def shortfall(self) -> float:
        """Return that of its worst figure."""
        return max((figure.shortfall for figure in self.figures), default=0.0)


@dataclass(frozen=True)
class Average:
    """A measure over all answers of the test, and of the test before. `change`: see `change_of`."""

    name: str
    value: float
    typical: tuple[float, float]
    shortfall: float
    before: float | None
    change: str


@dataclass(frozen=True)
class Step:
    """Something to do: a key of advice, in how many answers, and where it was worst."""

    key: str
    count: int
    of: int
    number: int
    weight: float  # 0 to 1: how much of the test it spoils


@dataclass(frozen=True)
class DeliveryReport:
    """What the measures of a test say."""

    questions: tuple[Question, ...]
    averages: tuple[Average, ...]
    weakest_kind: str  # an item type; empty where no kind falls short or there is one kind alone
    steps: tuple[Step, ...]


def shortfall_of(name: str, value: float, typical: tuple[float, float]) -> float:
    """Return by how many widths of the typical range a value falls short of it; 0 for none."""
    low, high = typical
    gap = value - high if name == PAUSES else low - value
    return max(0.0, gap / (high - low))


def _rows(measures: Mapping[str, Any], target: Level) -> dict[str, MeasureRow]:
    return {row.name: row for row in rows_for(measures, target)}


def _values(spoken: Spoken) -> dict[str, Any]:
    """Return the measures of an answer, with the pace as counted in its words where it was."""
    measures = dict(spoken.measures or {})
    if spoken.facts.get("is_understood") and spoken.facts.get(PACE):
        measures[PACE] = spoken.facts[PACE]
    return measures


def _figures(spoken: Spoken, target: Level, names: Sequence[str]) -> tuple[Figure, ...]:
    if spoken.measures is None:
        return ()
    rows = _rows(_values(spoken), target)
    gaps = {name: shortfall_of(name, rows[name].value, rows[name].typical) for name in names}
    worst = max(gaps, key=lambda name: gaps[name])
    return tuple(
        Figure(
            name,
            float(rows[name].value),
            rows[name].typical,
            gaps[name],
            is_worst=name == worst and gaps[name] > 0,
        )
        for name in names
    )


def _questions(items: Sequence[Spoken], target: Level) -> tuple[Question, ...]:
    rows = [Question(item, _figures(item, target, BY_QUESTION)) for item in items]
    worst = max(rows, key=lambda row: row.shortfall, default=None)
    return tuple(
        Question(row.spoken, row.figures, is_weakest=row is worst and row.shortfall > 0)
        for row in rows
    )


def change_of(name: str, value: float, before: float, typical: tuple[float, float]) -> str:
    """Return how a value moved: `holds` where neither falls short, else better, worse or same."""
    if not shortfall_of(name, value, typical) and not shortfall_of(name, before, typical):
        return "holds"
    gain = (before - value) if name == PAUSES else (value - before)
    widths = gain / (typical[1] - typical[0])
    if abs(widths) < SAME:
        return "same"
    return "better" if widths > 0 else "worse"


def _means(items: Sequence[Spoken], target: Level) -> dict[str, MeasureRow]:
    """Return each measure's mean over the answers, each counting alike; empty for none."""
    rows_by_item = [_rows(_values(item), target) for item in items if item.measures is not None]
    return {
        name: replace(
            rows_by_item[0][name], value=mean(float(rows[name].value) for rows in rows_by_item)
        )
        for name in (OVER_ALL if rows_by_item else ())
    }


def _averages(
    items: Sequence[Spoken], before: Sequence[Spoken], target: Level
) -> tuple[Average, ...]:
    then = _means(before, target)
    return tuple(
        Average(
            name,
            row.value,
            row.typical,
            shortfall_of(name, row.value, row.typical),
            then[name].value if then else None,
            change_of(name, row.value, then[name].value, row.typical) if then else "",
        )
        for name, row in _means(items, target).items()
    )


def _weakest_kind(questions: Sequence[Question]) -> str:
    """Return the item type that falls short by most, on the mean of its questions.

    A skipped question counts as much as the worst answer, or as one of no length. Nobody has to
    practise the introduction, so it is left out.
    """
    worst = max((row.shortfall for row in questions), default=0.0)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for row in questions:
        if row.spoken.item_type == INTRODUCTION:
            continue
        if row.spoken.is_skipped:
            by_kind[row.spoken.item_type].append(max(worst, 1.0))
        elif row.figures:
            by_kind[row.spoken.item_type].append(row.shortfall)
    means = {kind: mean(gaps) for kind, gaps in by_kind.items()}
    weakest = max(means, key=lambda kind: means[kind], default="")
    return weakest if len(means) > 1 and means[weakest] > 0 else ""


def _steps_of_measures(items: Sequence[Spoken], target: Level) -> list[Step]:
    """Return a step for each measure that falls short in an answer."""
    steps = []
    figures = {
        item.number: _figures(item, target, OVER_ALL) for item in items if item.measures is not None
    }
    for name in OVER_ALL:
        gaps = {
            number: figure.shortfall
            for number, row in figures.items()
            for figure in row
            if figure.name == name and figure.falls_short
        }
        if gaps:
            worst = max(gaps, key=lambda number: gaps[number])
            # an answer that is out by a whole range is spoilt, and cannot be more than that
            weight = sum(min(gap, 1.0) for gap in gaps.values()) / len(figures)
            steps.append(Step(KEYS[name], len(gaps), len(figures), worst, weight))
    return steps


def _steps_of_facts(items: Sequence[Spoken]) -> list[Step]:
    """Return a step for each thing that the words of answers were advised on."""
    keys = [
        (str(item.facts["advice"]["key"]), item.number)
        for item in items
        if (item.facts.get("advice") or {}).get("key")
    ]
    of_words = [pair for pair in keys if pair[0] not in {*KEYS.values(), HOLD}]
    heard = sum(bool(item.facts) for item in items)
    first = dict(reversed(of_words))
    counts = Counter(key for key, _number in of_words)
    return [Step(key, n, heard, first[key], n / heard) for key, n in counts.items()]


def _steps(items: Sequence[Spoken], target: Level) -> tuple[Step, ...]:
    """Return what to do, what spoils most first; length before all where it is far too short.

    Ties stand in the order: skipped, length, pace, pauses, runs, then what the words showed.
    """
    skipped = [item.number for item in items if item.is_skipped]
    share = len(skipped) / len(items) if items else 0
    steps = [Step(SKIPPED, len(skipped), len(items), skipped[0], share)] if skipped else []
    steps += [*_steps_of_measures(items, target), *_steps_of_facts(items)]
    length = _means(items, target).get(LENGTH)
    is_far = length is not None and length.value < FAR_TOO_SHORT * length.typical[0]
    steps.sort(key=lambda step: (not (is_far and step.key == "length"), -step.weight))
    return tuple(steps[:STEPS])


def delivery_report(
    items: Sequence[Spoken], target: Level, *, before: Sequence[Spoken] = ()
) -> DeliveryReport:
    """Return what a test shows against a target, beside the test before (empty for none).

    `items` in the order of their numbers.
    """
    questions = _questions(items, target)
    return DeliveryReport(
        questions=questions,
        averages=_averages(items, before, target),
        weakest_kind=_weakest_kind(questions),
        steps=_steps(items, target),
    )
