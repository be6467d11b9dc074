"""Where a person stands by now, from first takes and sittings of the last weeks. Pure.

The rule is the one for a sitting (`scoring.levels.sitting`), over as many of the newest answers of
each sort as a sitting has: more would not make it surer of today, and the rule is made for so many.
Fewer than a sitting are never called quite sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level
from scoring.levels.sitting import ItemEvidence, State, result_of, values_from, values_of_level
from scoring.summaries.facts import Shown

LOOK_BACK = timedelta(days=21)
LEAST_KINDS = 4
MOST_PROBES, MOST_EASY = 9, 6  # as the sitting at steps 5 and 6
SURE_FROM, FAIRLY_FROM = 12, 6  # answers
SIMULATIONS = 200
ANYTHING = Level.AL


@dataclass(frozen=True)
class LevelNow:
    """A range and how sure; none (`low` None) from too few kinds of question."""

    kinds: int
    answers: int
    low: Level | None = None
    high: Level | None = None
    sureness: str = ""


def level_now(rows: Sequence[Shown], cap: Level = ANYTHING) -> LevelNow:
    """Return the level by evidence of `rows`, oldest first; at most `cap`."""
    kinds = len({row.item_type for row in rows})
    if kinds < LEAST_KINDS:
        return LevelNow(kinds, len(rows))
    return _decided(tuple(_newest(rows)), kinds, cap)


def _newest(rows: Sequence[Shown]) -> list[Shown]:
    probes = [row for row in rows if row.item_type in PROBES_ADVANCED]
    easy = [row for row in rows if row.item_type not in PROBES_ADVANCED]
    return [*easy[-MOST_EASY:], *probes[-MOST_PROBES:]]


@lru_cache(maxsize=512)
def _decided(shown: tuple[Shown, ...], kinds: int, cap: Level) -> LevelNow:
    """The same answers decide the same; home is looked at more often than people speak."""
    items = [_evidence(number, one) for number, one in enumerate(shown, start=1)]
    result = result_of(items, cap=cap, simulations=SIMULATIONS)
    sureness = _at_most(result.sureness, len(items))
    return LevelNow(kinds, len(items), result.low, result.high, sureness)


def _evidence(number: int, one: Shown) -> ItemEvidence:
    if one.by_person:
        values = values_of_level(Level(one.level), one.item_type)
    else:
        values = values_from(one.criteria())
    return ItemEvidence(number, one.item_type, State.RATED, values, one.is_weak)


def _at_most(sureness: str, responses: int) -> str:
    """What so few answers can be sure of."""
    if responses < FAIRLY_FROM:
        return "not"
    return "fairly" if responses < SURE_FROM and sureness == "quite" else sureness
