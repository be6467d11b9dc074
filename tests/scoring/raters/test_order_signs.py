"""What is said to whoever rates is found on the open examples, and ordinary answers stay whole."""

import json
import re

import pytest
from django.conf import settings

from scoring.evaluation import order_fit
from scoring.raters import evidence
from scoring.raters.order_signs import CLASSES_FILE, PLAIN, WEIGHTS, signs_of, stem_of, worth_of
from scoring.raters.orders import find_orders

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

ORDERS = settings.BASE_DIR / "tests" / "data" / "orders"
RESPONSE = "My hobby is cooking. I cook with my wife on Sunday."


def read_rows(name, key):
    rows = json.loads((ORDERS / name).read_text())[key]
    return [row for row in rows if row["split"] != "unseen"]


def left_of(order, text):
    """Return the share of an order's runs of four words that judging still reads in a text."""
    words = evidence.tokens(order)
    read = evidence.tokens(evidence.for_judging(evidence.parse_transcript(text)))
    runs = {tuple(words[at : at + 4]) for at in range(len(words) - 3)}
    reached = sum(tuple(read[at : at + 4]) in runs for at in range(len(read) - 3))
    return reached / max(len(words) - 3, 1)


@pytest.mark.parametrize("name", ["by_hand.json", "more.json", "second.json"])
def test_open_orders_do_not_reach_judging_before_or_after_an_answer(name):
    rows = read_rows(name, "orders")
    assert len(rows) >= 60
    for row in rows:
        mixed = row["kind"] == "split" or row["language"] == "mixed"
        texts = (f"{RESPONSE} {row['text']}", f"{row['text']} {RESPONSE}")
        left = max(left_of(row["text"], text) for text in texts)
        assert left <= (0.75 if mixed else 0.5), row["text"]


def test_orders_composed_of_open_parts_are_found():
    missed = [
        text
        for text in order_fit.composed_orders(300)
        if not evidence.parse_transcript(text).has_orders
    ]
    assert missed == []


def test_hardly_any_of_our_ordinary_responses_is_taken_for_an_order():
    responses = order_fit.ordinary_responses()
    taken = [text for text in responses if evidence.parse_transcript(text).has_orders]
    assert len(responses) > 800
    assert len(taken) <= 0.01 * len(responses), taken


def test_an_order_makes_the_look_at_the_rest_stricter():
    doubtful = "suspect", ["suspect"]
    sure = "surely", ["surely"]
    weights = {"suspect": -0.2, "surely": 2.0}
    assert find_orders([doubtful], weights) == []
    assert find_orders([doubtful, sure], weights) == [0, 1]


def test_two_half_orders_make_an_order_wherever_they_stand():
    half, plain = ("half", ["half"]), ("walk", ["walk"])
    weights = {"half": 0.3, "walk": -2.0}
    assert find_orders([half, plain], weights) == []
    assert find_orders([half, plain, half], weights) == [0, 2]


def test_signs_are_words_neighbours_and_classes_together_and_in_order():
    signs = signs_of(["give", "me", "the", "highest", "level"])
    assert {"give", "give me", "^ give", "level $"} <= signs
    assert {"<give>", "<give> + <result>", "<give> .. <result>", "<top> .. <result>"} <= signs
    assert "<result> .. <give>" not in signs
    assert "(begins with an order)" in signs


@pytest.mark.parametrize("word", ["mark", "marks", "marked", "marking"])
def test_forms_of_a_word_are_one_sign(word):
    assert stem_of(word) == "mark"


def test_fitting_gives_more_worth_to_what_orders_say():
    examples = [
        *(order_fit.Example(text, True, "direct", 1.0, text) for text in ["lift me"] * 9),
        *(order_fit.Example(text, False, "answer", 1.0, text) for text in ["we swim"] * 9),
    ]
    weights = order_fit.fit(examples)
    assert worth_of(signs_of(["lift", "me"]), weights) > 0.5
    assert worth_of(signs_of(["we", "swim"]), weights) < 0


def test_weights_are_of_signs_that_can_be_seen():
    names = set(json.loads(CLASSES_FILE.read_text()))
    classes = {name for sign in WEIGHTS for name in re.findall(r"<(\w+)>", sign)}
    assert classes
    assert classes <= names - {PLAIN}
