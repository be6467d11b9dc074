"""Points of a question that were touched or not, and answers beside the question."""

import random

import pytest

from scoring.raters.builtin.facts import Asked, facts_of
from scoring.raters.builtin.lexicon import stem_of
from tests.scoring.raters.builtin.heard import judge, quotes, rows_of, samples

pytestmark = pytest.mark.own_stores


def point(text, point):
    rows = judge(text, points=(point,))["points"]
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("cook", "cooking"),
        ("cook", "cooked"),
        ("story", "stories"),
        ("went", "go"),
        ("bus", "buses"),
        ("swim", "swimming"),
        ("child", "child's"),
        ("easy", "easily"),
    ],
)
def test_relatives_share_a_stem(one, two):
    assert stem_of(one) == stem_of(two)


def test_a_point_is_touched_by_its_words_and_their_relatives_with_a_quotation():
    row = point("we cooked noodles in the small kitchen", "say what you cook in the kitchen")
    assert row["is_touched"]
    assert any("cooked" in quote for quote in quotes(row["quotes"]))


def test_a_point_is_not_touched_only_where_no_relative_came_up():
    text = "my dog is brown and he runs in the park with me and my brother every day"
    assert point(text, "compare the comfort and the speed")["is_touched"] is False
    assert point("the seat is soft but it is slow", "compare the comfort and the speed")[
        "is_touched"
    ]


@pytest.mark.parametrize(("unsure", "verdict"), [(3, False), (4, None)])
def test_of_an_answer_that_is_not_clear_nothing_is_called_not_heard(unsure, verdict):
    text = "my dog is brown and he runs in the park with me and my brother every day"
    rows, measures = rows_of(text)
    rows = [[*row[:3], 0.55 if at < unsure else 0.95] for at, row in enumerate(rows)]
    asked = Asked(points=("compare the comfort and the speed",))
    points = facts_of(rows, measures, asked)["points"]
    assert [row["is_touched"] for row in points] == ([] if verdict is None else [verdict])


@pytest.mark.parametrize("vague", ["say why you like it", "say how you felt", "name an animal", ""])
def test_what_cannot_be_told_is_left_out(vague):
    assert point("we cooked noodles in the small kitchen of my aunt", vague) is None


def test_a_response_to_another_question_is_often_beside_it_and_never_surely_on_it():
    choice = random.Random(16)
    seen = []
    for _key, _type, prompt, _text in samples()[::3]:
        _key2, _type2, other, text = choice.choice(samples())
        if other.topic != prompt.topic:
            facts = judge(text, prompt_text=prompt.text, points=tuple(prompt.points))
            seen.append(facts["is_on_question"])
    assert seen.count(True) < 0.4 * len(seen)
    assert seen.count(False) > 0.02 * len(seen)


def test_a_short_answer_is_never_called_beside_the_question():
    question = "Describe the furniture, the curtains, the carpets and the lamps of your bedroom."
    points = ("name the bed", "describe the carpet and the curtain", "mention the wardrobe")
    facts = judge("I went to the lake and we swam", prompt_text=question, points=points)
    assert facts["is_on_question"] is None
