"""From what the recogniser said of one piece to words with times in the recording. Pure.

Its reply is data from another process and is believed only as far as it makes sense.
"""

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

# a segment beyond one of these is dropped, as the recogniser's own makers advise
MOST_NO_SPEECH, LEAST_LOG_PROBABILITY, MOST_COMPRESSION = 0.6, -1.0, 2.4
NEAR = 0.4  # seconds: the recogniser's times are no more exact
HUNDREDTH = 0.01  # times are rounded to it
STOP = 0.5  # seconds of silence that end a stretch
CLEAR = 0.6  # mean probability of the words of a clear stretch
MOST_LETTERS = 60  # of one word, punctuation included
MOST_WORDS = 400  # of one piece

Runs = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Word:
    """A word as it is shown, with its punctuation; seconds in the recording; 0 to 1."""

    text: str
    start: float
    end: float
    probability: float

    def as_row(self) -> list[Any]:
        """Return plain values for a JSON column."""
        return [self.text, self.start, self.end, self.probability]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "Word":
        """Return a stored word."""
        return cls(str(row[0]), float(row[1]), float(row[2]), float(row[3]))


@dataclass(frozen=True)
class Reply:
    """What was heard in one piece; `repeats_itself`: the recogniser ran in a circle."""

    words: tuple[Word, ...]
    english: float | None
    repeats_itself: bool


def believed(reply: Any, start: float, end: float, runs: Runs) -> Reply:
    """Return the words of the piece from `start` to `end`; raise ValueError for no such reply.

    `runs`: (start, end) of measured speech in the recording. Words outside it are dropped, and
    times that reach into a silence are moved to the edge of what was said.
    """
    if not isinstance(reply, Mapping) or not isinstance(reply.get("segments"), list):
        raise ValueError("no segments")
    english = reply.get("english")
    if english is not None and not 0 <= _number(english) <= 1:
        raise ValueError("no probability")
    words: list[Word] = []
    repeats_itself = False
    for segment in reply["segments"]:
        repeats_itself |= _number(segment["compression"]) > MOST_COMPRESSION
        if _is_believed(segment):
            words += _joined(segment["words"], start)
    if len(words) > MOST_WORDS:
        raise ValueError("too many words")
    return Reply(tuple(_in_order(words, start, end, runs)), english, repeats_itself)


def _is_believed(segment: Mapping[str, Any]) -> bool:
    is_silence = _number(segment["no_speech"]) > MOST_NO_SPEECH
    is_unsure = _number(segment["log_probability"]) < LEAST_LOG_PROBABILITY
    # high on its own, the first is wrong about soft speech
    doubtful = is_silence and _number(segment["log_probability"]) < LEAST_LOG_PROBABILITY / 2
    return not (is_unsure or doubtful or _number(segment["compression"]) > MOST_COMPRESSION)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _joined(rows: Any, offset: float) -> list[Word]:
    """Return words as they are printed: what has no blank in front belongs to the word before."""
    words: list[Word] = []
    for text, start, end, probability in rows:
        shown = _shown(str(text))
        if not shown:
            continue
        word = Word(shown, _number(start) + offset, _number(end) + offset, _number(probability))
        if not 0 <= word.probability <= 1:
            raise ValueError("no probability")
        if words and not str(text)[:1].isspace():
            last = words.pop()
            least = min(last.probability, word.probability)
            word = Word((last.text + shown)[:MOST_LETTERS], last.start, word.end, least)
        words.append(word)
    # a dash alone is no word
    return [word for word in words if any(letter.isalnum() for letter in word.text)]


def _shown(text: str) -> str:
    """Return the text without blanks and without what nobody sees."""
    seen = (letter for letter in text if unicodedata.category(letter)[0] not in "CZ")
    return "".join(seen)[:MOST_LETTERS]


def _in_order(words: Sequence[Word], start: float, end: float, runs: Runs) -> list[Word]:
    """Return the words that fall into measured speech, their times rising and inside it."""
    ordered: list[Word] = []
    last = start
    for word in words:
        first, until = min(max(word.start, start), end), min(max(word.end, start), end)
        near = [run for run in runs if run[0] - NEAR <= until and first <= run[1] + NEAR]
        if not near:
            continue
        # the recogniser gives a pause to the word before or behind it
        begin, stop = max(near, key=lambda run: min(run[1], until) - max(run[0], first))
        first = max(min(max(first, begin), stop), last)
        until = max(min(max(until, begin), stop), first)
        last = round(until, 2)
        ordered.append(Word(word.text, round(first, 2), last, round(word.probability, 3)))
    return ordered


def stretches(words: Sequence[Word], runs: Runs) -> list[dict[str, Any]]:
    """Return what was said between two stops, as rows of text, `at` (seconds) and `clear`."""
    starts = [begin for begin, _end in _parted(runs)]
    groups = groupby(words, key=lambda word: bisect_right(starts, word.start + HUNDREDTH))
    return [_stretch(list(group)) for _number, group in groups]


def _parted(runs: Runs) -> list[tuple[float, float]]:
    """Return the runs, those joined that no stop parts."""
    parted: list[tuple[float, float]] = []
    for begin, end in runs:
        if parted and begin - parted[-1][1] < STOP:
            parted[-1] = (parted[-1][0], end)
        else:
            parted.append((begin, end))
    return parted


def _stretch(group: Sequence[Word]) -> dict[str, Any]:
    mean = sum(word.probability for word in group) / len(group)
    return {
        "text": " ".join(word.text for word in group),
        "at": group[0].start,
        "clear": mean >= CLEAR,
    }
