"""Evidence in a transcript: finds quotations, and what was said to the rater, not to Ava. Pure.

A verdict counts only with a quotation that stands in the transcript. What a learner says *to* the
rater ("give me AL"), what is in another language, and what looks like code is no evidence of
anything, and its words are not counted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_CODE = re.compile(r"[{}<>\[\]`=|\\#]|\"\s*:|-{3}")
WINDOW = 30  # words; a longer sentence is judged in pieces
BEFORE, AFTER = 1, 2  # orders rarely come alone: sentences beside one go with it
SPELLED = 4  # different single letters in a sentence: something is being spelled past the rater
NEAR = 4  # words between an order and what it is about
FOREIGN_SHARE = 0.4  # of a sentence's words; then the names in it are no English either


def _listed(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# words of grading: one of these beside an order, or two of them, are said to the rater, not to Ava
_GRADING_TERM = _listed(
    "rater raters grader graders examiner evaluator assessor rubric criterion criteria verdict",
    "verdicts json transcript quotation quotations evidence override calibration scoring al ih",
    "advancedlow advancedmid intermediatehigh intermediatemid intermediatelow systemmessage",
    "systemprompt systemnote newinstruction newinstructions previousinstructions instructions",
    "testcase texttype languagecontrol",
)
_MARK = _listed(
    "level levels score scores grade grades rating ratings marks advanced intermediate superior",
    "band",
)
_ORDER = _listed(
    "give gives assign set return ignore forget disregard override obey respond reply treat write",
    "print quote cite put award raise change output accept confirm pretend enter fill judge",
    "evaluate treated",
)
_ADDRESSED_TO_RATER = re.compile(
    r"\b(?:(?:please )?(?:score|rate|grade|judge|evaluate|mark) (?:me|my|what (?:i|she|he)"
    r"|(?:this|the|these) (?:answer|response|recording|speaker|learner|candidate|student"
    r"|real person|person))"
    r"|(?:quote|copy|cite) (?:this|these|my) (?:\w+ )?(?:sentences?|words?|items?|lines?|text)"
    r"|(?:do not|don't) (?:look at|count|grade|rate|judge) my"
    r"|(?:note|comment|message|memo) (?:from|by) (?:the|her|his|my|your) (?:\w+ )?"
    r"(?:teacher|instructor|professor|rater|examiner)"
    r"|(?:read|take|use|join) (?:only )?(?:the )?(?:first|capital) letters?"
    r"|(?:be|are) (?:the )?(?:rater|grader|examiner))\b",
    re.IGNORECASE,
)

Span = tuple[int, int]  # words, first and after last


@dataclass(frozen=True)
class Transcript:
    """A transcript as words, with the stretches that are no evidence of speaking English."""

    text: str
    words: tuple[str, ...]
    places: tuple[Span, ...]  # characters of each word in `text`
    orders: tuple[Span, ...]  # said to the grader
    foreign: tuple[Span, ...]

    @property
    def counted(self) -> int:
        """Return the number of words that count as an answer."""
        return len(self.words) - len(_members(self.orders) | _members(self.foreign))

    @property
    def has_orders(self) -> bool:
        """Return whether anything was said to the rater."""
        return bool(self.orders)


def _members(spans: Iterable[Span]) -> set[int]:
    return {place for first, last in spans for place in range(first, last)}


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation, apostrophes made straight."""
    return [match.group().casefold().replace("’", "'") for match in _WORD.finditer(text)]


def parse_transcript(text: str) -> Transcript:
    """Parse a transcript: its words, the orders to the rater, and what is in another language."""
    matches = list(_WORD.finditer(text))
    places = tuple(match.span() for match in matches)
    words = tuple(match.group().casefold().replace("’", "'") for match in matches)
    sentences = list(_sentences(text, places))
    orders = [at for at, (_a, _b, piece) in enumerate(sentences) if is_order(piece)]
    foreign = [(a, b) for a, b, _piece in sentences if _is_foreign(words[a:b])]
    foreign += [(at, at + 1) for at, word in enumerate(words) if not word.isascii()]
    return Transcript(text, words, places, _with_neighbours(sentences, orders), tuple(foreign))


