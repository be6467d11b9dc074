import pytest

from opic.lib.levels import Level
from scoring.evaluation import agreement

IL, IM1, IM2, IM3, IH = Level.IL, Level.IM1, Level.IM2, Level.IM3, Level.IH


def test_shares_have_wilsons_interval():
    agreed = agreement.exact([(IM1, IM1)] * 54 + [(IM1, IH)] * 6)
    assert agreed.value == pytest.approx(0.9)
    assert (agreed.low, agreed.high) == (
        pytest.approx(0.798, abs=0.002),
        pytest.approx(0.953, abs=0.002),
    )
    assert agreement.share(0, 0) == agreement.Share(0.0, 0.0, 1.0)


def test_within_one():
    assert agreement.within_one([(IM1, IM2), (IM1, IM3), (IM1, IL), (IM1, IM1)]).value == 0.75


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(IL, IL), (IM1, IM1), (IH, IH)], 1.0),
        ([(IL, IL)] * 3, 1.0),
        ([(IL, IH), (IH, IL)], -1.0),
        ([(IL, IL), (IL, IM1), (IM1, IL), (IM1, IM1)], 0.0),
    ],
)
def test_qwk_against_values_worked_by_hand(pairs, expected):
    assert agreement.qwk(pairs) == pytest.approx(expected)


def test_bias_is_machine_minus_human_by_level():
    agreed = agreement.bias([(IM1, IM2), (IM1, IM2), (IM1, IM1), (IH, IM3)])
    assert agreed[IM1][0] == pytest.approx(2 / 3)
    assert agreed[IH] == (-1, float("inf"), 1)


def test_repeatability_counts_answers_without_a_level_as_different():
    assert agreement.repeatability([[IM1, IM1], [IM1, IM2], [None, None]]).value == pytest.approx(
        1 / 3
    )
