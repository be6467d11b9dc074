"""The levels of a sitting and the least marks that each asks for. Pure data.

Source: exam facts C5. Starting values, to be fitted again on sittings rated by people.
"""

from dataclasses import dataclass

from opic.lib.levels import Level


@dataclass(frozen=True)
class Row:
    """A level and the least marks it asks for; `advanced` None asks for no Advanced judgement."""

    level: Level
    intermediate: float
    advanced: float | None = None


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
