"""The current level of a person, from first takes and attempts of the last three weeks. Pure.

The rule is the one for a sitting (`scoring.levels.sitting`), and is made for as many responses as a
sitting has. So it is given as many of the newest of each sort; more would not make it surer of
today. With fewer than a sitting has it is never called quite sure.
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
    """The current level: a range and its sureness; `low` is None with too few item types."""

    kinds: int
    answers: int
    low: Level | None = None
    high: Level | None = None
    sureness: str = ""


def level_now(rows: Sequence[Shown], cap: Level = ANYTHING) -> LevelNow:
    """Return the current level by `rows`, oldest first; `cap` at most.

    It has no range with fewer than `LEAST_KINDS` item types.
    """
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
    """Return the level, cached: home is looked at more often than people speak."""
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
    """Return the sureness, lowered to what so few responses allow."""
    if responses < FAIRLY_FROM:
        return "not"
    return "fairly" if responses < SURE_FROM and sureness == "quite" else sureness
