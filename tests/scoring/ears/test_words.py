"""What the recogniser says is believed as far as it makes sense, and no word is out of place."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ears import local_words
from scoring.ears.local_words import Word, believed, stretches
from tests.scoring.ears.fake_child import segments

RUNS = [(0.5, 4.0), (4.3, 8.0), (12.0, 15.0)]


def words_of(rows, start=0.0, end=16.0, runs=RUNS, **more):
    return believed(segments(rows, **more), start, end, runs).words


times = st.floats(-5, 40)
texts = st.text(max_size=12).map(lambda text: f" {text}")
rows = st.lists(st.tuples(texts, times, times, st.floats(0, 1)), max_size=30)


@given(rows, st.sampled_from([0.0, 3.0]))
def test_times_rise_and_lie_in_measured_speech(given_rows, start):
    last = 0.0
    for word in words_of(given_rows, start=start):
        assert last <= word.start <= word.end <= 16
        assert any(begin - 0.01 <= word.start <= stop + 0.01 for begin, stop in RUNS) or (
            word.start == last
        )
        assert any(letter.isalnum() for letter in word.text)
        last = word.end


@given(rows)
def test_stretches_and_words_say_the_same(given_rows):
    words = words_of(given_rows)
    made = stretches(words, RUNS)
    assert " ".join(row["text"] for row in made) == " ".join(word.text for word in words)
    assert all(set(row) == {"text", "at", "clear"} for row in made)
    assert [Word.from_row(word.as_row()) for word in words] == list(words)


def test_a_part_without_a_blank_belongs_to_the_word_before():
    words = words_of([(" well", 1.0, 1.3, 0.9), ("-known", 1.3, 1.6, 0.7), (" man.", 1.7, 2.0, 1)])
    assert [word.text for word in words] == ["well-known", "man."]
    assert (words[0].start, words[0].end, words[0].probability) == (1.0, 1.6, 0.7)


def test_what_is_no_word_or_not_seen_is_left_out():
    given_rows = [(" -", 1, 1.1, 0.9), (" ...", 1.2, 1.3, 1), (" a\u202eb\x07", 1.4, 1.5, 1)]
    assert [word.text for word in words_of(given_rows)] == ["ab"]


def test_a_word_in_a_silence_is_dropped():
    words = words_of([(" yes", 7.5, 7.9, 1), (" thanks", 9.5, 10.5, 1), (" no", 12.2, 12.5, 1)])
    assert [word.text for word in words] == ["yes", "no"]


def test_a_pause_is_taken_from_the_word_that_got_it():
    words = words_of([(" before", 7.0, 10.0, 1), (" behind", 10.0, 13.0, 1)])
    assert [(word.start, word.end) for word in words] == [(7.0, 8.0), (12.0, 13.0)]


def test_times_are_those_of_the_whole_recording():
    words = words_of([(" later", 0.2, 0.6, 1)], start=12.0)
    assert [(word.start, word.end) for word in words] == [(12.2, 12.6)]


@pytest.mark.parametrize(
    "more",
    [
        {"log_probability": -1.1},
        {"compression": 2.5},
        {"no_speech": 0.7, "log_probability": -0.6},
    ],
)
def test_segments_that_the_recogniser_doubts_are_dropped(more):
    assert words_of([(" hello", 1, 2, 1)], **more) == ()


def test_soft_speech_is_heard_although_it_might_be_silence():
    assert len(words_of([(" hello", 1, 2, 1)], no_speech=0.8, log_probability=-0.2)) == 1


def test_running_in_a_circle_is_noticed():
    assert believed(segments([], compression=9), 0, 16, RUNS).repeats_itself
    assert not believed(segments([]), 0, 16, RUNS).repeats_itself


def test_a_stop_begins_a_stretch_and_a_short_silence_does_not():
    rows_given = [(" a", 1, 2, 1), (" b", 4.4, 5, 1), (" c", 12.1, 13, 0.2)]
    made = stretches(words_of(rows_given), RUNS)
    assert [(row["text"], row["at"], row["clear"]) for row in made] == [
        ("a b", 1.0, True),
        ("c", 12.1, False),
    ]


GOOD = segments([[" a", 1, 2, 0.5]])


@pytest.mark.parametrize(
    "reply",
    [
        None,
        [],
        {},
        {"segments": "a"},
        {**GOOD, "english": 1.5},
        {**GOOD, "english": "yes"},
        {"segments": [{}]},
        segments([[" a", 1, 2]]),
        segments([[" a", 1, math.nan, 0.5]]),
        segments([[" a", math.inf, 2, 0.5]]),
        segments([[" a", "1", 2, 0.5]]),
        segments([[" a", True, 2, 0.5]]),
        segments([[" a", 1, 2, 7]]),
        segments([[" a", 1, 2, -1]]),
        segments([[" a", 1, 2, 0.5]] * (local_words.MOST_WORDS + 1)),
        segments([" a"]),
        segments([], compression=None),
    ],
)
def test_a_reply_that_makes_no_sense_is_not_believed(reply):
    with pytest.raises((ValueError, KeyError, TypeError)):
        believed(reply, 0, 16, RUNS)


def test_a_word_longer_than_any_is_cut():
    assert len(words_of([(" " + "a" * 500, 1, 2, 1)])[0].text) == local_words.MOST_LETTERS
