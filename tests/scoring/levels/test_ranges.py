"""How a level becomes a range: of one answer by its neighbours, of a sitting by its sides."""

import pytest

from opic.lib.levels import Level
from scoring.levels.response import _range_by_neighbour
from scoring.levels.sitting import _range_by_side

L = Level
# shares of the draws -> the range of one answer, and of a sitting at its least width 2
CASES = [
    # sure of itself: the likelier neighbour comes along, and of equals the lower one
    ({L.IM2: 1.0}, (L.IM1, L.IM2), (L.IM1, L.IM2)),
    ({L.IM2: 0.8, L.IM3: 0.2}, (L.IM2, L.IM3), (L.IM2, L.IM3)),
    # the neighbour above is likelier, the side below is heavier
    (
        {L.NH: 0.2, L.IL: 0.2, L.IM1: 0.1, L.IM2: 0.3, L.IM3: 0.2},
        (L.IM1, L.IM3),
        (L.NH, L.IM2),
    ),
    # an answer is three wide at most, a sitting four
    (
        {L.IL: 0.25, L.IM1: 0.25, L.IM2: 0.25, L.IM3: 0.25},
        (L.IL, L.IM2),
        (L.IL, L.IM3),
    ),
    # at the ends of the scale there is one way only
    ({L.NL: 1.0}, (L.NL, L.NM), (L.NL, L.NM)),
    ({L.AL: 1.0}, (L.IH, L.AL), (L.IH, L.AL)),
]


@pytest.mark.parametrize(("shares", "of_response", "of_sitting"), CASES)
def test_a_range(shares, of_response, of_sitting):
    level = L.IM2 if L.IM2 in shares else next(iter(shares))
    assert _range_by_neighbour(level, shares) == of_response
    assert _range_by_side(level, shares, 2) == of_sitting


@pytest.mark.parametrize(("least", "low"), [(2, L.IM1), (3, L.IL), (4, L.NH)])
def test_a_sitting_with_losses_has_a_wider_range(least, low):
    assert _range_by_side(L.IM2, {L.IM2: 1.0}, least) == (low, L.IM2)
