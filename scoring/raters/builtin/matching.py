"""Patterns of words, as `patterns.json` has them, and where they stand in what was said. Pure.

A pattern is a list: kind, before, words, after, better. `words` are specs with blanks between:
`a|b` either word, `@name` a class. `before` and `after` look at the word beside,
with commas between conditions: a spec that may be there, `!spec` what must not be there, `^` a
clause begins here, `^not` it does not, `$` a clause may end here, `|` the words end here, `?name` a
condition on the whole. Of those that may be there one is enough. `better` takes `{2}` the second
word as it was said, `{2b}` its base, `{2p}` its participle, `{2g}` its form in -ing, `{1e}` the
form of be that goes with it.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from scoring.raters.builtin.lexicon import (
    HERE,
    base_of,
    gerund_of,
    participle_of,
    words_of,
)
from scoring.raters.builtin.speech import Speech

_PLACE = re.compile(r"\{(\d)(\w?)\}")
_LONE_I = re.compile(r"\bi\b")
_BE = {"i": "am", "he": "is", "she": "is", "it": "is"}
_MADE = {"b": base_of, "p": participle_of, "g": gerund_of}


@dataclass(frozen=True)
class Beside:
    """What the word beside a pattern may be and must not be."""

    allowed: frozenset[str]
    barred: frozenset[str]
    marks: frozenset[str]
    conditions: frozenset[str]


@dataclass(frozen=True)
class Pattern:
    """A pattern of words with what it is called and what would be better."""

    kind: str
    before: Beside
    words: tuple[frozenset[str], ...]
    after: Beside
    better: str


def _spec(spec: str) -> frozenset[str]:
    words: set[str] = set()
    for one in spec.split("|"):
        if one[:1] == "@":
            words |= words_of(one[1:])
        else:
            words.add(one)
    return frozenset(words)


_MARKS = ("^", "^not", "$", "|")


def _beside(text: str) -> Beside:
    parts = text.split(",") if text else []
    plain = [part for part in parts if part not in _MARKS and part[0] not in "!?"]
    barred = [part[1:] for part in parts if part[0] == "!"]
    return Beside(
        frozenset().union(*map(_spec, plain)),
        frozenset().union(*map(_spec, barred)),
        frozenset(part for part in parts if part in _MARKS),
        frozenset(part[1:] for part in parts if part[0] == "?"),
    )


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all patterns of the file in its order. Raises KeyError for a class it lacks."""
    rows = json.loads((HERE / "patterns.json").read_text(encoding="utf-8"))
    return tuple(
        Pattern(kind, _beside(before), tuple(map(_spec, words.split())), _beside(after), better)
        for kind, before, words, after, better in rows
    )


@cache
def by_first_word() -> Mapping[str, tuple[Pattern, ...]]:
    """Return the patterns by each word that they may begin with."""
    table: dict[str, list[Pattern]] = {}
    for pattern in patterns():
        for word in pattern.words[0]:
            table.setdefault(word, []).append(pattern)
    return {word: tuple(rows) for word, rows in table.items()}


@dataclass(frozen=True)
class Match:
    """Where a pattern stands: positions in `Speech.bare`, the last not included."""

    pattern: Pattern
    first: int
    last: int


def matches_in(speech: Speech) -> Iterator[Match]:
    """Yield every place where a pattern stands, whatever its conditions on the whole.

    Its words follow each other with no stop, no filler and nothing said again between.
    """
    table = by_first_word()
    for first, core in enumerate(speech.cores):
        for pattern in table.get(core, ()):
            last = first + len(pattern.words)
            if _stands(pattern, speech, first, last):
                yield Match(pattern, first, last)


def _stands(pattern: Pattern, speech: Speech, first: int, last: int) -> bool:
    return (
        last <= len(speech.cores)
        and all(
            core in words
            for core, words in zip(speech.cores[first:last], pattern.words, strict=True)
        )
        and speech.bare[last - 1] - speech.bare[first] == last - 1 - first
        and not speech.stops_at.intersection(range(first + 1, last))
        and not _is_broken(speech, first, last)
        and _suits_before(pattern.before, speech, first)
        and _suits_after(pattern.after, speech, last)
    )


def _is_broken(speech: Speech, first: int, last: int) -> bool:
    """Return whether the recogniser put a mark behind a word but the last.

    Its marks are no evidence of a clause; they may be of two, and then nothing is claimed.
    """
    return any(
        not speech.words[speech.bare[at]].text[-1].isalnum() for at in range(first, last - 1)
    )


def _suits_before(beside: Beside, speech: Speech, first: int) -> bool:
    starts = speech.starts_clause(first)
    core = speech.cores[first - 1] if first and first not in speech.stops_at else ""
    if core in beside.barred or ("^not" in beside.marks and starts):
        return False
    if not beside.allowed and "^" not in beside.marks:
        return True
    return core in beside.allowed or ("^" in beside.marks and starts)


def _suits_after(beside: Beside, speech: Speech, last: int) -> bool:
    ends = last == len(speech.cores) or last in speech.stops_at
    core = "" if ends else speech.cores[last]
    if core in beside.barred:
        return False
    if not beside.allowed and not beside.marks:
        return True
    may_end = "$" in beside.marks and core in words_of("closer")
    return core in beside.allowed or may_end or (bool(beside.marks) and ends)


def better_of(match: Match, speech: Speech, past: bool) -> str:
    """Return the better wording of a match; `past` chooses the form of be."""
    shown = [
        speech.words[speech.bare[at]].text.strip(' .,!?;:"“”…-')
        for at in range(match.first, match.last)
    ]

    def filled(place: re.Match[str]) -> str:
        word, how = shown[int(place.group(1)) - 1], place.group(2)
        core = speech.cores[match.first + int(place.group(1)) - 1]
        if how == "e":
            return be_for(core, past)
        return _MADE[how](core) if how else word

    better = _LONE_I.sub("I", _PLACE.sub(filled, match.pattern.better))
    return better[0].upper() + better[1:] if shown[0][:1].isupper() else better


def be_for(subject: str, past: bool) -> str:
    """Return the form of be for a pronoun."""
    if past:
        return "was" if subject in _BE else "were"
    return _BE.get(subject, "are")


def holds_again(better: str, speech: Speech, last: int, *, within: int = 14) -> bool:
    """Return whether the better wording is said itself soon after this position."""
    wanted = better.casefold().split()
    later: Collection[str] = speech.cores[last : last + within]
    size = len(wanted)
    return any(list(later)[at : at + size] == wanted for at in range(len(later) - size + 1))
