"""From the ratings of a sitting to its floor, ceiling and level, and why. Pure.

Source: exam facts C5 and C2. Every answered item has a value per criterion at Intermediate
standard, and at Advanced standard where it probes it: met 1, partly 1/2, not 0. A skipped item is 0
throughout. Per criterion and standard the mean is taken over the sitting; of six values or more the
lowest is left out. Then the weakest criterion counts, and the highest row of `ROWS` whose minimums
hold wins. A recited response has half the weight. What was lost for technical reasons is left out
and widens the range.

No easy item may cost more than one level, whatever happened to it. So the level is the best of the
rule over the sitting as it is, and of the rule with any k easy items taken as met, k levels lower.
Each of these never falls when a judgement gets better, and so neither does the best of them.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import numpy as np
from django.db.models import TextChoices
from numpy.typing import NDArray

from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level
from scoring.levels.response import ROWS, SHARE_OF_RANGE, SLIP, SURE
from scoring.levels.speech_functions import FUNCTIONS, holds
from scoring.levels.verdicts import WORTH, Criterion, Standard, Verdict

RESULT_VERSION = "1"
TRIM_FROM = 6  # values, from which on the lowest is left out
WEAK_WEIGHT = 0.5  # of a recited answer
LEAST_FUNCTION = 0.60  # of each function at Advanced, for AL
LEAST_NAMED = 2  # rated items that speak to what a reason names
FORGIVEN = 3
SIMULATIONS = 600
DRAWS_AT_ONCE = 600  # in one array: more of them leave the processor's cache and are slower
WIDEST = 4
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

    def rule(self, lower: Values, upper: Values) -> Values:
        """Return the highest row whose minimums hold, for every draw."""
        return self._rows(self._weakest(lower), *self._probed(upper))

    def _weakest(self, lower: Values) -> Values:
        """Return the lowest mean of a criterion, for every draw."""
        return np.asarray(self.means(lower, self.weights).min(axis=1))

    def _probed(self, upper: Values) -> tuple[Values, Any]:
        """Return per draw the weakest criterion at Advanced, and whether all functions hold."""
        high = np.zeros(len(upper))
        if self.probes:
            high = self.means(upper, self.weights[self.probes]).min(axis=1)
        return high, self._functions_hold(upper)

    def _rows(self, low: Values, high: Values, whole: Any) -> Values:
        """Return the highest row whose minimums these hold, in the shape (..., draws) of `low`."""
        levels = np.full(low.shape, Level.NL.value)
        for row in reversed(ROWS):
            holds = low + 1e-9 >= row.intermediate
            if row.advanced is not None:
                holds &= bool(self.probes) & (high + 1e-9 >= row.advanced)
            if row.level == Level.AL:
                holds &= whole
            levels[holds] = row.level.value
        return levels

    def _functions_hold(self, upper: Values) -> Any:
        holding = np.full(len(upper), bool(self.probes))
        for mean in self.functions(upper).values():
            holding &= mean + 1e-9 >= LEAST_FUNCTION
        return holding

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

    def level(self) -> Level:
        """Return the level of this sitting: the best over every choice of easy items to forgive."""
        imperfect = [at for at in self.easy if (self.lower[0, at] < 1).any()]
        masks = np.array(list(product((False, True), repeat=len(imperfect))), bool)
        lower = np.repeat(self.lower, len(masks), axis=0)
        if imperfect:
            lower[:, imperfect] = np.where(masks[:, :, None], 1.0, lower[:, imperfect])
        upper = np.repeat(self.upper, len(masks), axis=0)
        return Level(int((self.rule(lower, upper) - masks.sum(axis=1)).max()))

    def levels(self, lower: Values, upper: Values) -> Values:
        """Return the level of every draw, with `FORGIVEN` easy items forgiven at most.

        Forgiving more of them makes no difference in the draws.
        """
        high, whole = self._probed(upper)
        best = self._rows(self._weakest(lower), high, whole)
        imperfect = [at for at in self.easy if (lower[:, at] < 1).any()]
        at_once = max(1, DRAWS_AT_ONCE // len(lower))
        for size in range(1, min(FORGIVEN, len(imperfect)) + 1):
            choices = list(combinations(imperfect, size))
            for start in range(0, len(choices), at_once):
                low = self._forgiving(lower, choices[start : start + at_once])
                best = np.maximum(best, self._rows(low, high, whole).max(axis=0) - size)
        return best

    def _forgiving(self, lower: Values, choices: Sequence[tuple[int, ...]]) -> Values:
        """Return `_weakest` with the items of each choice taken as met, as (choices, draws)."""
        better = np.repeat(lower[None], len(choices), axis=0)
        for copy, forgiven in zip(better, choices, strict=True):
            copy[:, forgiven] = 1.0
        return self._weakest(better.reshape(-1, *lower.shape[1:])).reshape(len(choices), -1)


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
    own = sheet.level()
    level = min(own, cap)
    low, high, sureness = _spread(sheet, items, level, cap, seed, simulations)
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


def _spread(
    sheet: _Sheet,
    items: Sequence[ItemEvidence],
    level: Level,
    cap: Level,
    seed: str,
    simulations: int,
) -> tuple[Level, Level, str]:
    """Return range (low, high) and sureness, by how often simulated slips move the level.

    An item that was left out is different in every draw: in about half of them like a rated item of
    this sitting, in the others anything between not and met. With more than a third of the items
    recited the result is not sure.
    """
    rng = np.random.default_rng(random.Random(seed).getrandbits(64))
    lost = [item for item in items if item.state is State.LEFT_OUT]
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
    levels = np.minimum(whole.levels(lower, upper), cap.value)
    counts = Counter(levels.tolist())
    shares = {Level(value): count / simulations for value, count in counts.items()}
    low, high = _range_by_side(level, shares, _least_width(len(lost), len(items)))
    share = shares.get(level, 0.0)
    sureness = next((word for word, least in SURE.items() if share >= least), "not")
    if sum(item.is_weak for item in sheet.items) * 3 > len(sheet.items):
        sureness = "not"
    return low, high, sureness


def _guessed(item: ItemEvidence) -> ItemEvidence:
    return ItemEvidence(item.number, item.item_type, State.RATED)


def slip(values: Values, rng: np.random.Generator) -> Values:
    """Return the values, each read one step (0.5) lower or higher with 5 % probability each.

    They stay within 0 to 1.
    """
    chance = rng.random(values.shape)
    moved = values + np.where(chance < SLIP, -0.5, np.where(chance > 1 - SLIP, 0.5, 0.0))
    return np.asarray(np.clip(moved, 0.0, 1.0))


def _least_width(lost: int, items: int) -> int:
    """Return the least width of the range in levels: 2, or 3 where any item was left out.

    It is 4 where a third of the items or more were left out.
    """
    return 2 + (lost > 0) + (3 * lost >= items)


def _range_by_side(level: Level, shares: Mapping[Level, float], least: int) -> tuple[Level, Level]:
    """Return the range: the level, grown towards the side that holds more draws.

    It stops when it holds `SHARE_OF_RANGE` of the draws and is `least` levels wide, or at `WIDEST`.
    """
    low = high = level
    while high - low + 1 < WIDEST:
        held = sum(shares.get(Level(place), 0) for place in range(low, high + 1))
        if held >= SHARE_OF_RANGE and high - low + 1 >= least:
            break
        below = sum(share for place, share in shares.items() if place < low)
        above = sum(share for place, share in shares.items() if place > high)
        if high == Level.AL or (below >= above and low > Level.NL):
            low = Level(low - 1)
        else:
            high = Level(high + 1)
    return low, high
