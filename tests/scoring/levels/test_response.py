"""The deciding code and nothing more: ladder, rules, degradation. No model is rated here."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.levels.response import decide, mark
from scoring.levels.verdicts import STEPS, Criterion, Standard, Verdict
from scoring.raters import evidence
from tests.gemini.scripts import examples

HELD_OUT = examples()
LOWER = [(criterion, Standard.INTERMEDIATE) for criterion in Criterion]
UPPER = [(criterion, Standard.ADVANCED) for criterion in Criterion]
verdicts = st.sampled_from(STEPS)
probing = st.fixed_dictionaries(dict.fromkeys([*LOWER, *UPPER], verdicts))
easy = st.fixed_dictionaries(dict.fromkeys(LOWER, verdicts))


def judgements_of(row):
    return {
        (Criterion(name), Standard(standard)): Verdict(part[standard]["verdict"])
        for name, part in row["verdicts"].items()
        for standard in ("intermediate", "advanced")
        if part[standard] is not None
    }


def decided(row):
    words = evidence.parse_transcript(row["transcript"]).counted
    return decide(judgements_of(row), words=words, item_type=row["item_type"])


def ranks(values):
    order = sorted(range(len(values)), key=lambda at: values[at])
    ranked = [0.0] * len(values)
    for value in set(values):
        places = [rank for rank, at in enumerate(order) if values[at] == value]
        for at in range(len(values)):
            if values[at] == value:
                ranked[at] = sum(places) / len(places)
    return ranked


def spearman(first, second):
    one, two = ranks(first), ranks(second)
    mean = sum(one) / len(one)
    across = sum((a - mean) * (b - mean) for a, b in zip(one, two, strict=True))
    return across / (sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in two)) ** 0.5


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
    assert spearman(levels, [decided(row).points for row in rows]) >= 0.95


def test_thirteen_types_have_examples():
    assert len(by_type()) == 13


@pytest.mark.parametrize("row", HELD_OUT, ids=lambda row: row["key"])
def test_every_example_lands_within_one_level(row):
    assert abs(decided(row).level - Level[row["level"]]) <= 1


@settings(max_examples=300, deadline=None)
@given(probing, st.sampled_from([*LOWER, *UPPER]), st.integers(5, 250))
def test_a_better_judgement_never_lowers_anything(judged, place, words):
    at = STEPS.index(judged[place])
    if at == 2:
        return
    before = decide(judged, words=words, item_type="PAST")
    after = decide({**judged, place: STEPS[at + 1]}, words=words, item_type="PAST")
    assert after.level >= before.level
    assert after.points >= before.points


@settings(max_examples=200, deadline=None)
@given(probing, st.integers(5, 250), st.integers(0, 200))
def test_more_words_never_lower_it(judged, words, more):
    before = decide(judged, words=words, item_type="MEM")
    assert decide(judged, words=words + more, item_type="MEM").level >= before.level


@settings(max_examples=200, deadline=None)
@given(easy, st.integers(5, 400), st.sampled_from(["INTRO", "DESC", "ROUT", "DET", "RP_ASK"]))
def test_an_easy_question_never_proves_advanced(judged, words, item_type):
    made = decide(judged, words=words, item_type=item_type)
    assert made.high <= Level.IM3


@settings(max_examples=200, deadline=None)
@given(probing, st.integers(5, 250))
def test_it_is_conjunctive(judged, words):
    """One criterion that is not there at all keeps the answer out of the level above."""
    made = decide(judged, words=words, item_type="CMP")
    if any(judged[place] is Verdict.NOT for place in LOWER):
        assert made.level <= Level.NH
    if any(judged[place] is Verdict.NOT for place in UPPER):
        assert made.level <= Level.IM3
    if any(judged[place] is not Verdict.MET for place in LOWER):
        assert made.level <= Level.IM1


@settings(max_examples=200, deadline=None)
@given(probing, st.integers(5, 250), st.booleans())
def test_a_range_is_two_wide_at_least_and_holds_its_level(judged, words, is_weak):
    made = decide(judged, words=words, item_type="ISSUE", is_weak=is_weak)
    assert made.low <= made.level <= made.high
    assert 1 <= made.high - made.low <= 3
    assert 0 <= made.points <= 100
    if is_weak:
        assert made.sureness == "not"


def test_few_words_show_little():
    judged = dict.fromkeys([*LOWER, *UPPER], Verdict.MET)
    levels = [decide(judged, words=words, item_type="PAST").level for words in (3, 8, 20, 40, 300)]
    assert levels == sorted(levels)
    assert levels[0] <= Level.NM
    assert levels[-1] == Level.AL
    assert decide(judged, words=20, item_type="PAST").capped_by == "words"


def test_a_mark_is_half_its_weakest():
    assert mark([Verdict.MET] * 4 + [Verdict.NOT]) == pytest.approx(0.4)


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
    words = evidence.parse_transcript(row["transcript"]).counted
    lower = decide(flattened(row), words=words, item_type=row["item_type"])
    assert lower.level < decided(row).level


@pytest.mark.parametrize("row", HELD_OUT, ids=lambda row: row["key"])
def test_dropping_clauses_lowers_points(row):
    """Half of the answer gone and sentences that no longer hang together."""
    judged = judgements_of(row)
    for standard in Standard:
        place = (Criterion.TEXT_TYPE, standard)
        if place in judged:
            judged[place] = STEPS[max(STEPS.index(judged[place]) - 1, 0)]
    words = evidence.parse_transcript(row["transcript"]).counted // 2
    lower = decide(judged, words=words, item_type=row["item_type"])
    assert lower.points <= decided(row).points
    if decided(row).level >= Level.IL:
        assert lower.points < decided(row).points


def test_levels_of_a_type_never_fall_by_two():
    for rows in by_type().values():
        ordered = sorted(rows, key=lambda row: Level[row["level"]])
        for weaker, stronger in pairwise(ordered):
            assert decided(stronger).level >= decided(weaker).level - 1
