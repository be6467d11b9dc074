"""Evidence in a transcript: what of it counts as an answer, and where a quotation stands. Pure.

A verdict counts only with a quotation that stands in the transcript. No evidence of anything, and
not counted as words of the answer, are what a learner says *to* the rater ("give me AL"), what is
in another language, and what repeats the question. The first never reaches the call that judges.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any

from scoring.levels.word_lists import WORD, tokens
from scoring.raters.orders import find_orders

_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_ELLIPSIS = re.compile(r"\.{2,}|…|\(\.+\)")
WINDOW = 30  # words; a longer sentence is judged in pieces
BEFORE, AFTER = 1, 1  # orders rarely come alone: sentences beside one go with it
_MARK_OF_CUT = re.compile(r"\[\[\d+\]\]")
FOREIGN_SHARE = 0.3  # of a sentence's words; then the names in it are no English either
FOREIGN_RUN = 4  # words of another language in a row, that are cut out before judging
OWN_IN_QUOTATION = 2  # words that are not the question's
QUESTION_RUN = 5  # words in a row that stand in the question too
FILLERS = frozenset(("um", "uh", "er", "erm", "hmm", "hm", "mm", "mhm", "ah", "eh", "uhm"))
TOLERANT_FROM = 6  # words; in a quotation so long one may be left out, added or another
# Vietnamese without its marks and Korean in Latin letters, where the words are no English ones
_FOREIGN_WORDS = (
    "em toi khong duoc diem cua nguoi thay xin cac mot nay rat cung nhe nha muc oi cao"
    " nhat giam khao lam vay voi nhung biet cham giup gium vui xep loai bac dat trinh anh"
    " chi cho len qua tay run thoi chao cam quen huong dung tru giong nghe ket hoan thanh"
    " dau neu chon gui tien tot noi nhieu bai bang luon tuyet doi phan loi sai tat dang"
    " toan minh phai viec cong duyet thuong truoc sau ngay mong lan dinh chac"
)
_LATIN_FOREIGN = frozenset(_FOREIGN_WORDS.split())
_ROMANISED = re.compile(
    r"[a-z]{2,}(?:seyo|nida|yeyo|ieyo|jayo|aeyo|wayo|dwaeyo|hamnida|imnida|jiyo|geuro|eseo|euro"
    r"|isseoyo|haeyo|nikka|neun|eun|deul|nim|jusyeo)|jeoneun|naneun|jeil|choego|butak|igeon"
    r"|geunyang|geuraeseo|jeongmal|deungg\w+|jeomsu\w*|dangyeonhi|geudaero"
    r"|[a-z]*(?:yeo|gyeo|jeo|cheo|hae[sd]|gwae|jusi|juse|imni|gesse?u)[a-z]*"
    r"|[a-z]{3,}(?:eul|reul|neul|geot|myeon|haeseo|seubnida|dago|rago|ketsseo)"
    r"|jega|modu|jebal|apeuro|dapbyeon\w*|wanbyeok\w*|manjeom|hapgyeok\w*|dangye|chwieop|kane"
    r"|oneul\w*|teullin|nopeun|nallo|hanbeon\w*|igeo\w*|geuri\w*|joha\w*"
)

Span = tuple[int, int]  # words, first and after last


@dataclass(frozen=True)
class Transcript:
    """A transcript as words, with the stretches that are no evidence of speaking English."""

    text: str
    words: tuple[str, ...]
    places: tuple[Span, ...]  # characters of each word in `text`
    cuts: tuple[Span, ...]  # found by our own look to be said to the rater
    orders: tuple[Span, ...]  # these, and what the model took for orders
    foreign: tuple[Span, ...]
    repeated: tuple[Span, ...]  # of the question

    @property
    def counted_words(self) -> list[str]:
        """Return the words that count as an answer, in lower case."""
        barred = _members((*self.orders, *self.foreign, *self.repeated))
        return [word for at, word in enumerate(self.words) if at not in barred]

    @property
    def counted(self) -> int:
        """Return the number of words that count as an answer."""
        return len(self.counted_words)

    @property
    def is_foreign(self) -> bool:
        """Return whether more than half of it is in another language."""
        return 2 * len(_members(self.foreign)) > len(self.words)

    @property
    def has_orders(self) -> bool:
        """Return whether anything was said to the rater."""
        return bool(self.orders)


def _members(spans: Iterable[Span]) -> set[int]:
    return {place for first, last in spans for place in range(first, last)}


@lru_cache(maxsize=64)
def parse_transcript(text: str, asked: tuple[str, ...] = ()) -> Transcript:
    """Parse a transcript: its words, and what of them is no evidence.

    `asked`: the question, and earlier ones of the same sitting.
    """
    matches = list(WORD.finditer(text))
    places = tuple(match.span() for match in matches)
    words = tuple(match.group().casefold().replace("’", "'") for match in matches)
    sentences = list(_sentences(text, places))
    repeated = tuple(span for question in asked for span in _repeated(words, tokens(question)))
    theirs = _members(repeated)
    # a question says "tell me" and "give an example": to repeat that is no order
    own = [
        [words[at] for at in range(first, last) if at not in theirs]
        for first, last, _piece in sentences
    ]
    flagged = find_orders([(one[2], words) for one, words in zip(sentences, own, strict=True)])
    orders = _with_neighbours(sentences, flagged)
    foreign = [(a, b) for a, b, _piece in sentences if _is_foreign(words[a:b])]
    foreign += [(at, at + 1) for at, word in enumerate(words) if not word.isascii()]
    return Transcript(text, words, places, orders, orders, tuple(foreign), repeated)


def parse_sentences(text: str) -> list[tuple[str, list[str]]]:
    """Parse a text to its sentences, long ones in pieces: the text of each, and its words."""
    places = [match.span() for match in WORD.finditer(text)]
    pieces = (piece for first, last, piece in _sentences(text, places) if first < last)
    return [(piece, tokens(piece)) for piece in pieces]


def _repeated(words: Sequence[str], question: Sequence[str]) -> Iterable[Span]:
    """Yield the runs of words that stand in the question too."""
    size = QUESTION_RUN
    runs = {tuple(question[at : at + size]) for at in range(len(question) - size + 1)}
    for at in range(len(words) - size + 1):
        if tuple(words[at : at + size]) in runs:
            yield at, at + size


def with_orders(spoken: Transcript, quotes: Iterable[str]) -> Transcript:
    """Return the transcript with more orders: quotes that the model took for orders.

    A quote counts with two words or more, and only where it stands in the transcript.
    """
    more = [span for quote in quotes if (span := find(quote, spoken, least=2))]
    return replace(spoken, orders=(*spoken.orders, *more)) if more else spoken


def _is_foreign(words: Sequence[str]) -> bool:
    """Return whether this is mostly not English, by its letters and by words of Latin spelling."""
    letters = sum(not word.isascii() for word in words)
    latin = {word for word in words if word in _LATIN_FOREIGN}
    latin |= {word for word in words if _ROMANISED.fullmatch(word)}
    count = letters + (sum(word in latin for word in words) if len(latin) + letters > 2 else 0)
    return count > FOREIGN_SHARE * len(words)


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


# --- what the call that judges may read -----------------------------------------------------------


def mark_of_cut(number: int) -> str:
    """Return what stands in the place of the order with this number, counted from one."""
    return f"[[{number}]]"


def marks_in(text: str) -> list[str]:
    """Return the marks of cuts that stand in a text for judging, in their order."""
    return _MARK_OF_CUT.findall(text)


def for_judging(spoken: Transcript) -> str:
    """Return the transcript without what was said to the rater, and without other languages.

    A mark stands where an order was; three dots where a longer stretch of another language was.
    """
    strange = sorted(_members(spoken.foreign))
    runs = [[at for _n, at in run] for _key, run in groupby(enumerate(strange), _behind)]
    cuts = [(first, last, mark_of_cut(at)) for at, (first, last) in enumerate(spoken.cuts, 1)]
    barred = _members(spoken.cuts)
    cuts += [
        (run[0], run[-1] + 1, "[...]")
        for run in runs
        if len(run) >= FOREIGN_RUN and not barred.intersection(run)
    ]
    pieces, at = [], 0
    for first, last, mark in sorted(cuts):
        pieces += [spoken.text[at : spoken.places[first][0]], mark]
        at = spoken.places[last - 1][1]
    return " ".join("".join([*pieces, spoken.text[at:]]).split())


def _behind(pair: tuple[int, int]) -> int:
    """Return the same number for places that follow each other."""
    number, place = pair
    return place - number


# --- quotations -----------------------------------------------------------------------------------


def find(quote: str, spoken: Transcript, *, least: int = 1) -> Span | None:
    """Return the span of words where a quotation stands, whatever its case and punctuation.

    Fillers and words said twice need not stand in the quotation; in a longer one a single word may
    be missing, added or another. Left out with dots, its parts have to follow each other. None when
    it stands nowhere, has fewer than `least` words, touches an order or another language, or has
    but one word of its own beside the question's.
    """
    span = _span(quote, spoken) if len(tokens(quote)) >= max(least, 1) else None
    if span is None:
        return None
    theirs = _members(spoken.repeated).intersection(range(*span))
    is_theirs = bool(theirs) and span[1] - span[0] - len(theirs) < OWN_IN_QUOTATION
    return None if is_theirs else span


def _span(quote: str, spoken: Transcript) -> Span | None:
    """Return where a quotation stands, whole or in parts."""
    wanted = tokens(quote)
    runs = _runs(spoken)
    if span := _match(wanted, runs, spoken.words):
        return span
    parts = [tokens(part) for part in _ELLIPSIS.split(quote)]
    parts = [part for part in parts if part]
    if len(parts) < 2 or any(len(part) < 2 for part in parts):
        return None
    spans = [_match(part, runs, spoken.words) for part in parts]
    if None in spans:
        return None
    first, last = spans[0], spans[-1]
    return (first[0], last[1]) if first and last and first[1] <= last[0] else None


def _runs(spoken: Transcript) -> list[list[int]]:
    """Return the places of the words that may be quoted, a list for each unbroken stretch."""
    barred = _members((*spoken.orders, *spoken.foreign))
    runs: list[list[int]] = [[]]
    for at in range(len(spoken.words)):
        if at in barred:
            runs.append([])
        else:
            runs[-1].append(at)
    return [run for run in runs if run]


def _bare(words: Sequence[str], places: Iterable[int]) -> list[int]:
    """Return the places without fillers and without words that repeat the one before."""
    bare: list[int] = []
    for at in places:
        if words[at] not in FILLERS and not (bare and words[bare[-1]] == words[at]):
            bare.append(at)
    return bare


def _match(
    wanted: Sequence[str], runs: Sequence[Sequence[int]], words: Sequence[str]
) -> Span | None:
    """Return where these words stand in one of the runs, as they are or nearly so."""
    bare = [wanted[at] for at in _bare(wanted, range(len(wanted)))]
    slack = int(len(bare) >= TOLERANT_FROM)
    for run in runs:
        for places, sought in ((list(run), list(wanted)), (_bare(words, run), bare)):
            if span := _exactly(sought, places, words):
                return span
    for run in runs if slack else ():
        if span := _nearly(bare, _bare(words, run), words):
            return span
    return None


def _exactly(wanted: Sequence[str], places: Sequence[int], words: Sequence[str]) -> Span | None:
    spoken = [words[at] for at in places]
    for start in range(len(spoken) - len(wanted) + 1) if wanted else ():
        if spoken[start : start + len(wanted)] == wanted:
            return places[start], places[start + len(wanted) - 1] + 1
    return None


def _nearly(wanted: Sequence[str], places: Sequence[int], words: Sequence[str]) -> Span | None:
    """Return where these words stand but for one: left out, added or another."""
    spoken = [words[at] for at in places]
    for size in (len(wanted), len(wanted) - 1, len(wanted) + 1):
        for start in range(len(spoken) - size + 1):
            if _differ_by_one(wanted, spoken[start : start + size]):
                return places[start], places[start + size - 1] + 1
    return None


def _differ_by_one(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether at most one word has to be added, left out or changed between the two."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    step_one, step_other = len(one) >= len(other), len(other) >= len(one)
    return one[same + step_one :] == other[same + step_other :]


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
