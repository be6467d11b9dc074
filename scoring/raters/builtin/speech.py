"""A transcript as words with their times: what counts, where it stops, where a quotation stands.

Pure. The recogniser's punctuation and capitals are no evidence: clauses come from words and from
measured pauses.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from scoring.raters.builtin.lexicon import base_of, words_of
from scoring.raters.evidence import FILLERS

Fact = dict[str, Any]

STOP_SECONDS = 0.5  # a shorter silence ends no run of words
SURE = 0.6  # probability of a word from which on something may be claimed about it
UNSURE = 0.5  # below this a word is shown as unsure
MOST_UNSURE = 0.25  # share of unsure words: above it too little was understood
# share of words under SURE: above it nothing is said to be missing, as it may have been misheard
MOST_UNCLEAR = 0.2
LONGEST_QUOTE = 14  # words
_MARKS = ".,;:!?…"  # the recogniser's: not part of a quotation's end
_CORE = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_MORE_FILLERS = frozenset(("umm", "uhh", "uhm", "ahh", "hmmm", "ehm", "oh", "mhm"))


@dataclass(frozen=True)
class Word:
    """One word: its text, times in seconds, characters in the transcript, lower case core."""

    text: str
    at: float
    until: float
    probability: float
    start: int
    end: int
    core: str

    @property
    def is_filler(self) -> bool:
        """Return whether it is a sound of hesitation."""
        return self.core in FILLERS or self.core in _MORE_FILLERS


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _pairs(rows: Any) -> list[tuple[float, float]]:
    if not isinstance(rows, list | tuple):
        return []
    return [
        (_number(row[0]), _number(row[1]))
        for row in rows
        if isinstance(row, list | tuple) and len(row) >= 2
    ]


def parse_words(rows: Iterable[Sequence[Any]]) -> tuple[Word, ...]:
    """Return the words of rows of text, start, end and probability; empty ones are left out.

    Characters are counted in the texts joined by one blank.
    """
    words: list[Word] = []
    place = 0
    for row in rows:
        text = " ".join(str(row[0]).split()) if len(row) >= 4 else ""
        if not text:
            continue
        at = max(_number(row[1]), 0.0)
        until = max(_number(row[2]), at)
        match = _CORE.search(text)
        core = match.group().casefold().replace("’", "'") if match else ""
        words.append(
            Word(text, at, until, min(max(_number(row[3]), 0), 1), place, place + len(text), core)
        )
        place += len(text) + 1
    return tuple(words)


@dataclass(frozen=True)
class Speech:
    """What was heard, with the measured silences between the words."""

    words: tuple[Word, ...]
    silences: tuple[tuple[float, float], ...]  # start and length in seconds
    spoken: tuple[float, float]  # from the first to the last sound

    @cached_property
    def transcript(self) -> str:
        """Return the texts of all words, joined by one blank."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def span_seconds(self) -> float:
        """Return the seconds from the first to the last sound."""
        return max(self.spoken[1] - self.spoken[0], 0.0)

    @cached_property
    def stops(self) -> dict[int, tuple[float, float]]:
        """Return the silences of `STOP_SECONDS` and more between words, by the word after each.

        Two silences before one word are one entry, with the longer of them.
        """
        stops: dict[int, tuple[float, float]] = {}
        for at, seconds in self.silences:
            after = self._word_after(at + seconds / 2)
            if seconds >= STOP_SECONDS and 0 < after < len(self.words):
                stops[after] = max(stops.get(after, (at, 0.0)), (at, seconds), key=lambda s: s[1])
        return stops

    def _word_after(self, moment: float) -> int:
        for place, word in enumerate(self.words):
            if (word.at + word.until) / 2 > moment:
                return place
        return len(self.words)

    @cached_property
    def dropped(self) -> dict[int, tuple[int, int]]:
        """Return the places of words said again, each with the span from there to the new start."""
        places = [at for at, word in enumerate(self.words) if word.core and not word.is_filler]
        cores = [self.words[at].core for at in places]
        dropped: dict[int, tuple[int, int]] = {}
        for one in range(len(cores)):
            size = _repeat_size(cores, one)
            if size:
                span = (places[one], places[min(one + 2 * size, len(places)) - 1] + 1)
                dropped.update((places[at], span) for at in range(one, one + size))
        return dropped

    @cached_property
    def bare(self) -> tuple[int, ...]:
        """Return the places of the words that count: no fillers, nothing said again."""
        return tuple(
            at
            for at, word in enumerate(self.words)
            if word.core and not word.is_filler and at not in self.dropped
        )

    @cached_property
    def cores(self) -> tuple[str, ...]:
        """Return the cores of the words that count, in their order."""
        return tuple(self.words[at].core for at in self.bare)

    @cached_property
    def stops_at(self) -> frozenset[int]:
        """Return the positions in `bare` with a stop between the word and the one before it."""
        return frozenset(
            position
            for position in range(1, len(self.bare))
            if any(
                place in self.stops
                for place in range(self.bare[position - 1] + 1, self.bare[position] + 1)
            )
        )

    def starts_clause(self, position: int) -> bool:
        """Return whether a clause surely begins at this position of `bare`."""
        return (
            position == 0
            or position in self.stops_at
            or self.cores[position - 1] in words_of("starter")
        )

    def quote(self, first: int, last: int) -> Fact:
        """Return the quotation from one word to the one before `last`: characters, times, text.

        Places are those of `words`. A longer one than `LONGEST_QUOTE` words is cut at its end.
        """
        last = min(max(last, first + 1), first + LONGEST_QUOTE)
        start, end = self.words[first].start, self.words[last - 1].end
        while end - 1 > start and self.transcript[end - 1] in _MARKS:
            end -= 1
        return {
            "start": start,
            "end": end,
            "quote": self.transcript[start:end],
            "at": round(self.words[first].at, 2),
            "until": round(max(word.until for word in self.words[first:last]), 2),
        }

    def quote_bare(self, first: int, last: int) -> Fact:
        """Return the quotation of positions in `bare`, the last not included."""
        last = max(last, first + 1)
        return self.quote(self.bare[first], self.bare[last - 1] + 1)

    def is_sure(self, first: int, last: int) -> bool:
        """Return whether every word from one place of `words` to another was clearly heard."""
        return all(word.probability >= SURE for word in self.words[first:last] if word.core)

    def is_sure_bare(self, first: int, last: int) -> bool:
        """Return the same for positions in `bare`, the last not included."""
        return all(
            self.words[self.bare[at]].probability >= SURE
            for at in range(max(first, 0), min(last, len(self.bare)))
        )

    @cached_property
    def mean_probability(self) -> float:
        """Return the mean probability of the words that have letters; 0 without any."""
        values = [word.probability for word in self.words if word.core]
        return sum(values) / len(values) if values else 0.0

    @cached_property
    def is_understood(self) -> bool:
        """Return whether enough was heard clearly for claims about words."""
        heard = [word for word in self.words if word.core]
        unsure = sum(word.probability < UNSURE for word in heard)
        return bool(heard) and unsure <= MOST_UNSURE * len(heard) and self.mean_probability >= SURE

    @cached_property
    def is_clear(self) -> bool:
        """Return whether so much was heard clearly that it may be said what was not heard."""
        heard = [word for word in self.words if word.core]
        unclear = sum(word.probability < SURE for word in heard)
        return self.is_understood and unclear <= MOST_UNCLEAR * len(heard)


