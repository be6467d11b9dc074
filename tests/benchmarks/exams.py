"""What drawing a sitting and making its result cost."""

import random
import time

from exams.sitting.assembly import draw_first, draw_second
from opic.lib.levels import Level
from scoring.levels.sitting import ItemEvidence, State, result_of, values_of_level
from tests.benchmarks.lines import Line, median, percentile
from tests.exams.surveys import built_in, draw_rules_of, random_survey, steps_written
from tests.scoring.sittings import HIGH

DRAWS = 300
RESULTS = 10


def _draw_once(seed: int) -> float:
    """Milliseconds of one sitting, both halves."""
    rules = draw_rules_of(random_survey(seed))
    first, second = random.Random(seed).choice(steps_written())
    begun = time.perf_counter()
    start = draw_first(built_in(), rules, step=first, seed=str(seed))
    draw_second(built_in(), rules, start, steps=(first, second), seed=str(seed))
    return 1000 * (time.perf_counter() - begun)


def _made(seed: int) -> float:
    """Milliseconds of one result with its range."""
    items = [
        ItemEvidence(number, kind, State.RATED, values_of_level(Level.IM3, kind))
        for number, kind in enumerate(HIGH.split(), 1)
    ]
    begun = time.perf_counter()
    result_of(items, cap=Level.AL, seed=str(seed))
    return 1000 * (time.perf_counter() - begun)


def exam_lines() -> list[Line]:
    built_in()
    draws = [_draw_once(seed) for seed in range(DRAWS)]
    return [
        Line("drawing the items of a sitting: median", median(draws), "ms"),
        Line("the same: p95", percentile(draws, 0.95), "ms"),
        Line(
            "result of a sitting with its range", median([_made(n) for n in range(RESULTS)]), "ms"
        ),
    ]