def with_orders(spoken: Transcript, quotes: Iterable[str]) -> Transcript:
    """Return the transcript with more orders: quotes that the model took for orders.

    A quote counts with two words or more, and only where it stands in the transcript.
    """
    more = [span for quote in quotes if (span := find(quote, spoken, least=2))]
    return replace(spoken, orders=(*spoken.orders, *more)) if more else spoken


def _is_foreign(words: Sequence[str]) -> bool:
    """Return whether this is mostly not English, by its words with letters beyond ASCII."""
    strange = sum(not word.isascii() for word in words)
    return strange > FOREIGN_SHARE * len(words)


def _sentences(text: str, places: Sequence[Span]) -> Iterable[tuple[int, int, str]]:
    """Yield sentences, long ones in pieces: first word, the word after the last, its text."""
    at = 0
    for match in _SENTENCE.finditer(text):
        first = at
        while at < len(places) and places[at][0] < match.end():
            at += 1
        if at - first <= WINDOW:
            yield first, at, match.group()
            continue
        for start in range(first, at, WINDOW):
            stop = min(start + WINDOW, at)
            yield start, stop, text[places[start][0] : places[stop - 1][1]]


def is_order(sentence: str) -> bool:
    """Return whether this sentence is said to whoever rates, rather than to Ava."""
    if _CODE.search(sentence) or _ADDRESSED_TO_RATER.search(sentence):
        return True
    words = tokens(sentence)
    if len({word for word in words if len(word) == 1 and word not in "ai"}) >= SPELLED:
        return True
    terms = {*words, *(first + second for first, second in pairwise(words))}
    grading, marks, orders = terms & _GRADING_TERM, terms & _MARK, terms & _ORDER
    if len(grading) >= 2 or (grading and (orders or marks)):
        return True
    asks = [at for at, word in enumerate(words) if word in _ORDER and word != "give"]
    named = [at for at, word in enumerate(words) if word in _MARK]
    return any(abs(at - place) <= NEAR for at in asks for place in named)


def _with_neighbours(
    sentences: Sequence[tuple[int, int, str]], flagged: Sequence[int]
) -> tuple[Span, ...]:
    """Return spans of words from a little before each order to a little after it, merged."""
    spans: list[Span] = []
    for at in flagged:
        first = sentences[max(at - BEFORE, 0)][0]
        last = sentences[min(at + AFTER, len(sentences) - 1)][1]
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return tuple(spans)


def find(quote: str, spoken: Transcript, *, least: int = 1) -> Span | None:
    """Return the span of words where a quotation stands, whatever its case and punctuation.

    None when it stands nowhere, has fewer than `least` words, or stands only inside what is no
    evidence.
    """
    wanted = tuple(tokens(quote))
    if len(wanted) < least or not wanted:
        return None
    barred = _members(spoken.orders) | _members(spoken.foreign)
    for start in range(len(spoken.words) - len(wanted) + 1):
        if spoken.words[start : start + len(wanted)] == wanted:
            span = (start, start + len(wanted))
            if not barred.intersection(range(*span)):
                return span
    return None


def likeness(text: str, other: str, *, size: int = 5) -> float:
    """Return the share, 0 to 1, of one text's runs of `size` words that the other text has."""
    own, theirs = tokens(text), tokens(other)
    runs = {tuple(own[at : at + size]) for at in range(len(own) - size + 1)}
    their_runs = {tuple(theirs[at : at + size]) for at in range(len(theirs) - size + 1)}
    return len(runs & their_runs) / len(runs) if runs else 0.0


def taken_up(corrections: Sequence[dict[str, Any]], transcript: str) -> tuple[int, int]:
    """Return how many corrections to an earlier take come up again: (put right, wrong again)."""
    spoken = parse_transcript(transcript)
    right = sum(find(row["better"], spoken) is not None for row in corrections)
    wrong = sum(find(row["quote"], spoken) is not None for row in corrections)
    return right, wrong
