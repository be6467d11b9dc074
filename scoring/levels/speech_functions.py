"""The speech functions that item types ask for, and whether one held. Pure.

Telling, comparing, solving and explaining are Advanced functions; describing, saying what one
usually does and asking are held to Intermediate standard (exam facts B1, C4).
"""

from collections.abc import Sequence

from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level
from scoring.levels.verdicts import Standard

FUNCTIONS: dict[str, str] = {
    "PAST": "narration",
    "MEM": "narration",
    "RP_EXP": "narration",
    "CHG": "comparison",
    "CMP": "comparison",
    "RP_SOLVE": "problem",
    "ISSUE": "issue",
}
EASY_FUNCTIONS: dict[str, str] = {
    "INTRO": "description",
    "DESC": "description",
    "DET": "description",
    "ROUT": "routine",
    "RP_ASK": "asking",
    "ASK_AVA": "asking",
}
LAST_MARKS = 6  # held or not, of one kind or function: what today is judged by
LEAST = 0.5  # of every criterion
LEAST_MEAN = 0.8
# from which level on a person's word alone says that a standard held
HELD_FROM = {Standard.INTERMEDIATE: Level.IM1, Standard.ADVANCED: Level.IH}


def standard_of(item_type: str) -> Standard:
    """Return the highest standard that this item type is held to (exam facts B1)."""
    return Standard.ADVANCED if item_type in PROBES_ADVANCED else Standard.INTERMEDIATE


def function_of(item_type: str) -> str:
    """Return the function that an item type asks for. Raises KeyError for an unknown type."""
    return FUNCTIONS.get(item_type) or EASY_FUNCTIONS[item_type]


def holds(values: Sequence[float]) -> bool:
    """Return whether a standard held: every criterion at least partly, most of them fully.

    `values` are 0 to 1; the least is `LEAST`, the least mean `LEAST_MEAN`.
    """
    return min(values) >= LEAST and sum(values) / len(values) + 1e-9 >= LEAST_MEAN
