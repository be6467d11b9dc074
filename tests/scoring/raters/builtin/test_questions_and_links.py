"""Questions by word order, links by their words: punctuation is no evidence of either."""

import pytest

from tests.scoring.raters.builtin.heard import judge, quotes

pytestmark = pytest.mark.own_stores


def asked(text, **more):
    return quotes(judge(text, **more)["questions_asked"])


@pytest.mark.parametrize(
    "text",
    [
        "do you open on Sunday",
        "Hello. can I pay by card",
        "what time do you close",
        "how much is it for two people",
        "how much money do I need",
        "what kind of food do you have",
        "and where is the station",
        "is there a pool near the hotel",
        "I would like to know if it is open",
        "could you tell me where the bank is",
        "which color do you like",
        "how about next Friday",
        "please tell me about the price",
    ],
)
def test_a_question_is_seen_without_its_mark(text):
    assert len(asked(text, stops=True)) == 1
    assert len(asked(text.capitalize() + "?", stops=True)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "I don't know what time it closes?",
        "This is what I like?",
        "The place where I live is quiet?",
        "So do I, and neither can I",
        "Can you believe it",
        "Do you know what, I forgot it",
        "When I was young we had a dog",
        "You can do it and it is fun",
        "The girl who is my friend is here",
        "What I do is simple",
        "They asked if there is a bus",
    ],
)
def test_a_statement_is_none_whatever_its_mark(text):
    assert asked(text, stops=False) == []


def test_questions_in_a_row_are_told_apart_without_stops():
    text = (
        "hello what time do you open and how much is it is there a pool also can I bring my dog"
        " where is the next bus stop"
    )
    assert len(asked(text, stops=False)) >= 3
    for one in asked(text, stops=False):
        assert one in text


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("I stayed because it rained", {"because": "reason"}),
        ("it rained so I stayed", {"so": "reason"}),
        ("it was so nice", {}),
        ("I think so", {}),
        ("first I wash it then I cut it", {"first": "order", "then": "order"}),
        ("my first dog and back then I was small", {}),
        ("for example I swim", {"for example": "example"}),
        ("if it rains I stay but I hate it", {"if": "condition", "but": "contrast"}),
        ("I wonder if it rains", {}),
        ("on the other hand it is far", {"on the other hand": "contrast"}),
        ("in addition we have a pool", {"in addition": "addition"}),
    ],
)
def test_links_are_quoted_with_their_kind(text, links):
    rows = judge(text)["links"]
    assert {row["quote"]: row["kind"] for row in rows} == links
