"""The one thing to do next: the greatest shortfall first, then what is missing, then `hold`. Pure.

Making one figure better, others equal, never makes the advice worse: a figure counts only on the
side where more of it, or less, would help, and the one furthest outside its range wins.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from opic.lib.levels import Level
from scoring.levels.delivery import TYPICAL
from scoring.raters.builtin.speech import Fact

FAR_TOO_SHORT = 2 / 3  # of the target's lower end: then nothing else matters
# pauses inside clauses a minute, at most: a working limit of ours, to be fitted
MOST_PAUSES_INSIDE = {
    Level.NL: 16.0,
    Level.NM: 14.0,
    Level.NH: 12.0,
    Level.IL: 10.0,
    Level.IM1: 8.0,
    Level.IM2: 6.0,
    Level.IM3: 5.0,
    Level.IH: 4.0,
    Level.AL: 3.0,
}
LEAST_WORDS = 30  # of an answer that can lack a time frame
LINKED_WORDS = 50  # from here on an answer has links of two kinds
LEAST_KINDS = 2
REPEATED_SHARE = 0.12  # of the words: more is extreme
QUESTIONS = 3
TELLING = frozenset(("PAST", "MEM", "RP_EXP"))
ASKING = frozenset(("RP_ASK", "ASK_AVA"))
_ASKS_FUTURE = re.compile(
    r"\b(?:will you|next (?:year|month|week)|in the future|plans? (?:to|for))\b"
)
_LINK_KINDS = ("reason", "contrast", "order", "example", "addition", "condition")


@dataclass(frozen=True)
class Figures:
    """What is measured: seconds from first to last sound, rates a minute, words of a run."""

    length_seconds: float
    words_per_minute: float
    run_words: float
    pauses_inside: float  # a minute


@dataclass(frozen=True)
class Evidence:
    """What the advice is chosen from."""

    figures: Figures
    target: Level
    item_type: str
    prompt_text: str = ""
    is_understood: bool = True
    is_clear: bool = True  # heard so well that what was not heard may be named
    word_count: int = 0
    hears_past: bool = True
    hears_future: bool = True
    may_ask: int = QUESTIONS
    points: Sequence[Fact] = ()
    link_kinds: Collection[str] = ()
    repeats: Sequence[Fact] = ()
    corrections: Sequence[Fact] = ()
    advised_lately: Collection[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Shortfall:
    """A figure outside its range, on the side that is worse, by how many widths of the range."""

    key: str
    widths: float
    value: float
    typical: tuple[float, float]


def shortfalls(figures: Figures, target: Level) -> list[Shortfall]:
    """Return the figures that fall short of the target's ranges, the greatest first.

    Ties stand in a fixed order: length, pauses inside clauses, runs, pace.
    """
    typical = TYPICAL[target]
    most = MOST_PAUSES_INSIDE[target]
    rows = [
        ("length", figures.length_seconds, typical.length_seconds, 1),
        ("pauses_inside", figures.pauses_inside, (0.0, most), -1),
        ("runs", figures.run_words, typical.run_words, 1),
        ("pace", figures.words_per_minute, typical.words_per_minute, 1),
    ]
    short = []
    for key, value, (low, high), better in rows:
        outside = low - value if better > 0 else value - high
        if outside > 0:
            short.append(Shortfall(key, outside / (high - low), value, (low, high)))
    return sorted(short, key=lambda row: -row.widths)


def is_far_too_short(figures: Figures, target: Level) -> bool:
    """Return whether the length is under two thirds of the range's lower end."""
    return figures.length_seconds < FAR_TOO_SHORT * TYPICAL[target].length_seconds[0]


def advice_for(evidence: Evidence) -> Fact:
    """Return the one advice: its key, what it rests on, and whether it was given lately.

    What was measured again may be advised again; a suggestion that nothing fell short of is not
    given twice in a week.
    """
    for key, facts, quote in (*_measured(evidence), *_missing(evidence)):
        return _advice(evidence, key, facts, quote)
    for key, facts, quote in _suggested(evidence):
        if key not in evidence.advised_lately:
            return _advice(evidence, key, facts, quote)
    return _advice(evidence, "hold", {}, None)


def _advice(evidence: Evidence, key: str, facts: Fact, quote: Fact | None) -> Fact:
    is_again = key != "hold" and key in evidence.advised_lately
    return {"key": key, "is_again": is_again, "facts": facts, "quote": quote}


Row = tuple[str, Fact, Fact | None]


def _measured(evidence: Evidence) -> list[Row]:
    """Return what is measured and falls short; nothing but length where little was understood."""
    rows = shortfalls(evidence.figures, evidence.target)
    if is_far_too_short(evidence.figures, evidence.target) or not evidence.is_understood:
        rows = [row for row in rows if row.key == "length"]
    measured: list[Row] = [
        (row.key, {"value": round(row.value, 1), "typical": list(row.typical)}, None)
        for row in rows
    ]
    return measured if evidence.is_understood else [*measured, ("unclear", {}, None)]


def _missing(evidence: Evidence) -> list[Row]:
    """Return what the question asked for and a clear answer lacks, then its corrections."""
    rows = _lacking(evidence) if evidence.is_clear else []
    for row in evidence.corrections[:1]:
        rows.append(("correction", {"kind": row["kind"], "better": row["better"]}, row))
    return rows


def _lacking(evidence: Evidence) -> list[Row]:
    rows: list[Row] = []
    is_long = evidence.word_count >= LEAST_WORDS
    if is_long and evidence.item_type in TELLING and not evidence.hears_past:
        rows.append(("time_frame_past", {}, None))
    if is_long and not evidence.hears_future and _ASKS_FUTURE.search(evidence.prompt_text.lower()):
        rows.append(("time_frame_future", {}, None))
    untouched = [row["text"] for row in evidence.points if not row["is_touched"]]
    if untouched:
        rows.append(("points", {"texts": untouched}, None))
    if evidence.item_type in ASKING and evidence.may_ask < QUESTIONS:
        rows.append(("questions", {"count": evidence.may_ask, "wanted": QUESTIONS}, None))
    return rows


def _suggested(evidence: Evidence) -> list[Row]:
    """Return what would help though nothing falls short."""
    rows: list[Row] = []
    if len(evidence.repeats) > REPEATED_SHARE * max(evidence.word_count, 1):
        rows.append(("repeats", {"count": len(evidence.repeats)}, evidence.repeats[0]))
    are_few = len(set(evidence.link_kinds)) < LEAST_KINDS
    if evidence.is_clear and evidence.word_count >= LINKED_WORDS and are_few:
        missing = [kind for kind in _LINK_KINDS if kind not in evidence.link_kinds]
        rows.append(("links", {"missing": missing}, None))
    return rows
