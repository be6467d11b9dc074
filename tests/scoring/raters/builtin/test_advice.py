"""The advice: the greatest shortfall first, monotone, nothing suggested twice in a week."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.levels.delivery import TYPICAL
from scoring.raters.builtin.advice import (
    FAR_TOO_SHORT,
    MOST_PAUSES_INSIDE,
    Evidence,
    Figures,
    advice_for,
    is_far_too_short,
    shortfalls,
)
from tests.scoring.raters.builtin.heard import judge

pytestmark = pytest.mark.own_stores

MEASURED = ("length", "pauses_inside", "runs", "pace")
FINE = Figures(length_seconds=80, words_per_minute=110, run_words=7, pauses_inside=1)
GOOD = Evidence(FINE, Level.IH, "PAST", word_count=120, link_kinds=("reason", "order"))
POINT = {"text": "name the price", "is_touched": False, "quotes": []}
CORRECTION = {"kind": "preposition", "better": "listen to music", "quote": "listen music"}
REPEATS = [{"quote": "I, I"}] * 20

positive = st.floats(0, 300)
figures = st.builds(Figures, positive, positive, st.floats(0, 20), st.floats(0, 30))
levels = st.sampled_from(Level)


def advice(**more):
    return advice_for(replace(GOOD, **more))


def severity(evidence):
    """Return how bad the advice is: far too short, then widths outside, then what is missing."""
    key = advice_for(evidence)["key"]
    if key not in MEASURED:
        return (0, 0.0)
    rows = {row.key: row.widths for row in shortfalls(evidence.figures, evidence.target)}
    is_short = is_far_too_short(evidence.figures, evidence.target)
    return (2 if is_short and key == "length" else 1, rows[key])


@given(
    figures, levels, st.sampled_from(["length_seconds", "words_per_minute", "run_words"]), positive
)
def test_making_one_figure_better_never_makes_the_advice_worse(figures, target, name, more):
    before = replace(GOOD, figures=figures, target=target)
    better = replace(figures, **{name: getattr(figures, name) + more})
    assert severity(replace(before, figures=better)) <= severity(before)


@given(figures, levels, st.floats(0, 1))
def test_fewer_pauses_inside_clauses_never_make_it_worse(figures, target, share):
    before = replace(GOOD, figures=figures, target=target)
    better = replace(figures, pauses_inside=share * figures.pauses_inside)
    assert severity(replace(before, figures=better)) <= severity(before)


@given(figures, levels, figures)
def test_a_figure_that_is_as_good_or_better_never_falls_further_short(figures, target, more):
    better = Figures(
        figures.length_seconds + more.length_seconds,
        figures.words_per_minute + more.words_per_minute,
        figures.run_words + more.run_words,
        max(figures.pauses_inside - more.pauses_inside, 0),
    )
    before = {row.key: row.widths for row in shortfalls(figures, target)}
    after = {row.key: row.widths for row in shortfalls(better, target)}
    assert after.keys() <= before.keys()
    assert all(widths <= before[key] for key, widths in after.items())


@given(figures, levels)
def test_far_too_short_comes_before_everything(figures, target):
    short = FAR_TOO_SHORT * TYPICAL[target].length_seconds[0] * 0.99
    given = advice_for(
        replace(GOOD, figures=replace(figures, length_seconds=short), target=target, points=[POINT])
    )
    assert given["key"] == "length"


@pytest.mark.parametrize(
    ("better", "key"),
    [
        ({}, "hold"),
        ({"length_seconds": 50}, "length"),
        ({"words_per_minute": 60}, "pace"),
        ({"run_words": 2}, "runs"),
        ({"pauses_inside": 9}, "pauses_inside"),
        ({"words_per_minute": 94, "run_words": 1}, "runs"),
        ({"words_per_minute": 40, "run_words": 5}, "pace"),
        ({"words_per_minute": 300, "run_words": 30, "length_seconds": 300}, "hold"),
    ],
)
def test_what_lies_furthest_outside_its_range_wins_and_more_is_never_worse(better, key):
    assert advice(figures=replace(FINE, **better))["key"] == key


def test_the_figure_stands_beside_its_range():
    given = advice(figures=replace(FINE, words_per_minute=60.04))
    assert given["facts"] == {"value": 60.0, "typical": list(TYPICAL[Level.IH].words_per_minute)}
    assert given["quote"] is None


def test_then_comes_what_the_question_asked_for_then_a_correction():
    lacking = {
        "hears_past": False,
        "points": [POINT],
        "corrections": [CORRECTION],
        "repeats": REPEATS,
    }
    order = []
    for remove in ({"hears_past": True}, {"points": ()}, {"corrections": ()}, {}):
        order.append(advice(**lacking)["key"])
        lacking |= remove
    assert order == ["time_frame_past", "points", "correction", "repeats"]


def test_a_correction_is_quoted_in_the_advice():
    given = advice(corrections=[CORRECTION])
    assert given["quote"] == CORRECTION
    assert given["facts"] == {"kind": "preposition", "better": "listen to music"}


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"item_type": "RP_ASK", "may_ask": 1}, "questions"),
        ({"item_type": "RP_ASK", "may_ask": 3}, "hold"),
        ({"item_type": "DESC", "hears_past": False}, "hold"),
        ({"word_count": 20, "hears_past": False}, "hold"),
        (
            {"prompt_text": "What will you do next year?", "hears_future": False},
            "time_frame_future",
        ),
        ({"prompt_text": "What did you do?", "hears_future": False}, "hold"),
        ({"link_kinds": ("reason",)}, "links"),
        ({"link_kinds": (), "word_count": 40}, "hold"),
        ({"is_understood": False}, "unclear"),
    ],
)
def test_what_is_missing_is_advised_only_where_it_was_asked_for(more, key):
    assert advice(**more)["key"] == key


@pytest.mark.parametrize(
    "more",
    [
        {"hears_past": False},
        {"prompt_text": "What will you do next year?", "hears_future": False},
        {"points": [POINT]},
        {"item_type": "RP_ASK", "may_ask": 1},
        {"link_kinds": ()},
    ],
)
def test_nothing_is_called_missing_where_the_answer_was_not_heard_clearly(more):
    assert advice(**more)["key"] != "hold"
    assert advice(**more, is_clear=False)["key"] == "hold"


@given(st.sets(st.sampled_from([*MEASURED, "points", "links", "repeats", "correction", "hold"])))
def test_a_suggestion_never_comes_twice_and_what_fell_short_again_says_so(lately):
    for more in ({"repeats": REPEATS, "link_kinds": ()}, {"points": [POINT]}, {}):
        given = advice(advised_lately=lately, **more)
        if given["key"] in ("links", "repeats"):
            assert given["key"] not in lately
        assert given["is_again"] == (given["key"] in lately and given["key"] != "hold")


def test_limits_of_pauses_fall_with_the_level_and_every_level_has_one():
    limits = [MOST_PAUSES_INSIDE[level] for level in Level]
    assert limits == sorted(limits, reverse=True)


def test_from_words_to_advice():
    text = "I cook rice. " * 40
    facts = judge(text, item_type="PAST", target=Level.IM2)
    assert facts["advice"]["key"] in ("runs", "pace")
    assert judge("I cook rice", target=Level.IM2)["advice"]["key"] == "length"
