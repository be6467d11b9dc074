"""`make soak`: bombs in parallel and a thousand damaged files over real HTTP.

SOAK_BOMB_SECONDS: how long (600 for the full count).
"""

import os

from tests.benchmarks.bombs import hostile_lines


def test_hostile_sound_costs_nobody_else_anything() -> None:
    lines = hostile_lines(float(os.environ.get("SOAK_BOMB_SECONDS", "30")), 1000)
    missed = [line.as_row() for line in lines if not line.holds]
    assert missed == []
