"""Drawing a sitting: the rules of B2 and B4, whoever sits and whatever they had before."""

import random

import pytest

from exams.sitting.assembly import AssemblyError, BankIndex, draw_first, draw_second
from exams.sitting.blueprint import BLUEPRINTS, Shift, Source, shifted, shifts
from exams.survey.rules import preset, preset_names, studies, too_few, works
from opic.lib.levels import step_code
from tests.exams.surveys import broken_rules, built_in, draw_rules_of, random_survey, steps_written

SURVEYS = 500


def sit(rules, first, second, seed):
    bank = built_in()
    start = draw_first(bank, rules, step=first, seed=seed)
    return start + draw_second(bank, rules, start, steps=(first, second), seed=seed)


def test_no_rule_is_broken_for_any_survey_and_step():
    for seed in range(SURVEYS):
        rng = random.Random(seed)
        rules = draw_rules_of(
            random_survey(seed), works=rng.random() < 0.5, studies=rng.random() < 0.5
        )
        first, second = rng.choice(steps_written())
        items = sit(rules, first, second, str(seed))
        assert broken_rules(items, rules, first, second) == [], (seed, first, second)


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("step", BLUEPRINTS)
def test_six_sittings_in_a_row_share_no_item_and_nothing_gives_way(name, step):
    answers, picked = preset(name)
    assert too_few(picked) == []
    for seed in range(6):
        previously_asked = set()
        for sitting in range(6):
            rules = draw_rules_of(
                picked,
                works=works(answers),
                studies=studies(answers),
                previously_asked=previously_asked,
            )
            items = sit(rules, step, step, f"{seed}-{sitting}")
            assert [item for item in items if item.fallback] == [], (seed, sitting)
            previously_asked |= {item.candidate.prompt for item in items}


def test_two_sittings_share_no_item_for_any_survey():
    for seed in range(SURVEYS):
        rng = random.Random(-seed)
        picked, (first, second) = random_survey(seed), rng.choice(steps_written())
        before = sit(draw_rules_of(picked), first, second, f"{seed}-1")
        previously_asked = {item.candidate.prompt for item in before}
        after = sit(
            draw_rules_of(picked, previously_asked=previously_asked), first, second, f"{seed}-2"
        )
        assert not previously_asked & {item.candidate.prompt for item in after}, seed


def test_the_same_seed_replays_the_test_and_another_does_not():
    rules = draw_rules_of(random_survey(3))
    assert sit(rules, 5, 6, "a") == sit(rules, 5, 6, "a")
    assert sit(rules, 5, 6, "a") != sit(rules, 5, 6, "b")


def test_readjusting_redraws_items_eight_to_the_end_only():
    rules = draw_rules_of(random_survey(4))
    easier, harder = sit(rules, 4, 3, "x"), sit(rules, 4, 5, "x")
    assert easier[:7] == harder[:7]
    assert [item.number for item in harder[7:]] == list(range(8, 16))
    assert [item.candidate.item_type for item in harder[13:]] == ["CMP", "ISSUE"]
    assert easier[14].candidate.item_type == "ASK_AVA"


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        (2, 3, ["DESC", None, None, "RP_ASK", "RP_SOLVE"]),
        (3, 2, ["DESC", None, None, "RP_ASK", "RP_SOLVE", "RP_EXP", "DESC", "ASK_AVA"]),
        (1, 2, ["DESC", None, None, "RP_ASK", "ASK_AVA"]),
    ],
)
def test_the_total_follows_the_first_step(first, second, kinds):
    items = sit(draw_rules_of(random_survey(5)), first, second, "y")[7:]
    for wanted, item in zip(kinds, items, strict=True):
        assert wanted in (None, item.candidate.item_type)


def test_the_other_reading_of_the_crossing_is_a_setting():
    bank, rules = built_in(), draw_rules_of(random_survey(6))
    start = draw_first(bank, rules, step=2, seed="z")
    rest = draw_second(bank, rules, start, steps=(2, 3), seed="z", total_follows="second")
    assert len(start) + len(rest) == 15


def test_a_thin_bank_gives_way_and_says_so():
    rules = draw_rules_of(random_survey(7))
    previously_asked = {
        item.candidate.prompt for seed in range(60) for item in sit(rules, 3, 3, str(seed))
    }
    items = sit(draw_rules_of(random_survey(7), previously_asked=previously_asked), 3, 3, "again")
    assert {item.fallback for item in items} >= {"repeated"}
    assert (
        broken_rules(
            items, draw_rules_of(random_survey(7), previously_asked=previously_asked), 3, 3
        )
        == []
    )


def test_an_empty_bank_is_an_error_and_no_endless_search():
    with pytest.raises(AssemblyError, match="intro"):
        draw_first(BankIndex.of([]), draw_rules_of(random_survey(8)), step=3, seed="s")


def test_people_without_work_are_asked_nothing_of_work():
    picked = random_survey(9)
    topics = {
        item.candidate.topic
        for seed in range(200)
        for item in sit(draw_rules_of(picked), 5, 5, str(seed))
    }
    assert not topics & {"work", "school"}
    with_work = {
        item.candidate.topic
        for seed in range(200)
        for item in sit(draw_rules_of(picked, works=True), 5, 5, str(seed))
    }
    assert "work" in with_work


def test_the_choices_after_item_seven():
    assert shifts(1) == (Shift.SIMILAR, Shift.HARDER)
    assert shifts(4) == (Shift.EASIER, Shift.SIMILAR, Shift.HARDER)
    assert shifts(6) == (Shift.EASIER, Shift.SIMILAR)
    assert [shifted(5, shift) for shift in shifts(5)] == [4, 5, 6]
    with pytest.raises(ValueError, match="step 6"):
        shifted(6, Shift.HARDER)
    assert (step_code(5, 6), step_code(5, None)) == ("5-6", "5")


def test_a_second_unexpected_combo_comes_only_at_the_high_steps():
    rules = draw_rules_of(random_survey(10))
    counts = {
        step: {
            sum(
                1
                for one in {(i.block, i.source) for i in sit(rules, step, step, str(seed))}
                if one[1] is Source.UNEXPECTED
            )
            for seed in range(40)
        }
        for step in BLUEPRINTS
    }
    assert counts == {1: {0}, 2: {0}, 3: {1}, 4: {1}, 5: {1, 2}, 6: {1, 2}}
