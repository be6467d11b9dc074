"""Corrections: learners' errors are seen, look-alikes and correct texts are left alone."""

import json

import pytest

from scoring.raters.builtin.corrections import KINDS
from scoring.raters.builtin.facts import Asked, facts_of
from scoring.raters.builtin.matching import patterns
from tests.scoring.raters.builtin.heard import DATA, graded, judge, rows_of

pytestmark = pytest.mark.own_stores

ERRORS = json.loads((DATA / "learner_errors.json").read_text())
LOOK_ALIKES = json.loads((DATA / "look_alikes.json").read_text())
MORE = ". My name is Minh and I live in a small town near the sea with my family."


def corrections(text, **more):
    return judge(text, item_type="RP_ASK", **more)["corrections"]


def is_seen(text, kind, better):
    return any(
        row["kind"] == kind and better.lower() in row["better"].lower()
        for row in corrections(text + MORE)
    )


def test_the_lists_are_long_enough():
    assert len([row for row in ERRORS if row[2]]) >= 80
    assert len(LOOK_ALIKES) >= 80
    assert {kind for _text, kind, better in ERRORS if better} == set(KINDS)


@pytest.mark.parametrize(("text", "kind", "better"), [row for row in ERRORS if row[2]])
def test_an_error_of_a_sure_kind_is_seen_with_better_words(text, kind, better):
    assert is_seen(text, kind, better)


@pytest.mark.parametrize("text", [row[0] for row in ERRORS if not row[2]])
def test_what_a_last_sound_or_a_near_one_would_decide_is_not_corrected(text):
    assert corrections(text + MORE) == []


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_left_alone(text):
    assert corrections(text.rstrip(".") + MORE) == []
    assert corrections(text.rstrip(".") + MORE, stops=False) == []


def test_no_improved_text_is_corrected():
    for item_type, example in graded():
        assert judge(example.get("upgraded") or "", item_type=item_type)["corrections"] == []


def test_of_graded_texts_only_labelled_errors_are_corrected():
    given = 0
    for item_type, example in graded():
        labelled = " | ".join(row["quote"].lower() for row in example["corrections"])
        for row in judge(example["transcript"], item_type=item_type)["corrections"]:
            given += 1
            assert row["quote"].lower() in labelled, (example["key"], row)
    assert given >= 8


def test_quotation_marks_of_the_recogniser_and_places():
    text = "Well, I listen music, every morning because I am always tired then and I need it."
    (row,) = corrections(text)
    assert row["quote"] == "listen music" == text[row["start"] : row["end"]]
    assert (row["kind"], row["better"]) == ("preposition", "listen to music")
    assert row["at"] == pytest.approx(0.7)
    assert row["until"] == pytest.approx(1.35)


@pytest.mark.parametrize("unsure", [1, 2, 3, 4])
def test_an_unsure_word_in_an_error_or_beside_it_raises_nothing(unsure):
    rows, measures = rows_of("Well I listen music every morning" + MORE)
    assert facts_of(rows, measures, Asked())["corrections"]
    rows[unsure][3] = 0.59
    assert facts_of(rows, measures, Asked())["corrections"] == []


@pytest.mark.parametrize(
    "text",
    [
        "did you went, did you go to the beach with your family",
        "My teacher said I very like is wrong",
        "I listen, uh, music every morning",
        "I depend, depend on it of course",
        "I listen. Music is my life",
    ],
)
def test_what_is_repaired_reported_or_broken_off_is_no_error(text):
    assert corrections(text + MORE) == []


def test_a_stop_inside_the_words_raises_nothing():
    rows, measures = rows_of("Well I listen music every morning" + MORE)
    measures["pauses"].append([rows[2][2], 0.6])
    for row in rows[3:]:
        row[1] += 0.6
        row[2] += 0.6
    assert facts_of(rows, measures, Asked())["corrections"] == []


def test_a_kind_that_is_switched_off_is_not_given():
    text = "I listen music every day and I very like it, it is my hobby since I was young"
    assert [row["kind"] for row in corrections(text)] == ["word_order", "preposition"]
    assert [row["kind"] for row in corrections(text, switched_off={"word_order"})] == [
        "preposition"
    ]


def test_at_most_three_are_given_the_surest_first_and_no_two_alike():
    text = (
        "I listen music and I listen music. I very like it. Did you went there? I can to sing."
        " It depends of my voice. I am interested about songs"
    )
    rows = corrections(text)
    assert len(rows) == 3
    places = [KINDS.index(row["kind"]) for row in rows]
    assert places == sorted(places)
    assert len({row["better"] for row in rows}) == 3


def test_every_pattern_has_a_kind_that_is_ranked_and_is_reached_by_an_example():
    assert {pattern.kind for pattern in patterns()} == set(KINDS)
