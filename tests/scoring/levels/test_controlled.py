"""The deciding code on examples whose length says nothing of their level. No model is rated here.

Levels and judgements are their author's; the same figures for counting words stand beside.
"""

import random
from collections import defaultdict

import pytest

from opic.lib.levels import Level
from scoring.ears.base import Heard
from scoring.evaluation.agreement import rank_correlation
from scoring.levels.response import decide, place_of
from scoring.raters import evidence
from scoring.raters.unratable import why_unratable
from tests.scoring.graded import (
    LENGTHS,
    as_spoken,
    cap_of,
    controlled,
    decided,
    judgements_of,
    stress,
    unratable_texts,
    words_of,
)

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

WHOLE = {length: controlled(length) for length in LENGTHS}
EVERYTHING = [*WHOLE[60], *WHOLE[120], *stress()]


def by_type(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row["item_type"]].append(row)
    return groups


def test_there_are_two_of_every_level_of_every_kind_at_each_length():
    for rows in WHOLE.values():
        assert len(by_type(rows)) == 13
        for own in by_type(rows).values():
            levels = [row["level"] for row in own]
            assert {"NH", "IL", "IM1", "IM2", "IM3"} <= set(levels)
            assert all(levels.count(level) == 2 for level in levels)
    assert len(stress()) == 4 * 13


@pytest.mark.parametrize("length", LENGTHS)
def test_counting_words_does_not_rank_them(length):
    for rows in (WHOLE[length], *by_type(WHOLE[length]).values()):
        levels = [Level[row["level"]] for row in rows]
        assert abs(rank_correlation(levels, [words_of(row) for row in rows])) < 0.3


@pytest.mark.parametrize("length", LENGTHS)
def test_the_decided_level_does(length):
    for rows in (WHOLE[length], *by_type(WHOLE[length]).values()):
        levels = [Level[row["level"]] for row in rows]
        assert rank_correlation(levels, [decided(row).points for row in rows]) >= 0.9
        near = [
            abs(decided(row).level - level) <= 1 for row, level in zip(rows, levels, strict=True)
        ]
        assert sum(near) >= 0.9 * len(near)


@pytest.mark.parametrize("row", EVERYTHING, ids=lambda row: row["key"])
def test_the_ceiling_bounds_no_honest_answer(row):
    """But by its length, which is said then."""
    own, cap = Level(int(place_of(judgements_of(row)))), cap_of(row)
    if row.get("shape") == "short_strong":
        assert cap.by == "words" or own <= cap.level
    elif row.get("shape") not in ("recited", "off_point"):
        assert cap.level >= min(own, Level[row["level"]])


@pytest.mark.parametrize("row", [*EVERYTHING, *as_spoken()], ids=lambda row: row["key"])
def test_an_honest_answer_is_an_answer(row):
    assert why_unratable(Heard(row["transcript"]), (row["prompt"],)) == ""


def test_what_is_no_answer_gets_no_level():
    left = [
        row["key"]
        for row in unratable_texts()
        if not why_unratable(Heard(row["transcript"]), (row["prompt"],))
    ]
    # words in no order are found by their small words, of which a few shuffles make sense by chance
    assert len(left) <= 1, left
    assert all("shuffled" in key for key in left)


def test_shuffled_answers_get_no_level():
    """Four of five; the others are a model's to judge."""
    rng = random.Random(8)
    rows = [row for row in (*WHOLE[60], *WHOLE[120]) if row["level"] not in ("NH", "IL")]
    rejected = 0
    for row in rows:
        words = row["transcript"].split()
        rng.shuffle(words)
        rejected += bool(why_unratable(Heard(" ".join(words)), (row["prompt"],)))
    assert rejected >= 0.8 * len(rows), rejected / len(rows)


def test_off_the_point_or_recited_is_within_two_of_its_author_s_level():
    for row in (*stress("off_point"), *stress("recited")):
        made = decided(row)
        assert made.level - Level[row["level"]] <= 2, row["key"]


def test_a_strong_answer_cut_short_is_bounded_by_its_length_and_says_so():
    for row in WHOLE[120]:
        if row["level"] in ("IH", "AL"):
            short = {**row, "transcript": " ".join(row["transcript"].split()[:40])}
            made = decided(short)
            assert made.level <= Level.IM2
            assert made.capped_by in ("words", "time", "links", "variety")


def test_said_again_it_shows_no_more():
    for row in EVERYTHING:
        again = {**row, "transcript": f"{row['transcript']} {row['transcript']}"}
        assert cap_of(again).level <= max(cap_of(row).level + 1, Level.IL)


def test_weak_answers_joined_rise_by_one_at_most():
    """Their judgements stay: four answers of simple sentences are simple sentences."""
    for rows in by_type(WHOLE[60]).values():
        weak = [row for row in rows if row["level"] == "IL"]
        joined = {**weak[0], "transcript": " ".join(row["transcript"] for row in weak * 2)}
        assert decided(joined).level - decided(weak[0]).level <= 1


@pytest.mark.parametrize("row", [*WHOLE[60], *WHOLE[120]][::5], ids=lambda row: row["key"])
def test_more_words_never_lower_the_ceiling(row):
    words = row["transcript"].split()
    if evidence.parse_transcript(row["transcript"], (row["prompt"],)).has_orders:
        return
    levels = [
        cap_of({**row, "transcript": " ".join(words[:size])}).level
        for size in range(10, len(words) + 1, 10)
    ]
    assert levels == sorted(levels)


def test_every_quotation_of_theirs_stands_in_them():
    for row in (*WHOLE[60], *WHOLE[120], *stress()):
        spoken = evidence.parse_transcript(row["transcript"], (row["prompt"],))
        for part in row["verdicts"].values():
            for standard in ("intermediate", "advanced"):
                for quote in part[standard]["quotes"]:
                    assert evidence.find(quote, spoken) or spoken.has_orders, (row["key"], quote)


def test_nothing_said_of_a_level_is_more_than_the_kind_can_show():
    for row in EVERYTHING:
        assert decide(judgements_of(row), cap=cap_of(row)).high <= cap_of(row).level
