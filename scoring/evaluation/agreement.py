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
    """Return a share with Wilson's 95 % interval (Wilson 1927); 0 within 0 to 1 for `of` 0."""
    if not of:
        return Share(0.0, 0.0, 1.0)
    part, square = hits / of, Z * Z
    centre = (part + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(part * (1 - part) / of + square / (4 * of * of)) / (1 + square / of)
    return Share(part, max(centre - half, 0.0), min(centre + half, 1.0))


def exact(pairs: Sequence[Pair]) -> Share:
    """Return how many pairs have the same level twice."""
    return share(sum(agreed == rated for agreed, rated in pairs), len(pairs))


def within_one(pairs: Sequence[Pair]) -> Share:
    """Return how many pairs differ by one level at most."""
    return share(sum(abs(agreed - rated) <= 1 for agreed, rated in pairs), len(pairs))


def qwk(pairs: Sequence[Pair]) -> float:
    """Return Cohen's kappa with quadratic weights: 1 is perfect agreement, 0 is chance.

    It is 1 as well where there is only one level, or no pair.
    """
    first, second = Counter(a for a, _b in pairs), Counter(b for _a, b in pairs)
    seen = sum((a - b) ** 2 for a, b in pairs)
    expected = sum(
        count * other * (a - b) ** 2 for a, count in first.items() for b, other in second.items()
    )
    return 1.0 if not expected else 1 - seen * len(pairs) / expected


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation, ties at their mean rank; 0 where one side is all equal.

    Source: Spearman 1904.
    """
    one, two = _ranks(first), _ranks(second)
    middle = mean(one)
    across = sum((a - middle) * (b - middle) for a, b in zip(one, two, strict=True))
    spread = sum((a - middle) ** 2 for a in one) * sum((b - middle) ** 2 for b in two)
    return across / sqrt(spread) if spread else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    places = defaultdict(list)
    for rank, value in enumerate(sorted(values)):
        places[value].append(rank)
    return [mean(places[value]) for value in values]


def bias(pairs: Sequence[Pair]) -> dict[Level, tuple[float, float, int]]:
    """Return for each agreed level: mean difference, half its 95 % interval, number of pairs.

    The difference is rated minus agreed, in levels. Of a single pair the interval is infinite.
    """
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
    """Return how many answers had the same level in every run."""
    same = sum(len(set(levels)) == 1 and None not in levels for levels in runs)
    return share(same, len(runs))
