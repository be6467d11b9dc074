"""The deciding code and nothing more: ladder, rules, degradation. No model is rated here."""

import random
from collections import defaultdict
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.evaluation.agreement import rank_correlation
from scoring.levels.counted_cap import Cap
from scoring.levels.response import IN_REACH, REACH, decide, place_of, slips
from scoring.levels.verdicts import STEPS, Criterion, Standard, Verdict
from tests.gemini.scripts import examples
from tests.scoring.graded import decided, judgements_of

HELD_OUT = examples()
LOWER = [(criterion, Standard.INTERMEDIATE) for criterion in Criterion]
UPPER = [(criterion, Standard.ADVANCED) for criterion in Criterion]
ANYTHING = Cap(Level.AL)
verdicts = st.sampled_from(STEPS)
judged_at_both = st.fixed_dictionaries(dict.fromkeys([*LOWER, *UPPER], verdicts))
caps = st.sampled_from([Cap(level, "words") for level in Level])


def by_type():
    groups = defaultdict(list)
    for row in HELD_OUT:
        groups[row["item_type"]].append(row)
    return groups


@pytest.mark.parametrize("item_type", sorted(by_type()))
def test_the_ladder_rises(item_type):
    rows = by_type()[item_type]
    assert len({row["level"] for row in rows}) >= 4
    levels = [Level[row["level"]] for row in rows]
    assert rank_correlation(levels, [decided(row).points for row in rows]) >= 0.95


def test_thirteen_types_have_examples():
    assert len(by_type()) == 13


@pytest.mark.parametrize("row", HELD_OUT, ids=lambda row: row["key"])
def test_every_example_lands_within_one_level(row):
    assert abs(decided(row).level - Level[row["level"]]) <= 1


# --- every pattern there is: 3 verdicts, 5 criteria, 2 standards ----------------------------------


def places_of_all():
    """The place of each of the 59,049 patterns, as an array with an axis a judgement."""
    keys = [*LOWER, *UPPER]
    places = [
        place_of(dict(zip(keys, pattern, strict=True)))
        for pattern in product(STEPS, repeat=len(keys))
    ]
    return np.array(places).reshape([len(STEPS)] * len(keys))


@pytest.fixture(scope="module")
def places():
    return places_of_all()


@pytest.fixture(scope="module", params=[Level.IL, Level.IM3, Level.AL], ids=lambda cap: cap.name)
def ends(request, places):
    """Level, low and high end of every pattern, below a cap."""
    bounded = np.minimum(places, request.param + IN_REACH)
    low = np.maximum(np.floor(bounded - REACH), Level.NL)
    high = np.minimum(np.floor(bounded + REACH), request.param)
    return np.floor(bounded), low, high


@pytest.mark.no_cover
def test_the_arrays_are_what_is_decided(places):
    """The enumerations below stand for `decide`: here both are compared, at random."""
    rng = random.Random(4)
    keys = [*LOWER, *UPPER]
    for _try in range(300):
        pattern = [rng.randrange(3) for _key in keys]
        judged = {key: STEPS[at] for key, at in zip(keys, pattern, strict=True)}
        cap = rng.choice(list(Level))
        made = decide(judged, cap=Cap(cap, "words"))
        bounded = min(places[tuple(pattern)], cap + IN_REACH)
        assert made.level == int(bounded)
        assert made.low == max(int(bounded - REACH), Level.NL)
        assert made.high == min(int(bounded + REACH), cap)


def test_a_better_judgement_never_lowers_anything(ends):
    for values in ends:
        for axis in range(values.ndim):
            assert (np.diff(values, axis=axis) >= 0).all()


def test_one_slip_moves_it_by_one_level_at_most_and_the_ranges_overlap(ends):
    level, low, high = ends
    for axis in range(level.ndim):
        assert np.abs(np.diff(level, axis=axis)).max() <= 1
        below = [slice(None)] * level.ndim
        above = [slice(None)] * level.ndim
        below[axis], above[axis] = slice(0, 2), slice(1, 3)
        assert (high[tuple(below)] >= low[tuple(above)]).all()


def test_two_slips_move_it_by_two_levels_at_most(ends):
    level = ends[0]
    for first in range(level.ndim):
        for second in range(first, level.ndim):
            assert np.abs(np.diff(np.diff(level, axis=first), axis=second)).max() <= 2
        assert np.abs(np.take(level, 2, first) - np.take(level, 0, first)).max() <= 2


