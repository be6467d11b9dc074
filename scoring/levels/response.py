"""From the judgements on one response to a level and a range. Pure; the model names no level.

Source: exam facts C4-C7. A response is judged met, partly or not on five criteria at Intermediate
standard and, where its item type probes it, at Advanced standard. The mark of a standard is half
its weakest criterion and half the mean of all five. (For a whole sitting the weakest mean alone
counts; one response has a single judgement per criterion, so the mean keeps one slip from moving
the level by three.) The highest row of `ROWS` whose minimums hold wins. Two caps follow: what this
item type can show (B1), and what so few words can show (E5).

Range, sureness and points come from slips: how often would the level move if each judgement were
read one step off, up or down, with 5 % probability each? The distribution is exact, not simulated.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from opic.lib.levels import Level
from scoring.levels.verdicts import STEPS, WORTH, Criterion, Judgements, Standard, Verdict

RUBRIC_VERSION = "1"
SLIP = 0.05
LEAST_WORDS = 5  # with fewer nothing can be said
SHARE_OF_RANGE = 0.8  # of the slips' distribution that a range holds
WIDEST = 3
SURE = {"quite": 0.75, "fairly": 0.5}  # share of the decided level; below: not sure


@dataclass(frozen=True)
class Row:
    """A level and the least marks it asks for; `advanced` None asks for no Advanced judgement."""

    level: Level
    intermediate: float
    advanced: float | None = None


# starting values of exam facts C5, as data; to be fitted again on answers rated by people
ROWS = (
    Row(Level.AL, 0.90, 0.88),
    Row(Level.IH, 0.88, 0.60),
    Row(Level.IM3, 0.85, 0.35),
    Row(Level.IM2, 0.80),
    Row(Level.IM1, 0.70),
    Row(Level.IL, 0.55),
    Row(Level.NH, 0.30),
    Row(Level.NM, 0.10),
)

# E5's "words per answer", lower ends; three quarters of it is the least that can show a level
_WORDS = {
    Level.NH: 8,
    Level.IL: 15,
    Level.IM1: 30,
    Level.IM2: 45,
    Level.IM3: 70,
    Level.IH: 100,
    Level.AL: 130,
}
_ENOUGH = 0.75
_SHORT_TYPES = {"DET": 0.6, "RP_ASK": 0.6, "ASK_AVA": 0.6}
# Without an Advanced standard the three Intermediate Mids look alike: there amount decides, as the
# split of IM does in practice (C6). Words half way between the middles of E5's bands.
_AMOUNTS = {Level.IM2: 57, Level.IM3: 85}
_SHORTER = dict.fromkeys(_SHORT_TYPES, 0.8)


@dataclass(frozen=True)
class Decision:
    """The level of one response and how far to trust it.

    `points` is the mean level over all slips, from 0 (NL) to 100 (AL), for trends.
    """

    level: Level
    low: Level
    high: Level
    sureness: str  # quite, fairly, not
    points: int
    capped_by: str = ""  # item, words


def mark(verdicts: Iterable[Verdict]) -> float:
    """Return the mark of one standard, 0 to 1: half the weakest verdict, half the mean of all.

    Raises ValueError without verdicts.
    """
    values = [WORTH[verdict] for verdict in verdicts]
    return (min(values) + sum(values) / len(values)) / 2


def level_of(intermediate: float, advanced: float | None) -> Level:
    """Return the highest level of `ROWS` whose minimums both marks reach.

    Without Advanced judgements (`advanced` None) the rows that ask for them are out of reach.
    """
    for row in ROWS:
        if intermediate + 1e-9 < row.intermediate:
            continue
        if row.advanced is None or (advanced is not None and advanced + 1e-9 >= row.advanced):
            return row.level
    return Level.NL


def cap_by_words(words: int, item_type: str) -> Level:
    """Return the highest level that so few words can show (exam facts E5)."""
    part = _ENOUGH * _SHORT_TYPES.get(item_type, 1.0)
    shown = [level for level, least in _WORDS.items() if words >= part * least]
    return max(shown, default=Level.NM)


def _split(judgements: Judgements, standard: Standard) -> tuple[Verdict, ...]:
    return tuple(
        judgements[criterion, standard]
        for criterion in Criterion
        if (criterion, standard) in judgements
    )


def decide(
    judgements: Judgements, *, words: int, item_type: str, is_weak: bool = False
) -> Decision:
    """Decide the level of one response from its judgements.

    `words` are those that count as an answer. `is_weak` marks a recited response: its range reaches
    one level lower, and it is never called sure. Raises ValueError without Intermediate judgements.
    """
    lower = _split(judgements, Standard.INTERMEDIATE)
    upper = _split(judgements, Standard.ADVANCED)
    cap = cap_by_words(words, item_type)
    amount = None if upper else _by_amount(words, item_type)
    chances = _read_as(_chances(lower, upper), cap, amount)
    own = level_of(mark(lower), mark(upper) if upper else None)
    level = _placed(own, cap, amount)
    low, high = _range_by_neighbour(level, chances)
    capped_by = "words" if own > level else ""
    if not upper and level == Level.IM3:
        capped_by = "item"
    if is_weak:
        low = Level(max(low - 1, Level.NL))
    is_thin = amount is not None and level >= Level.IM1
    sureness = _sureness(0 if is_weak else chances[level])
    # the amount of speech decided between the three, which says little of its quality
    if is_thin and sureness == "quite":
        sureness = "fairly"
    mean = sum(chance * place for place, chance in chances.items())
    points = round(100 * (mean - Level.NL) / (Level.AL - Level.NL))
    return Decision(level, low, high, sureness, points, capped_by)


def _by_amount(words: int, item_type: str) -> Level:
    """Return IM1, IM2 or IM3 by the number of words (exam facts C6)."""
    part = _SHORTER.get(item_type, 1.0)
    return max(
        (level for level, least in _AMOUNTS.items() if words >= part * least), default=Level.IM1
    )


def _placed(level: Level, cap: Level, amount: Level | None) -> Level:
    if amount is not None and level >= Level.IM2:
        level = amount
    return min(level, cap)


def _read_as(
    chances: Mapping[Level, float], cap: Level, amount: Level | None
) -> dict[Level, float]:
    weights: dict[Level, float] = defaultdict(float)
    for level, chance in chances.items():
        weights[_placed(level, cap, amount)] += chance
    return weights


def _slips(verdict: Verdict) -> list[tuple[Verdict, float]]:
    place = STEPS.index(verdict)
    neighbours = [STEPS[at] for at in (place - 1, place + 1) if 0 <= at < len(STEPS)]
    return [(verdict, 1 - SLIP * len(neighbours)), *((other, SLIP) for other in neighbours)]


@lru_cache(maxsize=4096)
def _marks(verdicts: tuple[Verdict, ...]) -> dict[float, float]:
    """Return every mark that slips can make of these judgements, with its probability."""
    marks: dict[float, float] = defaultdict(float)
    for combination in product(*map(_slips, verdicts)):
        chance = 1.0
        for _verdict, part in combination:
            chance *= part
        marks[mark(verdict for verdict, _part in combination)] += chance
    return dict(marks)


def _chances(lower: tuple[Verdict, ...], upper: tuple[Verdict, ...]) -> dict[Level, float]:
    chances: dict[Level, float] = defaultdict(float)
    above: list[tuple[float | None, float]] = [(None, 1.0)]
    if upper:
        above = list(_marks(upper).items())
    for intermediate, chance in _marks(lower).items():
        for advanced, part in above:
            chances[level_of(intermediate, advanced)] += chance * part
    return chances


def _range_by_neighbour(level: Level, chances: Mapping[Level, float]) -> tuple[Level, Level]:
    """Return the level and its likelier neighbours: two levels wide at least, three at most.

    One response proves nothing narrower. It grows until it holds `SHARE_OF_RANGE` of the slips.
    """
    low = high = level
    while high - low + 1 < WIDEST:
        held = sum(chances.get(Level(place), 0) for place in range(low, high + 1))
        if held >= SHARE_OF_RANGE and high > low:
            break
        below = chances.get(Level(low - 1), 0) if low > Level.NL else -1.0
        above = chances.get(Level(high + 1), 0) if high < Level.AL else -1.0
        if above > below:
            high = Level(high + 1)
        else:
            low = Level(low - 1)
    return low, high


def _sureness(share: float) -> str:
    return next((word for word, least in SURE.items() if share >= least), "not")
