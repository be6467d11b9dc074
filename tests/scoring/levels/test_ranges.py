"""How a place on the scale becomes the range of a sitting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.levels import sitting
from scoring.levels.sitting import range_of, width_of
from tests.scoring.speakers import sat_by

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

L = Level
places = st.floats(1.0, sitting.TOP)
caps = st.sampled_from([L.IL, L.IH, L.AL])
widths = st.sampled_from([2, 3, 4])


@pytest.mark.parametrize(
    ("place", "width", "shown"),
    [
        (6.0, 2, (L.IM1, L.IM2)),  # just reached: the level below is nearer
        (6.5, 2, (L.IM2, L.IM3)),
        (6.5, 3, (L.IM1, L.IM3)),
        (6.0, 4, (L.IL, L.IM3)),
        (6.5, 4, (L.IM1, L.IH)),
        (1.0, 2, (L.NL, L.NM)),
        (9.9, 2, (L.IH, L.AL)),
        (9.9, 4, (L.IM2, L.AL)),
    ],
)
def test_a_range(place, width, shown):
    assert range_of(place, L.AL, width) == shown


@settings(max_examples=500)
@given(places, caps, widths)
def test_it_is_as_wide_as_told_and_holds_its_level(place, cap, width):
    low, high = range_of(place, cap, width)
    assert high - low == width - 1
    assert low <= min(int(place), cap) <= high <= cap


@settings(max_examples=500)
@given(places, places, caps, widths)
def test_neither_end_falls_when_the_place_rises(one, other, cap, width):
    lower, higher = sorted([one, other])
    for end in (0, 1):
        assert range_of(lower, cap, width)[end] <= range_of(higher, cap, width)[end]


@settings(max_examples=500)
@given(places, widths)
def test_no_nearer_neighbour_is_left_out(place, width):
    """Nearer to where the place would be without slips; where the scale does not end."""
    low, high = range_of(place, L.AL, width)
    level, middle = int(place), place + sitting.LEAN
    if low > L.NL and high < L.AL and low < level < high:
        shown, beside = [low, high], [low - 1, high + 1]
        farthest = max(abs(middle - at - 0.5) for at in shown)
        assert farthest <= min(abs(middle - at - 0.5) for at in beside) + 1e-9


@settings(max_examples=200)
@given(st.integers(1, 15), st.data())
def test_more_losses_never_make_it_narrower(items, data):
    lost = data.draw(st.integers(0, items))
    assert width_of(lost, items) <= width_of(min(lost + 1, items), items)


@pytest.mark.parametrize("lost", [0, 1, 3, 5])
def test_the_range_leans_to_neither_side(lost):
    """Over made-up speakers of every grade whose range has room on both sides."""
    middles, sides = {}, Counter()
    for level in Level:
        off = []
        for place, cap, items in sat_by(level, sittings=160, seed=3, lost=lost):
            low, high = range_of(place, cap, width_of(lost, items))
            if level - 1 > L.NL and level + width_of(lost, items) / 2 < cap + 1:
                off.append((low + high) / 2 - level)
            sides["above"] += level > high
            sides["below"] += level < low
        if off:
            middles[level.name] = float(np.mean(off))
    assert len(middles) >= 3
    assert abs(np.mean(list(middles.values()))) <= 0.2, middles
    assert max(map(abs, middles.values())) <= 0.45, middles
    assert abs(sides["above"] - sides["below"]) <= 0.01 * 160 * len(Level), sides


def test_random_losses_move_the_level_neither_up_nor_down():
    """On average over speakers of every grade: within a tenth of a level."""
    means = [
        np.mean(
            [
                min(int(place), cap) - level
                for level in Level
                for place, cap, _items in sat_by(level, sittings=160, seed=5, lost=lost)
            ]
        )
        for lost in (0, 3, 5)
    ]
    assert max(means) - min(means) <= 0.1, means
