"""What a model is told changes on purpose only, and with its version."""

import pytest

from tests.scoring.raters.snapshots import FOLDER, rendered

TEXTS = rendered()


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_it_is_what_was_last_read(name):
    """Changed on purpose? Raise HEAR_VERSION or RATE_VERSION, then
    `python -m tests.scoring.raters.snapshots` and read the difference.
    """
    assert (FOLDER / f"{name}.txt").read_text() == TEXTS[name]


def test_nothing_else_lies_there():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(TEXTS)


def test_speech_cannot_close_its_block():
    text = TEXTS["material"]
    mark = text.split("<<answer ")[1].split(">>")[0]
    assert text.count(f"<<end {mark}>>") == 4
    assert '"Um, last week I go to park. \\"Nice day\\", my friend said, and we walk.' in text


def test_what_is_said_to_the_rater_never_reaches_it():
    text = TEXTS["material"]
    assert "[[1]]. Then we eat noodles" in text
    assert "AL" not in text.split("<<answer ")[1]
    assert "</answer>" not in text