def _repeat_size(cores: Sequence[str], one: int) -> int:
    """Return how many words from here on are said again at once: 3, 2, 1 or 0."""
    for size in (3, 2, 1):
        first, again = cores[one : one + size], cores[one + size : one + 2 * size]
        if len(again) == size and (first == again or _is_false_start(first, again)):
            return 0 if size == 1 and first[0] in words_of("doubled") else size
    return 0


def _is_false_start(first: Sequence[str], again: Sequence[str]) -> bool:
    """Return whether the second pair is the first with another form of its verb: I meet, I met."""
    return (
        len(first) == 2
        and first[0] == again[0]
        and first[0] in words_of("subject")
        and first[1] != again[1]
        and base_of(first[1]) == base_of(again[1])
    )


def parse_speech(rows: Iterable[Sequence[Any]], measures: Mapping[str, Any]) -> Speech:
    """Return what was heard as `Speech`: word rows of `Heard.details`, measures of the job.

    Without measured silences the gaps between the words' times stand in.
    """
    words = parse_words(rows)
    silences = [(at, seconds) for at, seconds in _pairs(measures.get("pauses")) if seconds > 0]
    runs = _pairs(measures.get("runs"))
    if "pauses" not in measures:
        silences = [
            (one.until, two.at - one.until) for one, two in pairwise(words) if two.at > one.until
        ]
    spoken = (0.0, 0.0)
    if runs:
        spoken = (runs[0][0], max(at + seconds for at, seconds in runs))
    elif words:
        spoken = (words[0].at, max(word.until for word in words))
    return Speech(words, tuple(silences), spoken)
