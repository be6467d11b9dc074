import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ears.texts import correct_texts, graded_examples
from tests.ears.word_errors import Errors, compare, in_words, written_alike

TEXTS = [text.text for text in correct_texts()]
words = st.lists(st.sampled_from(["walk", "river", "green", "lunch", "train"]), max_size=12)


@pytest.mark.parametrize(
    "text", [*TEXTS, *(entry["transcript"] for entry in graded_examples()[::4])]
)
def test_a_text_heard_as_it_is_has_no_error(text):
    assert compare(text, text).wrong == 0
    assert compare(text, text.upper().replace(".", " ")).wrong == 0


@given(words, st.data())
def test_words_left_out_count_once_each(spoken, data):
    gone = data.draw(st.sets(st.sampled_from(range(len(spoken))))) if spoken else set()
    left = [word for at, word in enumerate(spoken) if at not in gone]
    assert compare(" ".join(spoken), " ".join(left)) == Errors(len(gone), len(spoken))


@given(words, words)
def test_no_more_errors_than_the_longer_has_words(spoken, heard):
    wrong = compare(" ".join(spoken), " ".join(heard)).wrong
    assert abs(len(spoken) - len(heard)) <= wrong <= max(len(spoken), len(heard))


@pytest.mark.parametrize(
    ("spoken", "heard", "wrong"),
    [
        ("We pay 10,000 won.", "we pay ten thousand won", 0),
        ("at half past six, at 6:30", "at half past 6 at six thirty", 0),
        ("In 1998 it cost twenty-one dollars.", "in nineteen ninety eight it cost $21", 0),
        ("I'm fine and he doesn't know.", "i am fine and he does not know", 0),
        ("Um, I, uh, like it.", "I like it.", 0),
        ("Then I met Minji there.", "Then I met min G there.", 0),
        ("Then I met Minji there.", "Then I met there.", 0),
        ("We eat naengmyeon and bánh mì.", "We eat nang me on and bar me.", 3),
        ("a bus stop", "a busstop", 0),
        ("a raincoat", "a rain coat", 0),
        ("She walked home.", "She walks home.", 1),
        ("She walked home.", "She walked home yesterday.", 1),
    ],
)
def test_what_counts_as_an_error(spoken, heard, wrong):
    assert compare(spoken, heard).wrong == wrong


def test_numbers_in_words():
    written = [
        (0, "zero"),
        (40, "forty"),
        (119, "one hundred nineteen"),
        (7005, "seven thousand five"),
    ]
    for number, text in written:
        assert in_words(number) == text
        assert written_alike(str(number)) == text.split()
