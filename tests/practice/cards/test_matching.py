"""When a card comes back, what counts as the same words, and what a correction changes."""

import pytest

from practice.cards.matching import AROUND, GAP, is_same, sentence_around, slips
from practice.spacing import next_review

DAYS = [1, 3, 7, 16, 35]


@pytest.mark.parametrize(
    ("stage", "is_right", "then"),
    [
        (0, True, (1, 1)),
        (1, True, (2, 3)),
        (2, True, (3, 7)),
        (3, True, (4, 16)),
        (4, True, (5, 35)),
        (5, True, (5, 35)),
        (9, True, (5, 35)),  # the list became shorter since
        (0, False, (0, 1)),
        (5, False, (0, 1)),
    ],
)
def test_a_card_rests_longer_each_time_and_begins_again_when_missed(stage, is_right, then):
    assert next_review(stage, DAYS, is_right=is_right) == then


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("i went there", "I went there."),
        ("I went, there!", "I went there"),
        ("I am tired", "I'm tired"),
        ("I’m tired", "I am tired"),
        ("dont know", "do not know"),
        ("don't know", "do not know"),
        ("cannot swim", "can't swim"),
        ("it has been", "it's been"),
        ("it is late", "it's late"),
        ("she would go", "she'd go"),
        ("she had gone", "she'd gone"),
        ("wont come", "will not come"),
        ("let us go", "let's go"),
        ("Tom's house", "toms house".replace("toms", "Tom's")),
        ("I am going to eat", "I'm gonna eat"),
    ],
)
def test_case_punctuation_and_short_forms_make_no_difference(typed, meant):
    assert is_same(typed, meant)
    assert is_same(meant, typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ""),
        ("...", "!"),
        ("", "I went"),
        ("I go there", "I went there"),
        ("I went", "I went there"),
        ("he is gone", "he has gone"),
        ("she would gone", "she had gone"),
        ("its late", "it's late"),
        ("I can swim", "I can't swim"),
        ("go I there", "I go there"),
    ],
)
def test_other_words_are_other_words(typed, meant):
    assert not is_same(typed, meant)


def sentence_of(text, quote):
    start = text.index(quote)
    return sentence_around(text, start, start + len(quote))


def test_the_sentence_round_a_quotation_is_cut_at_its_ends():
    text = "It rained. Then I go home, tired. The end."
    assert sentence_of(text, "I go home") == ("Then ", ", tired.")
    assert sentence_of(text, "It rained") == ("", ".")
    assert sentence_of(text, "The end") == ("", ".")
    assert sentence_of("no stop at all here", "at") == ("no stop ", " all here")


def test_a_sentence_without_end_is_cut_at_words():
    words = "word " * 100
    before, after = sentence_of(f"{words}I go home {words}", "I go home")
    assert before.startswith(f"{GAP} word")
    assert after.endswith(f"word {GAP}")
    assert len(before) <= AROUND + 2
    assert len(after) <= AROUND + 2


@pytest.mark.parametrize(
    ("quote", "better", "changed"),
    [
        ("I go home", "I went home.", [("go", "went")]),
        ("I went to the home", "I went home", [("to the", "")]),
        ("He is teacher", "He is a teacher", [("", "a")]),
        ("he go and eat", "he went and ate", [("go", "went"), ("eat", "ate")]),
        ("The same", "the same", []),
    ],
)
def test_what_a_correction_changes(quote, better, changed):
    assert slips(quote, better) == changed
