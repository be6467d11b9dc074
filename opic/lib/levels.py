"""The scale of the exam: nine levels in order, six self-assessment steps, what each step can show.

Pure. Sources: exam facts C1 (scale) and C2 (caps by step, steps by target; inferred, so
data).
"""

from enum import IntEnum


class Level(IntEnum):
    """The nine grades that are reported, lowest first; compare and count with the numbers."""

    NL = 1
    NM = 2
    NH = 3
    IL = 4
    IM1 = 5
    IM2 = 6
    IM3 = 7
    IH = 8
    AL = 9

    @classmethod
    def choices(cls) -> list[tuple[int, str]]:
        """Return (number, name) pairs, lowest first, as choices of a column."""
        return [(level.value, level.name) for level in cls]


STEPS = range(1, 7)
DEFAULT_STEP = 4
NO_BREAK_HYPHEN = "\u2011"
DEFAULT_TARGET = Level.IM2
CAP_BY_STEP = {
    1: Level.IL,
    2: Level.IL,
    3: Level.IH,
    4: Level.IH,
    5: Level.AL,
    6: Level.AL,
}
STEP_BY_TARGET = {
    Level.NL: 1,
    Level.NM: 1,
    Level.NH: 1,
    Level.IL: 2,
    Level.IM1: 3,
    Level.IM2: 4,
    Level.IM3: 4,
    Level.IH: 5,
    Level.AL: 6,
}


def cap_for(first_step: int, second_step: int | None = None) -> Level:
    """Return the highest level that a sitting can show: the cap of the higher of its two steps."""
    return CAP_BY_STEP[max(first_step, second_step or first_step)]


def step_for(target: Level) -> int:
    """Return the step that serves a target: it can show it, and asks for what it needs."""
    return STEP_BY_TARGET[target]


def range_name(low: Level, high: Level) -> str:
    """Return one name, or two with a hyphen that breaks no line between them."""
    return low.name if low == high else f"{low.name}{NO_BREAK_HYPHEN}{high.name}"


def step_code(first: int, second: int | None) -> str:
    """Return `5-6`, the way candidates write it; the first alone until item 7 is over."""
    return f"{first}-{second}" if second else str(first)