def test_what_holds_at_advanced_holds_at_intermediate(places):
    for at in range(len(Criterion)):
        for upper, lower in ((1, 0), (2, 0), (2, 1)):
            here, there = [slice(None)] * places.ndim, [slice(None)] * places.ndim
            here[at], here[at + len(LOWER)] = lower, upper
            there[at], there[at + len(LOWER)] = upper, upper
            assert (places[tuple(here)] == places[tuple(there)]).all()


def test_the_upper_levels_want_every_criterion(places):
    """Exam facts C5: one criterion that is not there keeps it out of the level above."""
    for axis in range(len(LOWER), places.ndim):
        assert np.take(places, 0, axis).max() < Level.IH
        assert np.take(places, 1, axis).max() < Level.AL
    assert places.min() >= Level.NL
    assert int(places.max()) == Level.AL


@settings(max_examples=200)
@given(judged_at_both, caps, st.booleans())
def test_sure_is_said_only_where_slips_leave_it(judged, cap, is_weak):
    made = decide(judged, cap=cap, is_weak=is_weak)
    after = [decide(other, cap=cap).level for other in slips(judged)]
    share = sum(level == made.level for level in after) / len(after)
    assert made.sureness == "not" or share >= {"quite": 0.75, "fairly": 0.5}[made.sureness]
    if is_weak:
        assert made.sureness == "not"


@settings(max_examples=200)
@given(judged_at_both, caps, st.booleans())
def test_a_range_holds_its_level_and_is_two_or_three_wide(judged, cap, is_weak):
    made = decide(judged, cap=cap, is_weak=is_weak)
    assert made.low <= made.level <= made.high <= cap.level
    assert made.high - made.low <= 2 + is_weak
    if cap.level > Level.NL:
        assert made.high > made.low
    assert 0 <= made.points <= 100


def test_it_says_where_the_kind_of_question_can_show_no_more():
    judged = {
        **dict.fromkeys(LOWER, Verdict.MET),
        **dict.fromkeys(UPPER, Verdict.PARTLY),
    }
    assert decide(judged, cap=Cap(Level.IM3, "item")).capped_by == "item"
    assert decide(judged, cap=Cap(Level.AL, "item")).capped_by == ""


def test_the_points_go_from_end_to_end():
    for verdict, points in ((Verdict.NOT, 0), (Verdict.MET, 100)):
        judged = dict.fromkeys([*LOWER, *UPPER], verdict)
        assert decide(judged, cap=ANYTHING).points == points


def as_rows(judged):
    rows = {}
    for (criterion, standard), verdict in judged.items():
        rows.setdefault(criterion.value, {})[standard.value] = {"verdict": verdict.value}
    return rows


def flattened(row):
    """Past tense gone: what it carries at Advanced standard goes down by one, language to `not`."""
    judged = judgements_of(row)
    for place in UPPER:
        at = STEPS.index(judged[place])
        judged[place] = STEPS[max(at - 1, 0)]
    return {**judged, (Criterion.LANGUAGE_CONTROL, Standard.ADVANCED): Verdict.NOT}


@pytest.mark.parametrize(
    "row", [row for row in HELD_OUT if row["level"] in ("IM3", "IH", "AL")], ids=lambda r: r["key"]
)
def test_flattening_the_past_lowers_advanced_answers(row):
    if row["item_type"] not in ("PAST", "MEM", "RP_EXP", "CHG"):
        return
    assert decided({**row, "verdicts": as_rows(flattened(row))}).level < decided(row).level


@pytest.mark.parametrize("row", HELD_OUT, ids=lambda row: row["key"])
def test_dropping_clauses_lowers_points(row):
    """Half of the answer gone and sentences that no longer hang together."""
    judged = judgements_of(row)
    for standard in Standard:
        place = (Criterion.TEXT_TYPE, standard)
        judged[place] = STEPS[max(STEPS.index(judged[place]) - 1, 0)]
    words = row["transcript"].split()
    half = " ".join(words[: len(words) // 2])
    lower = decided({**row, "transcript": half, "verdicts": as_rows(judged)})
    assert lower.points <= decided(row).points
    if decided(row).level >= Level.IL:
        assert lower.points < decided(row).points


def test_levels_of_a_type_never_fall_by_two():
    for rows in by_type().values():
        ordered = sorted(rows, key=lambda row: Level[row["level"]])
        for weaker, stronger in pairwise(ordered):
            assert decided(stronger).level >= decided(weaker).level - 1
