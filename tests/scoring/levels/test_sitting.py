"""Floor, ceiling and level of a sitting: the hand-made table, properties, stability under slips."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level, cap_for
from scoring.levels.sitting import (
    CRITERIA,
    ItemEvidence,
    Major,
    State,
    result_of,
    values_from,
    values_of_level,
)
from scoring.levels.verdicts import Standard
from tests.scoring.sittings import HIGH, MIDDLE, SITTINGS, TYPES
from tests.scoring.speakers import simulate

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

WORTH = {"M": 1.0, "P": 0.5, "N": 0.0}
FEW = 20  # draws where the range is not looked at


def evidence(number, item_type, code, but=()):
    if code in "ST":
        return ItemEvidence(number, item_type, State.SKIPPED if code == "S" else State.LEFT_OUT)
    values = {}
    for criterion in CRITERIA:
        own = dict(but).get(criterion.value, code)
        values[Standard.INTERMEDIATE, criterion] = WORTH[own[0]]
        if item_type in PROBES_ADVANCED:
            values[Standard.ADVANCED, criterion] = WORTH[own[1]]
    return ItemEvidence(number, item_type, State.RATED, values)


def sat(sitting):
    return [
        evidence(number, kind, sitting.items.get(number, sitting.default), sitting.but)
        for number, kind in enumerate(TYPES[sitting.steps].split(), start=1)
    ]


def cap_of(steps):
    return cap_for(*map(int, steps.split("-")))


@pytest.mark.parametrize("sitting", SITTINGS, ids=lambda one: one.name)
def test_the_table_of_sittings(sitting):
    result = result_of(sat(sitting), cap=cap_of(sitting.steps), simulations=FEW)
    level = result.level.name if result.level else None
    assert (level, result.floor, result.ceiling) == (sitting.level, sitting.floor, sitting.ceiling)
    reason, _colon, weakest = sitting.reason.partition(":")
    assert result.reason == reason
    if weakest:
        assert result.weakest == weakest


def test_the_table_is_long_enough():
    assert len(SITTINGS) >= 40


def test_the_cap_says_when_it_bit():
    by_name = {sitting.name: sitting for sitting in SITTINGS}
    for name, bit in (("everything, but at step 4", True), ("four of five probes", False)):
        sitting = by_name[name]
        assert result_of(sat(sitting), cap=cap_of(sitting.steps), simulations=FEW).cap_bit is bit


def test_the_items_that_show_floor_and_ceiling():
    sitting = next(one for one in SITTINGS if one.name == "two thirds of the probes")
    result = result_of(sat(sitting), cap=Level.AL, simulations=FEW)
    assert result.floor_items == tuple(range(1, 16))
    assert result.ceiling_items == (13, 14, 15)


def test_a_recited_answer_has_half_the_weight():
    types = MIDDLE.split()
    plain = [
        evidence(number, kind, "MM" if number in (4, 7, 10) else "MN")
        for number, kind in enumerate(types, 1)
    ]
    weak = [
        ItemEvidence(one.number, one.item_type, one.state, one.values, one.number in (4, 7, 10))
        for one in plain
    ]
    # 3/5 = .6; with half the weight 1.5/3.5 = .43
    assert result_of(plain, cap=Level.IH, simulations=FEW).level == Level.IH
    assert result_of(weak, cap=Level.IH, simulations=FEW).level == Level.IM3


def test_many_recited_answers_leave_nothing_sure():
    items = [evidence(n, kind, "MM") for n, kind in enumerate(HIGH.split(), 1)]
    weak = [
        ItemEvidence(one.number, one.item_type, one.state, one.values, one.number <= 6)
        for one in items
    ]
    assert result_of(items, cap=Level.AL).sureness == "quite"
    assert result_of(weak, cap=Level.AL).sureness == "not"


def test_what_was_lost_widens_the_range_and_lowers_nothing():
    whole = [evidence(n, kind, "MP") for n, kind in enumerate(HIGH.split(), 1)]
    lost = [
        evidence(one.number, one.item_type, "T") if one.number in (4, 7, 9, 12, 14) else one
        for one in whole
    ]
    clean, torn = (result_of(items, cap=Level.AL, seed="s") for items in (whole, lost))
    assert clean.level == torn.level == Level.IM3
    assert torn.high - torn.low > clean.high - clean.low
    assert ["quite", "fairly", "not"].index(torn.sureness) > ["quite", "fairly", "not"].index(
        clean.sureness
    )


def test_the_same_seed_gives_the_same_range():
    items = [evidence(n, kind, "MP") for n, kind in enumerate(HIGH.split(), 1)]
    assert result_of(items, cap=Level.AL, seed="a") == result_of(items, cap=Level.AL, seed="a")


def test_stored_judgements_become_values():
    row = {"intermediate": "met", "advanced": "partly", "quotes": ["x"]}
    values = values_from({"functions": row, "content": {"intermediate": "not", "advanced": None}})
    assert sorted(values.values()) == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("level", Level)
def test_a_person_s_level_on_every_answer_is_the_level_of_the_sitting(level):
    items = [
        ItemEvidence(n, kind, State.RATED, values_of_level(level, kind))
        for n, kind in enumerate(HIGH.split(), 1)
    ]
    assert result_of(items, cap=Level.AL, simulations=FEW).level == level


codes = st.sampled_from(["MM", "MP", "MN", "PP", "PN", "NN", "S"])
sittings = st.builds(
    lambda types, given: [
        evidence(number, kind, code)
        for number, (kind, code) in enumerate(zip(types.split(), given, strict=False), 1)
    ],
    st.sampled_from(sorted(set(TYPES.values()))),
    st.lists(codes, min_size=15, max_size=15),
)
STEP_UP = {0.0: 0.5, 0.5: 1.0, 1.0: 1.0}


def level_of(items, cap=Level.AL):
    return result_of(items, cap=cap, simulations=1).level


@settings(max_examples=300)
@given(sittings, st.data())
def test_improving_a_judgement_never_lowers_the_grade(items, data):
    at = data.draw(st.sampled_from([n for n, one in enumerate(items) if one.values] or [None]))
    if at is None:
        return
    one = items[at]
    key = data.draw(st.sampled_from(sorted(one.values)))
    better = {**one.values, key: STEP_UP[one.values[key]]}
    improved = [*items]
    improved[at] = ItemEvidence(one.number, one.item_type, one.state, better)
    seeds = data.draw(st.tuples(st.text(max_size=3), st.text(max_size=3)))
    before, after = (
        result_of(rows, cap=Level.AL, seed=seed, simulations=1)
        for rows, seed in zip((items, improved), seeds, strict=True)
    )
    assert after.level >= before.level
    assert after.low >= before.low
    assert after.high >= before.high


@settings(max_examples=100)
@given(sittings, st.data())
def test_a_lost_answer_never_narrows_the_range(items, data):
    at = data.draw(st.integers(0, len(items) - 1))
    torn = [*items]
    torn[at] = ItemEvidence(items[at].number, items[at].item_type, State.LEFT_OUT)
    widths = [
        one.high - one.low
        for one in (result_of(rows, cap=Level.AL, simulations=1) for rows in (items, torn))
    ]
    assert widths[0] <= widths[1]


@settings(max_examples=60)
@given(sittings, st.integers(1, 14))
def test_what_was_lost_never_makes_it_surer(items, lost):
    """The same answers, once alone and once with others of the sitting lost."""
    lost = min(lost, len(items) - 1)
    torn = [*items]
    for at in range(lost):
        torn[at] = ItemEvidence(items[at].number, items[at].item_type, State.LEFT_OUT)
    words = ["not", "fairly", "quite"]
    alone, with_losses = (
        words.index(result_of(rows, cap=Level.AL, seed="s", simulations=200).sureness)
        for rows in (items[lost:], torn)
    )
    assert with_losses < words.index("quite")
    assert with_losses <= alone
    if lost * 3 >= len(items):
        assert with_losses == words.index("not")


@settings(max_examples=300)
@given(sittings, st.data())
def test_saying_anything_is_never_worse_than_saying_nothing(items, data):
    at = data.draw(st.integers(0, len(items) - 1))
    silent = [*items]
    silent[at] = ItemEvidence(items[at].number, items[at].item_type, State.SKIPPED)
    assert level_of(silent) <= level_of(items)


@settings(max_examples=300)
@given(sittings, st.data())
def test_one_skipped_easy_item_costs_one_sublevel_at_most(items, data):
    easy = [n for n, one in enumerate(items) if not one.probes_advanced]
    at = data.draw(st.sampled_from(easy))
    silent = [*items]
    silent[at] = ItemEvidence(items[at].number, items[at].item_type, State.SKIPPED)
    assert level_of(items) - level_of(silent) <= 1


@settings(max_examples=100)
@given(sittings, st.sampled_from([Level.IL, Level.IH, Level.AL]))
def test_the_cap_holds_and_the_range_holds_the_level(items, cap):
    result = result_of(items, cap=cap, simulations=30)
    assert result.level <= cap
    assert result.low <= result.level <= result.high <= cap
    assert 1 <= result.high - result.low <= 3


def test_without_probes_nothing_advanced_is_shown():
    types = ["INTRO", "DESC", "ROUT", "DESC", "ROUT", "RP_ASK", "DESC", "ASK_AVA"]
    items = [evidence(n, kind, "MM") for n, kind in enumerate(types, 1)]
    result = result_of(items, cap=Level.AL, simulations=FEW)
    assert result.level == Level.IM2
    assert result.ceiling == Major.ADVANCED


@pytest.mark.parametrize("level", Level)
def test_most_sittings_stay_within_one_grade_under_slips(level):
    """A few of `make soak`'s 10,000."""
    shares = simulate(level, sittings=150, seed=7)
    assert shares.within_one >= 0.9


def test_simulated_speakers_are_reproducible():
    assert simulate(Level.IH, sittings=40, seed=3) == simulate(Level.IH, sittings=40, seed=3)
    assert random.Random(3).random() == random.Random(3).random()
