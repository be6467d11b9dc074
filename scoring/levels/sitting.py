"""From the ratings of a sitting to its floor, ceiling and level, and why. Pure.

Source: exam facts C5 and C2. Every answered item has a value per criterion at Intermediate
standard, and at Advanced standard where it probes it: met 1, partly 1/2, not 0. A skipped item is 0
throughout. Per criterion and standard the mean is taken over the sitting; of six values or more the
lowest is left out. Then the weakest criterion counts, and the highest row of `ROWS` whose minimums
hold wins. How far it is from there to the next row's minimums makes its place on the scale of
levels; the range lies round it. A recited response has half the weight. What was lost for technical
reasons is left out and widens the range.

No easy item may cost more than one level, whatever happened to it. So the place is the best of the
rule over the sitting as it is, and of the rule with any k easy items taken as met, k levels lower.
Each of these never falls when a judgement gets better, and so neither does the best of them.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import floor as floor_of
from typing import Any

import numpy as np
from django.db.models import TextChoices
from numpy.typing import NDArray

from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level
from scoring.levels.rows import ROWS
from scoring.levels.speech_functions import FUNCTIONS, holds
from scoring.levels.verdicts import WORTH, Criterion, Standard, Verdict

RESULT_VERSION = "1"
TRIM_FROM = 6  # values, from which on the lowest is left out
WEAK_WEIGHT = 0.5  # of a recited answer
LEAST_FUNCTION = 0.60  # of each function at Advanced, for AL
LEAST_NAMED = 2  # rated items that speak to what a reason names
FORGIVEN = 3
SIMULATIONS = 600
SLIP = 0.05  # probability that a judgement is read one step off, each way
SURE = {"quite": 0.75, "fairly": 0.5}  # share of draws with the decided level; below: not sure
# the weakest of five criteria, each with its slips, lies below what the speaker is: so much of a
# level on average over made-up speakers of every grade (`tests/scoring/speakers.py`)
LEAN = 0.4
DRAWS_AT_ONCE = 600  # in one array: more of them leave the processor's cache and are slower
CRITERIA = tuple(Criterion)
STANDARDS = tuple(Standard)
Values = NDArray[np.float64]
ItemValues = Mapping[tuple[Standard, Criterion], float]


class State(TextChoices):
    """What became of an item: rated, a zero, or not counted at all."""

    RATED = "rated"
    SKIPPED = "skipped"  # also not heard, too short, another language
    LEFT_OUT = "left_out"  # lost for technical reasons, or not rated yet


class Major(TextChoices):
    """A major level, as floor and ceiling name it; `NOT_TESTED` lies above the reported levels."""

    NOVICE = "novice"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"
    NOT_TESTED = "not_tested"


# what a level means in values at both standards: where a person gave a level without judgements,
# and for the made-up speakers of the simulation. The middle of what each row of ROWS takes.
WORTH_OF_LEVEL: dict[Level, tuple[float, float]] = {
    Level.NL: (0.0, 0.0),
    Level.NM: (0.2, 0.0),
    Level.NH: (0.43, 0.0),
    Level.IL: (0.63, 0.0),
    Level.IM1: (0.76, 0.05),
    Level.IM2: (0.93, 0.15),
    Level.IM3: (0.97, 0.47),
    Level.IH: (1.0, 0.75),
    Level.AL: (1.0, 0.97),
}


@dataclass(frozen=True)
class ItemEvidence:
    """What is known of one item. `values`: (standard, criterion) -> 0 to 1."""

    number: int
    item_type: str
    state: State
    values: ItemValues = field(default_factory=dict)
    is_weak: bool = False

    @property
    def probes_advanced(self) -> bool:
        """Return whether its item type is judged at Advanced standard too."""
        return self.item_type in PROBES_ADVANCED


def values_from(
    criteria: Mapping[str, Mapping[str, Any]],
) -> dict[tuple[Standard, Criterion], float]:
    """Return a rating's stored judgements as values: (standard, criterion) -> 0 to 1.

    `criteria` is `Rating.criteria`. What was not judged has no value.
    """
    values = {}
    for criterion in CRITERIA:
        row = criteria.get(criterion.value, {})
        for standard in STANDARDS:
            if verdict := row.get(standard.value):
                values[standard, criterion] = WORTH[Verdict(verdict)]
    return values


def values_of_level(level: Level, item_type: str) -> ItemValues:
    """Return values that stand for a level a person gave: (standard, criterion) -> 0 to 1."""
    lower, upper = WORTH_OF_LEVEL[level]
    values = {(Standard.INTERMEDIATE, criterion): lower for criterion in CRITERIA}
    if item_type in PROBES_ADVANCED:
        values |= {(Standard.ADVANCED, criterion): upper for criterion in CRITERIA}
    return values


@dataclass(frozen=True)
class Result:
    """What a sitting showed; `level` is None where nothing of it could be rated.

    `reason` says what keeps it below the next level: `intermediate` or `advanced` (the standard
    that does not hold), `function`, `cap` (the steps of the sitting show no more), `not_tested`
    (too few rated items speak to it), `technical`, or empty at the top. `weakest` is the criterion
    or function that `reason` is about. `cap_bit`: the cap lowered the level. `means`: criterion ->
    mean at Intermediate, and at Advanced or None.
    """

    level: Level | None
    low: Level | None = None
    high: Level | None = None
    sureness: str = "not"
    floor: Major | None = None
    ceiling: Major | None = None
    reason: str = "technical"
    weakest: str = ""
    cap_bit: bool = False
    means: Mapping[str, tuple[float, float | None]] = field(default_factory=dict)
    floor_items: tuple[int, ...] = ()
    ceiling_items: tuple[int, ...] = ()


def _least(name: str) -> tuple[Sequence[float], Sequence[float]]:
    """Return places on the scale and the least mean of each, from the minimums of `ROWS`.

    Below the first minimum the scale begins at a mean of 0, above the last it ends at 1.
    """
    asked = [(row.level, getattr(row, name)) for row in reversed(ROWS)]
    asked = [(level, least) for level, least in asked if least is not None]
    places = [asked[0][0] - 1, *(level for level, _least in asked), Level.AL + 1]
    return places, [0.0, *(least for _level, least in asked), 1.0]


LEAST_INTERMEDIATE = _least("intermediate")
LEAST_ADVANCED = _least("advanced")
LEAST_OF_FUNCTION = ((Level.IH, Level.AL, Level.AL + 1), (0.0, LEAST_FUNCTION, 1.0))
TOP = Level.AL + 0.99
WITHOUT_PROBES = Level.IM2 + 0.99  # nothing was asked that looks for more


def _on_scale(means: Values, least: tuple[Sequence[float], Sequence[float]]) -> Values:
    """Return the places on the scale that these means reach, between the minimums of two rows.

    The whole part is the number of the highest `Level` whose minimum holds.
    """
    return np.minimum(np.interp(means + 1e-9, least[1], least[0]), TOP)


class _Sheet:
    """The values of a sitting as arrays of shape (draws, items, criteria), one for each standard.

    `probes` are the places of the items judged at Advanced standard: the items of `upper`.
    """

    def __init__(self, items: Sequence[ItemEvidence]) -> None:
        self.items = [item for item in items if item.state is not State.LEFT_OUT]
        self.weights = np.array([WEAK_WEIGHT if item.is_weak else 1.0 for item in self.items])
        self.probes = [at for at, item in enumerate(self.items) if item.probes_advanced]
        self.easy = [at for at, item in enumerate(self.items) if not item.probes_advanced]
        self.lower = self._read(Standard.INTERMEDIATE, range(len(self.items)))
        self.upper = self._read(Standard.ADVANCED, self.probes)

    def _read(self, standard: Standard, places: Iterable[int]) -> Values:
        rows = [
            [self.items[at].values.get((standard, criterion), 0.0) for criterion in CRITERIA]
            for at in places
        ]
        return np.array(rows, float).reshape(1, len(rows), len(CRITERIA))

    def means(self, values: Values, weights: Values) -> Values:
        """Return weighted means, (draws, criteria), without the lowest of six or more."""
        total = (values * weights[:, None]).sum(axis=1)
        if len(weights) < TRIM_FROM:
            return np.asarray(total / weights.sum())
        # each item left out in turn: the highest of these means is the one without the lowest
        left = total[:, None, :] - values * weights[:, None]
        return np.asarray((left / (weights.sum() - weights)[:, None]).max(axis=1))

    def place(self, lower: Values, upper: Values) -> Values:
        """Return the place on the scale of levels for every draw: see `_on_scale`."""
        return np.minimum(self._on_lower(lower), self._on_upper(upper))

    def _on_lower(self, lower: Values) -> Values:
        """Return how far the weakest criterion at Intermediate reaches, for every draw."""
        return _on_scale(self.means(lower, self.weights).min(axis=1), LEAST_INTERMEDIATE)

    def _on_upper(self, upper: Values) -> Values:
        """Return how far the probes reach: the weakest criterion at Advanced, and all functions."""
        if not self.probes:
            return np.full(len(upper), WITHOUT_PROBES)
        weakest = self.means(upper, self.weights[self.probes]).min(axis=1)
        places = _on_scale(weakest, LEAST_ADVANCED)
        for mean in self.functions(upper).values():
            places = np.minimum(places, _on_scale(mean, LEAST_OF_FUNCTION))
        return places

    def functions(self, upper: Values) -> dict[str, Values]:
        """Return each function's mean at Advanced for every draw, over items and criteria."""
        names = [FUNCTIONS[self.items[at].item_type] for at in self.probes]
        weights = self.weights[self.probes]
        means = {}
        for name in sorted(set(names)):
            mine = [at for at, own in enumerate(names) if own == name]
            part = upper[:, mine].mean(axis=2) * weights[mine]
            means[name] = np.asarray(part.sum(axis=1) / weights[mine].sum())
        return means

    def own_place(self) -> float:
        """Return the place of this sitting: the best over every choice of easy items to forgive."""
        imperfect = [at for at in self.easy if (self.lower[0, at] < 1).any()]
        masks = np.array(list(product((False, True), repeat=len(imperfect))), bool)
        lower = np.repeat(self.lower, len(masks), axis=0)
        if imperfect:
            lower[:, imperfect] = np.where(masks[:, :, None], 1.0, lower[:, imperfect])
        upper = np.repeat(self.upper, len(masks), axis=0)
        return float(max((self.place(lower, upper) - masks.sum(axis=1)).max(), Level.NL))

    def places(self, lower: Values, upper: Values) -> Values:
        """Return the place of every draw, with `FORGIVEN` easy items forgiven at most.

        Forgiving more of them makes no difference in the draws.
        """
        most = self._on_upper(upper)
        best = np.minimum(self._on_lower(lower), most)
        imperfect = [at for at in self.easy if (lower[:, at] < 1).any()]
        at_once = max(1, DRAWS_AT_ONCE // len(lower))
        for size in range(1, min(FORGIVEN, len(imperfect)) + 1):
            choices = list(combinations(imperfect, size))
            for start in range(0, len(choices), at_once):
                low = self._forgiving(lower, choices[start : start + at_once])
                best = np.maximum(best, np.minimum(low, most).max(axis=0) - size)
        return best

    def _forgiving(self, lower: Values, choices: Sequence[tuple[int, ...]]) -> Values:
        """Return `_on_lower` with the items of each choice taken as met, as (choices, draws)."""
        better = np.repeat(lower[None], len(choices), axis=0)
        for copy, forgiven in zip(better, choices, strict=True):
            copy[:, forgiven] = 1.0
        return self._on_lower(better.reshape(-1, *lower.shape[1:])).reshape(len(choices), -1)


def result_of(
    items: Sequence[ItemEvidence], *, cap: Level, seed: str = "", simulations: int = SIMULATIONS
) -> Result:
    """Return level, range, sureness, floor and ceiling of a sitting.

    `cap` is the highest level its steps can show (exam facts C2). The same `seed` gives the same
    range and sureness again.
    """
    sheet = _Sheet(items)
    if not sheet.items:
        return Result(None)
    place = sheet.own_place()
    own = Level(floor_of(place))
    level = min(own, cap)
    lost = len(items) - len(sheet.items)
    low, high = range_of(place, cap, width_of(lost, len(items)))
    sureness = _sureness(sheet, items, level, cap, seed, simulations)
    reason, weakest = _obstacle(sheet, level, cap)
    floor, ceiling = _majors(level)
    return Result(
        level=level,
        low=low,
        high=high,
        sureness=sureness,
        floor=floor,
        ceiling=ceiling,
        reason=reason,
        weakest=weakest,
        cap_bit=own > cap,
        means=_means(sheet),
        floor_items=_holding(sheet, floor),
        ceiling_items=_breaking(sheet, ceiling),
    )


def _majors(level: Level) -> tuple[Major, Major]:
    if level < Level.IL:
        return Major.NOVICE, Major.INTERMEDIATE
    if level < Level.AL:
        return Major.INTERMEDIATE, Major.ADVANCED
    return Major.ADVANCED, Major.NOT_TESTED


def _means(sheet: _Sheet) -> dict[str, tuple[float, float | None]]:
    lower = sheet.means(sheet.lower, sheet.weights)[0]
    upper = sheet.means(sheet.upper, sheet.weights[sheet.probes])[0] if sheet.probes else None
    return {
        criterion.value: (
            round(float(lower[at]), 4),
            round(float(upper[at]), 4) if upper is not None else None,
        )
        for at, criterion in enumerate(CRITERIA)
    }


def _obstacle(sheet: _Sheet, level: Level, cap: Level) -> tuple[str, str]:
    """Return which minimum of the next row does not hold, and what is weakest there.

    Named is only what `LEAST_NAMED` rated items speak to; else it was not tested.
    """
    if level == Level.AL:
        return "", ""
    if level == cap:
        return "cap", ""
    means = _means(sheet)
    lower = {name: pair[0] for name, pair in means.items()}
    upper = {name: pair[1] or 0.0 for name, pair in means.items()}
    row = next(row for row in ROWS if row.level == level + 1)
    reason, weakest = "intermediate", min(lower, key=lambda name: lower[name])
    if min(lower.values()) + 1e-9 >= row.intermediate:
        functions = {name: float(mean[0]) for name, mean in sheet.functions(sheet.upper).items()}
        if row.advanced is not None and min(upper.values()) + 1e-9 < row.advanced:
            reason, weakest = "advanced", min(upper, key=lambda name: upper[name])
        elif row.level == Level.AL and functions:
            reason, weakest = "function", min(functions, key=lambda name: functions[name])
    if _speaking_to(sheet, reason, weakest) < LEAST_NAMED:
        return "not_tested", ""
    return reason, weakest


def _speaking_to(sheet: _Sheet, reason: str, weakest: str) -> int:
    """Return how many rated items speak to what a reason names."""
    rated = [item for item in sheet.items if item.values]
    if reason == "function":
        probes = [item for item in rated if item.probes_advanced]
        return sum(FUNCTIONS[item.item_type] == weakest for item in probes)
    at = (Standard(reason), Criterion(weakest))
    return sum(at in item.values for item in rated)


def _holding(sheet: _Sheet, floor: Major) -> tuple[int, ...]:
    """Return the numbers of the items that show the floor: those on which its standard held."""
    if floor is Major.NOVICE:
        return tuple(item.number for item in sheet.items if item.state is State.RATED)
    values = sheet.upper if floor is Major.ADVANCED else sheet.lower
    places = sheet.probes if floor is Major.ADVANCED else range(len(sheet.items))
    return tuple(
        sheet.items[at].number for at, row in zip(places, values[0], strict=True) if holds(row)
    )


def _breaking(sheet: _Sheet, ceiling: Major) -> tuple[int, ...]:
    """Return the numbers of the items on which the next major level breaks down."""
    if ceiling is Major.NOT_TESTED:
        return ()
    values = sheet.upper if ceiling is Major.ADVANCED else sheet.lower
    places = sheet.probes if ceiling is Major.ADVANCED else range(len(sheet.items))
    return tuple(
        sheet.items[at].number for at, row in zip(places, values[0], strict=True) if row.min() < 1.0
    )


def width_of(lost: int, items: int) -> int:
    """Return how many levels wide the range is: 2, or 3 where any item was left out.

    It is 4 where a third of the items or more were left out.
    """
    return 2 + (lost > 0) + (lost > 0 and 3 * lost >= items)


def range_of(place: float, cap: Level, width: int) -> tuple[Level, Level]:
    """Return the range round a place on the scale, so many levels wide, within NL and `cap`.

    It holds the level at the place and the neighbours that are nearest to where the place would be
    without slips, `LEAN` above it. Where the scale or the cap ends it reaches farther to the other
    side. Neither end falls when the place rises.
    """
    more = width - 1
    level = min(floor_of(place), cap)
    low = min(floor_of(place + LEAN - more / 2), level, cap - more)
    low = max(low, level - more, Level.NL)
    return Level(low), Level(min(low + more, cap))


def _sureness(
    sheet: _Sheet,
    items: Sequence[ItemEvidence],
    level: Level,
    cap: Level,
    seed: str,
    simulations: int,
) -> str:
    """Return how sure the level is, by how often simulated slips leave it where it is.

    With any item left out it is never quite sure; with a third of the items left out, or with more
    than a third recited, it is not sure.
    """
    lost = [item for item in items if item.state is State.LEFT_OUT]
    is_recited = sum(item.is_weak for item in sheet.items) * 3 > len(sheet.items)
    if is_recited or (lost and 3 * len(lost) >= len(items)):
        return "not"

    def share(unknown: Sequence[ItemEvidence]) -> float:
        rng = np.random.default_rng(random.Random(seed).getrandbits(64))
        places = np.floor(_drawn(sheet, unknown, rng, simulations))
        return float((np.minimum(places, cap.value) == level).mean())

    # what was lost may make it less sure, never more
    least = min(share(()), share(lost)) if lost else share(())
    sure = next((word for word, needed in SURE.items() if least >= needed), "not")
    return "fairly" if lost and sure == "quite" else sure


def _drawn(
    sheet: _Sheet, lost: Sequence[ItemEvidence], rng: np.random.Generator, simulations: int
) -> Values:
    """Return the places of as many draws of a sitting: slips on what was judged, and what was lost.

    What was lost is different in every draw: in about half of them like a rated item of this
    sitting, in the others anything between not and met.
    """
    whole = _Sheet([*sheet.items, *(_guessed(item) for item in lost)])
    lower = np.repeat(whole.lower, simulations, axis=0)
    upper = np.repeat(whole.upper, simulations, axis=0)
    for values, places in ((lower, range(len(whole.items))), (upper, whole.probes)):
        rated = [at for at, place in enumerate(places) if place < len(sheet.items)]
        unknown = [at for at, place in enumerate(places) if place >= len(sheet.items)]
        spoken = [at for at, place in enumerate(places) if whole.items[place].values]
        slipped = slip(values[:, spoken], rng)
        values[:, spoken] = slipped
        for at in unknown:
            values[:, at] = rng.choice([0.0, 0.5, 1.0], size=values[:, at].shape)
            if rated:
                like = values[np.arange(simulations), rng.choice(rated, size=simulations)]
                copies = rng.random(simulations) < 0.5
                values[copies, at] = like[copies]
    return whole.places(lower, upper)


def _guessed(item: ItemEvidence) -> ItemEvidence:
    return ItemEvidence(item.number, item.item_type, State.RATED)


def slip(values: Values, rng: np.random.Generator) -> Values:
    """Return the values, each read one step (0.5) lower or higher with 5 % probability each.

    They stay within 0 to 1.
    """
    chance = rng.random(values.shape)
    moved = values + np.where(chance < SLIP, -0.5, np.where(chance > 1 - SLIP, 0.5, 0.0))
    return np.asarray(np.clip(moved, 0.0, 1.0))
