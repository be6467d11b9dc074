"""Nothing untrue is claimed of correct texts, whatever the sounds of a language made of them.

tests/data/heard holds what the ears heard of made recordings (tests/ears/honesty.py): some of each
accent and strength, and all that ever raised a false claim.
"""

import json

import pytest

from tests.ears.accents import ACCENTS, STRENGTHS
from tests.ears.judged import facts_about, false_claims
from tests.product import BASE

FILES = [
    json.loads(path.read_text()) for path in sorted((BASE / "tests/data/heard").glob("*.json"))
]
SURE = (None, 0.95)  # as heard, and as if every word had been heard clearly


@pytest.mark.parametrize("sure", SURE)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_nothing_untrue_is_claimed_of_a_correct_text(file, sure):
    assert list(false_claims(file, facts_about(file, sure))) == []


def test_every_accent_and_strength_is_among_them():
    names = " ".join(file["name"] for file in FILES)
    for accent in ACCENTS:
        for strength in STRENGTHS:
            assert f"-{accent}-{strength}-" in names
    assert sum(not file["past"] for file in FILES) >= 10
    assert sum(not file["future"] for file in FILES) >= 10


def test_the_judge_is_not_silent_about_them():
    """It does see a past in some that have one: silence alone would prove nothing."""
    seen = [file for file in FILES if facts_about(file)["time_frames"]["past"]]
    assert len(seen) >= 3
