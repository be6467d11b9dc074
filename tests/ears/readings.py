"""Forty of the graded texts read aloud by all voices in turn, and all of them once."""

from dataclasses import dataclass
from itertools import cycle

from tests.ears.speaking import VOICES
from tests.ears.texts import graded_examples

COUNT = 40
LEVELS = ("NL", "NM", "NH", "IL", "IM1", "IM2", "IM3", "IH", "AL")


@dataclass(frozen=True)
class Reading:
    """A text and who reads it."""

    key: str
    level: str
    text: str
    engine: str
    voice: str
    is_of_forty: bool


def every_reading() -> list[Reading]:
    """Return each graded text with a voice, lowest levels first.

    All voices take turns with COUNT of them, evenly spread; Kokoro, which takes long, reads none of
    the others.
    """
    examples = sorted(graded_examples(), key=lambda entry: LEVELS.index(entry["level"]))
    among = {at * len(examples) // COUNT for at in range(COUNT)}
    everybody = cycle((engine, voice) for engine, names in VOICES.items() for voice in names)
    quick = cycle((engine, voice) for engine in ("espeak", "flite") for voice in VOICES[engine])
    return [
        Reading(
            entry["key"],
            entry["level"],
            entry["transcript"],
            *next(everybody if number in among else quick),
            is_of_forty=number in among,
        )
        for number, entry in enumerate(examples)
    ]


def forty_readings() -> list[Reading]:
    """Return COUNT of them, of all levels and all voices."""
    return [reading for reading in every_reading() if reading.is_of_forty]
