"""Long runs of the exam's rules: every survey, every step, and 10,000 speakers a grade."""

import json
import random

import pytest

from exams.sitting.assembly import draw_first, draw_second
from opic.lib.levels import Level
from scoring.levels.sitting import WORTH_OF_LEVEL
from tests.exams.surveys import broken_rules, built_in, draw_rules_of, random_survey, steps_written
from tests.scoring.speakers import simulate

SURVEYS = 20_000
PAIRS = 1_000
SITTINGS = 10_000


def test_twenty_thousand_surveys_break_no_rule_at_any_step():
    bank = built_in()
    for seed in range(SURVEYS):
        rng = random.Random(seed)
        rules = draw_rules_of(
            random_survey(seed), works=rng.random() < 0.5, studies=rng.random() < 0.5
        )
        starts = {}
        for first, second in steps_written():
            if first not in starts:
                starts[first] = draw_first(bank, rules, step=first, seed=str(seed))
            start = starts[first]
            items = start + draw_second(bank, rules, start, steps=(first, second), seed=str(seed))
            assert broken_rules(items, rules, first, second) == [], (seed, first, second)


def test_two_sittings_in_a_row_share_no_item_for_a_thousand_surveys():
    bank = built_in()
    for seed in range(PAIRS):
        picked = random_survey(seed)
        for step in range(1, 7):
            previously_asked = set()
            for sitting in range(2):
                rules = draw_rules_of(picked, previously_asked=previously_asked)
                start = draw_first(bank, rules, step=step, seed=f"{seed}-{sitting}")
                items = start + draw_second(
                    bank, rules, start, steps=(step, step), seed=f"{seed}-{sitting}"
                )
                asked = {item.candidate.prompt for item in items}
                assert not asked & previously_asked, (seed, step)
                previously_asked |= asked


@pytest.mark.parametrize("level", WORTH_OF_LEVEL)
def test_ninety_per_cent_stay_within_one_grade(level, capsys):
    shares = simulate(level, sittings=SITTINGS, seed=2026)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{Level(level).name}: exact {shares.exact:.3f}, within one {shares.within_one:.3f}, "
            + json.dumps(shares.grades)
        )
    assert shares.within_one >= 0.90
