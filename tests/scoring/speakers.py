"""Made-up speakers of a true grade, sitting the test with slips: how far the grade can be trusted.

A true grade is the mean worth of an answer at both standards (`results.WORTH_OF_LEVEL`); every
judgement is drawn between its two neighbours among not, partly and met so that the mean is that,
and is then read one step off with 5 % probability each way.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from opic.lib.levels import Level, cap_for
from scoring.levels.sitting import CRITERIA, WORTH_OF_LEVEL, ItemEvidence, State, _Sheet, slip
from tests.scoring.sittings import TYPES

# steps at which a grade can be shown at all, and the mistake of choosing too low is not ours
STEPS_OF = {
    Level.NL: ("1-1", "2-2"),
    Level.NM: ("1-1", "2-2"),
    Level.NH: ("2-2", "3-3"),
    Level.IL: ("2-2", "3-3"),
    Level.IM1: ("3-3", "4-4"),
    Level.IM2: ("4-4", "5-5"),
    Level.IM3: ("4-4", "5-5"),
    Level.IH: ("5-5", "6-6"),
    Level.AL: ("5-5", "6-6"),
}


@dataclass(frozen=True)
class Stability:
    level: Level
    exact: float
    within_one: float
    grades: tuple[tuple[str, int], ...]


def _sample(mean, shape, rng):
    """Judgements of 0, 1/2, 1 with this mean, each between its two neighbours."""
    below = np.floor(mean * 2) / 2
    return below + 0.5 * (rng.random(shape) < (mean - below) * 2)


def simulate(level, *, sittings, seed):
    rng = np.random.default_rng(seed)
    counts = Counter()
    for steps in STEPS_OF[level]:
        items = [
            ItemEvidence(number, kind, State.RATED)
            for number, kind in enumerate(TYPES[steps].split(), 1)
        ]
        sheet = _Sheet(items)
        lower, upper = WORTH_OF_LEVEL[level]
        part = sittings // len(STEPS_OF[level])
        low = slip(_sample(lower, (part, len(items), len(CRITERIA)), rng), rng)
        high = slip(_sample(upper, (part, len(sheet.probes), len(CRITERIA)), rng), rng)
        cap = cap_for(*map(int, steps.split("-")))
        places = np.floor(np.maximum(sheet.places(low, high), Level.NL))
        counts.update(np.minimum(places, cap.value).astype(int).tolist())
    total = sum(counts.values())
    near = sum(count for grade, count in counts.items() if abs(grade - level) <= 1)
    grades = tuple((Level(grade).name, counts[grade]) for grade in sorted(counts))
    return Stability(level, counts[level.value] / total, near / total, grades)


def sat_by(level, *, sittings, seed, lost):
    """Yield place, cap and number of items of sittings that lost so many answers at random.

    Speakers as in `simulate`.
    """
    rng = np.random.default_rng(seed)
    lower, upper = WORTH_OF_LEVEL[level]
    for steps in STEPS_OF[level]:
        types = TYPES[steps].split()
        cap = cap_for(*map(int, steps.split("-")))
        for _sitting in range(sittings // len(STEPS_OF[level])):
            left = sorted(rng.choice(len(types), len(types) - lost, replace=False))
            items = [ItemEvidence(at + 1, types[at], State.RATED) for at in left]
            sheet = _Sheet(items)
            low = slip(_sample(lower, (1, len(items), len(CRITERIA)), rng), rng)
            high = slip(_sample(upper, (1, len(sheet.probes), len(CRITERIA)), rng), rng)
            yield max(float(sheet.places(low, high)[0]), Level.NL), cap, len(types)
