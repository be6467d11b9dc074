"""Correct texts in the sounds of Korean and Vietnamese, through the ears.

`python -m tests.ears.honesty FOLDER` writes what was heard of each as a file of its own, with the
text and the time frames that are in it.
"""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.ears import kokoro_files
from tests.ears.accents import ACCENTS, STRENGTHS, accented
from tests.ears.conditions import stored
from tests.ears.hearing import Heard, heard
from tests.ears.speaking import phonemes_of, speak_phonemes
from tests.ears.texts import CorrectText, correct_texts

PLAIN = "none"
# flite's voices that speak well from phonemes
VOICES = {"kokoro": tuple(kokoro_files.VOICES), "flite": ("slt", "rms", "awb")}


@dataclass(frozen=True)
class Case:
    """A text in one way of speaking; accent and strength are PLAIN where nothing is changed."""

    text: CorrectText
    accent: str
    strength: str
    engine: str
    voice: str

    @property
    def name(self) -> str:
        return f"{self.text.key}-{self.accent}-{self.strength}-{self.voice}"


def cases() -> Iterator[Case]:
    """Yield every text unchanged and in each accent and strength, voices taking turns.

    One in three is Kokoro's, which takes long.
    """
    ways = [(PLAIN, PLAIN), *((accent, strength) for accent in ACCENTS for strength in STRENGTHS)]
    for number, text in enumerate(correct_texts()):
        for turn, (accent, strength) in enumerate(ways):
            engine = "flite" if (number + turn) % 3 else "kokoro"
            names = VOICES[engine]
            voice = names[(number + turn) % len(names)]
            yield Case(text, accent, strength, engine, voice)


def phonemes_in(case: Case) -> str:
    phonemes = phonemes_of(case.text.text)
    if case.accent == PLAIN:
        return phonemes
    return accented(phonemes, case.accent, STRENGTHS[case.strength])


def hear_case(case: Case) -> Heard:
    """Return what the ears hear of it."""
    phonemes = phonemes_in(case)
    return heard(
        lambda: stored(speak_phonemes(phonemes, case.engine, case.voice)), recording_of(case)
    )


def recording_of(case: Case) -> str:
    """Return the name under which the recording is heard."""
    return f"{case.engine}/{case.voice}/{phonemes_in(case)}"


def as_file(case: Case) -> dict[str, Any]:
    """Return what was heard, with the text and the time frames that are in it."""
    return {
        "name": case.name,
        "text": case.text.text,
        "past": case.text.past,
        "future": case.text.future,
        **asdict(hear_case(case)),
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    todo = list(cases())
    # broken off half-way it still has some of everything that may go wrong
    random.Random(1).shuffle(todo)
    todo.sort(key=lambda case: case.accent == PLAIN)
    for case in todo:
        (folder / f"{case.name}.json").write_text(json.dumps(as_file(case), indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
