"""Whatever ears may give: nothing raises, quotations stand, nothing rests on an unsure word."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.raters.builtin.facts import Asked, facts_of
from tests.scoring.raters.builtin.heard import samples

pytestmark = pytest.mark.own_stores

# fmt: off
WORDS = (
    "i", "you", "she", "we", "very", "like", "so", "happy", "did", "didn't", "went", "go",
    "to", "can", "must", "yesterday", "last", "week", "every", "day", "um", "uh",
    "because", "of", "depend", "listen", "music", "more", "better", "than", "the", "my",
    "house", "is", "are", "where", "what", "how", "could", "don't", "know", "used", "now",
    "these", "days,", "going", "will", "tomorrow", "walk", "talked,", "was", "when", "ago",
    "two", "years", "there", "is", "on", "next", "married", "with", "him", "a", "an",
    "and", "but", "then", "first", "I'm", "it's", "Hello.", "...", "—", "20", "’", "ñandú",
)
# fmt: on
numbers = st.floats(allow_nan=True, allow_infinity=True)
likely = st.floats(0, 60)
words = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(max_size=6))
rows = st.lists(
    st.tuples(words, st.one_of(likely, numbers), st.one_of(likely, numbers), st.one_of(numbers)),
    max_size=60,
)
sure_rows = st.lists(
    st.tuples(st.sampled_from(WORDS), likely, likely, st.floats(0, 1)), min_size=15, max_size=60
)
pairs = st.lists(st.tuples(numbers, numbers), max_size=8)
measures = st.one_of(
    st.just({}),
    st.fixed_dictionaries({}, optional={"pauses": pairs, "runs": pairs}),
    st.just({"pauses": None, "runs": "none"}),
)
asked = st.builds(
    Asked,
    item_type=st.sampled_from(["PAST", "RP_ASK", "DESC", "", "CMP"]),
    prompt_text=st.sampled_from(["", "What will you do next week? Tell me about music."]),
    points=st.lists(st.sampled_from(["name the music and the radio", "say why", ""]), max_size=3),
    target=st.integers(1, 9),
    advised_lately=st.sets(st.sampled_from(["length", "links", "pace", "repeats"])),
    switched_off=st.sets(st.sampled_from(["preposition", "word_order"])),
)


def quotations(value):
    """Yield every quotation of the facts, wherever it stands."""
    if isinstance(value, dict):
        if "quote" in value and isinstance(value["quote"], str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from quotations(one)


@settings(max_examples=100)
@given(rows, measures, asked)
def test_nothing_raises_and_every_quotation_stands_in_the_transcript(rows, measures, asked):
    facts = facts_of(rows, measures, asked)
    text = facts["transcript"]
    assert text == " ".join(word[0] for word in facts["words"])
    for quote in quotations(facts):
        assert text[quote["start"] : quote["end"]] == quote["quote"] != ""
        assert 0 <= quote["at"] <= quote["until"]
    assert len(facts["corrections"]) <= 3
    for pause in facts["pauses"]:
        assert 0 < pause["after"] <= len(text)
        assert pause["seconds"] >= 0.5
    for name in ("words_per_minute", "run_words"):
        assert math.isfinite(facts[name])
        assert facts[name] >= 0
    assert facts["word_count"] + facts["fillers"] <= len(facts["words"])


def unsure_in(facts, quote):
    place = 0
    for text, _at, _until, probability in facts["words"]:
        end = place + len(text)
        is_inside = place < quote["end"] and quote["start"] < end
        if is_inside and probability < 0.59 and any(char.isalnum() for char in text):
            yield text
        place = end + 1


CLAIMS = ("corrections", "endings", "links")


@settings(max_examples=100)
@given(sure_rows, measures, asked)
def test_nothing_is_claimed_from_an_unsure_word(rows, measures, asked):
    facts = facts_of(rows, measures, asked)
    claims = [facts[name] for name in CLAIMS] + list(facts["time_frames"].values())
    for quote in quotations(claims):
        assert not list(unsure_in(facts, quote)), quote


@settings(max_examples=40)
@given(st.lists(st.sampled_from(WORDS), max_size=14), asked)
def test_fewer_than_fifteen_words_are_never_corrected(words, asked):
    rows = [[word, at, at + 0.3, 1.0] for at, word in enumerate(words)]
    assert facts_of(rows, {}, asked)["corrections"] == []


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.59])
def test_what_was_not_understood_claims_nothing_about_words(probability):
    for _key, item_type, prompt, text in samples()[::60]:
        rows = [[word, at, at + 0.3, probability] for at, word in enumerate(text.split())]
        facts = facts_of(rows, {}, Asked(item_type, prompt.text, prompt.points))
        assert not facts["is_understood"]
        claims = {name: facts[name] for name in ("time_frames", "tasks", "points", *CLAIMS)}
        assert not list(quotations(claims))
        assert facts["advice"]["key"] in ("length", "unclear")
        assert not any(pause["is_inside_clause"] for pause in facts["pauses"])


def test_the_share_of_unsure_words_decides_whether_it_was_understood():
    def understood(unsure):
        rows = [["house", at, at + 0.3, 0.4 if at < unsure else 0.9] for at in range(40)]
        return facts_of(rows, {}, Asked())["is_understood"]

    assert understood(10)
    assert not understood(11)
