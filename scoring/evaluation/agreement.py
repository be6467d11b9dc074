"""How far two ratings of the same answers agree. Pure.

Exact and within-one shares come with Wilson's interval (Wilson 1927); `qwk` is Cohen's weighted
kappa with quadratic weights (Cohen 1968): 1 is perfect, 0 is chance. Bias is machine minus human,
in levels.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev

from opic.lib.levels import Level

Pair = tuple[Level, Level]  # agreed, rated
Z = 1.96


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


def share(hits: int, of: int) -> Share:
    if not of:
        return Share(0.0, 0.0, 1.0)
    part, square = hits / of, Z * Z
    centre = (part + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(part * (1 - part) / of + square / (4 * of * of)) / (1 + square / of)
    return Share(part, max(centre - half, 0.0), min(centre + half, 1.0))


def exact(pairs: Sequence[Pair]) -> Share:
    return share(sum(agreed == rated for agreed, rated in pairs), len(pairs))


def within_one(pairs: Sequence[Pair]) -> Share:
    return share(sum(abs(agreed - rated) <= 1 for agreed, rated in pairs), len(pairs))


def qwk(pairs: Sequence[Pair]) -> float:
    """Return 1 where all agree, also when there is only one level."""
    first, second = Counter(a for a, _b in pairs), Counter(b for _a, b in pairs)
    seen = sum((a - b) ** 2 for a, b in pairs)
    expected = sum(
        count * other * (a - b) ** 2 for a, count in first.items() for b, other in second.items()
    )
    return 1.0 if not expected else 1 - seen * len(pairs) / expected


def bias(pairs: Sequence[Pair]) -> dict[Level, tuple[float, float, int]]:
    """Return by agreed level: mean difference, half width of its 95 % interval, how many."""
    groups: dict[Level, list[int]] = defaultdict(list)
    for agreed, rated in pairs:
        groups[agreed].append(rated - agreed)
    return {
        level: (
            mean(rows),
            Z * stdev(rows) / sqrt(len(rows)) if len(rows) > 1 else float("inf"),
            len(rows),
        )
        for level, rows in sorted(groups.items())
    }


def repeatability(runs: Sequence[Sequence[Level | None]]) -> Share:
    """Return how often every run of an answer gave the same level."""
    same = sum(len(set(levels)) == 1 and None not in levels for levels in runs)
    return share(same, len(runs))
