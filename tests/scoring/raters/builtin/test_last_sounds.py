"""Correct texts whose last sounds were dropped or changed: no correction, no false time frame.

Recognition takes and gives last sounds at will with Korean and Vietnamese speakers.
"""

import pytest

from scoring.raters.builtin import lexicon
from tests.scoring.raters.builtin.heard import CHANGES, changed, correct_texts, judge

pytestmark = pytest.mark.own_stores

# words that a time frame rests on
RESTS_ON = (
    lexicon.sure_pasts()
    | lexicon.sure_bases()
    | {"will", "going", "yesterday", "last", "ago", "every", "next", "tomorrow", "days"}
    | lexicon.words_of("habit")
)
STEP = 29  # of the texts, each change gets its own share


def frames_of(facts):
    return [
        (frame, facts["transcript"][: quote["start"]].count(" "), quote["quote"])
        for frame, quotes in facts["time_frames"].items()
        for quote in quotes
    ]


def new_statements(text, words, item_type, stops):
    """Return the time frames of changed words that the text does not have and a change shows."""
    before = frames_of(judge(text, item_type=item_type, stops=stops))
    after = judge(" ".join(words), item_type=item_type, stops=stops)
    assert after["corrections"] == [], text
    original = text.split()
    for frame, first, quote in frames_of(after):
        last = first + len(quote.split())
        overlaps = any(
            frame == other and at < last and first < at + len(theirs.split())
            for other, at, theirs in before
        )
        rests = [
            words[at]
            for at in range(first, last)
            if words[at] != original[at] and words[at].lower().strip(".,!?") in RESTS_ON
        ]
        if rests and not overlaps:
            yield frame, quote, " ".join(original[first:last])


@pytest.mark.parametrize("name", CHANGES)
def test_changed_last_sounds_raise_no_correction_and_no_time_frame(name):
    place = list(CHANGES).index(name)
    for number, (item_type, text) in enumerate(correct_texts()[place % STEP :: STEP]):
        words = [changed(word, CHANGES[name]) for word in text.split()]
        assert list(new_statements(text, words, item_type, number % 2)) == []


def test_one_changed_word_alone_raises_nothing_either():
    for number, (item_type, text) in enumerate(correct_texts()[::150]):
        original = text.split()
        for at, word in enumerate(original):
            change = list(CHANGES.values())[(number + at) % len(CHANGES)]
            words = [*original[:at], changed(word, change), *original[at + 1 :]]
            if words != original:
                assert list(new_statements(text, words, item_type, True)) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Yesterday I walk to the lake with my dog and we play there for a long time", "walked"),
        ("Last week we visit our uncle and we cook a big dinner for all the family", "visited"),
        ("Two days ago I clean my whole room because my friend is a very tidy person", "cleaned"),
    ],
)
def test_a_bare_verb_beside_a_past_time_word_is_an_ending_not_heard(text, word):
    facts = judge(text, item_type="PAST")
    assert word in [row["word"] for row in facts["endings"]]
    assert facts["corrections"] == []


@pytest.mark.parametrize(
    "text",
    [
        "Yesterday I walked to the lake",
        "Yesterday I did not walk to the lake",
        "I wanted to walk to the lake yesterday",
        "I like the film that I saw last week",
        "Every day I walk to the lake. Last year I could not",
        "I have lived here since last year and I walk a lot",
        "Last night I could walk again",
    ],
)
def test_no_ending_is_missed_where_a_bare_verb_is_right(text):
    assert judge(text)["endings"] == []
