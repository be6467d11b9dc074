"""How many words a recording can hold: whoever hears more has invented some. Pure."""

from collections.abc import Mapping
from typing import Any

from scoring.audio.measures import SYLLABLES_A_WORD
from scoring.levels.word_lists import tokens

# half as many again as our count of syllables allows, at 1.4 a word; models invent
MOST_WORDS_A_SYLLABLE = 1.5 / SYLLABLES_A_WORD
FEW_MORE = 3  # in a recording of a few words one more is a large share
MOST_WORDS_A_SECOND = 5.0  # of voiced time, where no syllables were counted


def has_invented(transcript: str, measures: Mapping[str, Any]) -> bool:
    """Return whether the transcript has more words than the sound can hold.

    The syllables are our own measure's, within 10 % of the truth (docs/measures.md).
    """
    if "syllables" in measures:
        most = MOST_WORDS_A_SYLLABLE * float(measures["syllables"]) + FEW_MORE
    else:
        most = MOST_WORDS_A_SECOND * max(float(measures.get("speech_seconds", 0)), 0.5)
    return len(tokens(transcript)) > most
