"""The step that serves a target."""

import pytest

from opic.lib.levels import CAP_BY_STEP, STEPS, Level, cap_for, step_for


@pytest.mark.parametrize("target", Level)
def test_the_step_of_a_target_can_show_it(target):
    assert step_for(target) in STEPS
    assert cap_for(step_for(target)) >= target


def test_a_higher_target_never_gets_a_lower_step():
    steps = [step_for(target) for target in Level]
    assert steps == sorted(steps)
    assert set(steps) == set(CAP_BY_STEP)
