"""Pace, runs, pauses inside clauses, repeats and fillers."""

import pytest

from scoring.raters.builtin.facts import Asked, facts_of
from tests.scoring.raters.builtin.heard import judge, quotes, rows_of

pytestmark = pytest.mark.own_stores


def with_stop(text, behind, seconds=0.8, probability=0.95):
    """Return the facts about a text with one silence behind a word, by its place."""
    rows, _measures = rows_of(text, probability=probability, stops=False)
    moment = rows[behind][2]
    for row in rows[behind + 1 :]:
        row[1] += seconds
        row[2] += seconds
    runs = [[0, moment], [moment + seconds, rows[-1][2] - moment - seconds]]
    return facts_of(rows, {"pauses": [[moment, seconds]], "runs": runs}, Asked())


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("I went to the bus stop", 3),
        ("I went to the bus stop", 2),
        ("my house is very big", 3),
        ("my new house is very big", 2),
        ("yesterday I went home", 1),
        ("she bought a bag", 1),
        ("one of my friends", 1),
        ("I like my small dog", 1),
    ],
)
def test_a_stop_between_words_that_belong_together_is_inside_a_clause(text, behind):
    (pause,) = with_stop(text, behind)["pauses"]
    assert pause["is_inside_clause"]
    assert pause["seconds"] == 0.8
    assert text[: pause["after"]] == " ".join(text.split()[: behind + 1])


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("I went home and I slept", 2),
        ("I went home because of rain", 2),
        ("I went home yesterday", 2),
        ("I like dogs I have two", 2),
        ("I went to um the bus stop", 2),
        ("I went to um the bus stop", 3),
        ("I went to to the bus stop", 2),
        ("this is what I like it is big", 4),
        ("tell me about your house is it big", 4),
        ("I know where the bus stop", 2),
    ],
)
def test_a_stop_that_may_part_clauses_or_stands_at_a_filler_is_not(text, behind):
    (pause,) = with_stop(text, behind)["pauses"]
    assert not pause["is_inside_clause"]


def test_an_unsure_word_beside_a_stop_decides_nothing():
    rows, _measures = rows_of("I went to the bus stop near my house today", stops=False)
    rows[3][3] = 0.55
    facts = facts_of(rows, {"pauses": [[rows[3][2], 0.9]]}, Asked())
    assert [pause["is_inside_clause"] for pause in facts["pauses"]] == [False]


def test_a_silence_under_half_a_second_is_no_stop():
    assert with_stop("I went to the bus stop", 3, 0.49)["pauses"] == []
    assert len(with_stop("I went to the bus stop", 3, 0.5)["pauses"]) == 1


def test_pace_and_runs_count_no_fillers_and_nothing_said_twice():
    facts = judge("Um, I, I like, I like to cook. And uh I bake", stops=True)
    assert facts["word_count"] == 7
    assert facts["fillers"] == 2
    seconds = 12 * 0.35 + 0.7
    assert facts["words_per_minute"] == pytest.approx(60 * 7 / seconds, rel=0.05)
    assert facts["run_words"] == 3.5


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("I, I like it", ["I, I"]),
        ("I like, I like to cook", ["I like, I like"]),
        ("I meet, I met him there", ["I meet, I met"]),
        ("in the, um, in the morning", ["in the, um, in the"]),
        ("It is very very big", []),
        ("I had had enough", []),
        ("no no no", []),
        ("I like it and I like him", []),
    ],
)
def test_repeats_and_false_starts_are_quoted_and_emphasis_is_not(text, repeats):
    assert quotes(judge(text)["repeats"]) == repeats


def test_without_measured_silences_the_gaps_between_words_stand_in():
    rows, _measures = rows_of("I went to the. Bus stop")
    facts = facts_of(rows, {}, Asked())
    assert [pause["is_inside_clause"] for pause in facts["pauses"]] == [True]
    assert facts["words_per_minute"] > 0


def test_no_words_at_all_are_no_claim():
    facts = facts_of([], {}, Asked())
    assert facts["word_count"] == 0
    assert not facts["is_understood"]
    assert facts["advice"]["key"] == "length"
