"""What a rated response shows, made here so that the template decides nothing.

Range, obstacle, marks in the transcript, criteria in words, the better answer, what to practise.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from accounts.level_embargo import is_withheld
from opic.lib.levels import Level, range_name
from scoring.models import Rating, Response

Text = str | Promise

PHRASE_WORDS = 16  # of a phrase worth keeping, at most
CLAUSE_ENDS = ".!?;:,"

SURE: dict[str, Text] = {
    "quite": gettext_lazy("quite sure"),
    "fairly": gettext_lazy("fairly sure"),
    "not": gettext_lazy("not sure"),
}
CAPPED: dict[str, Text] = {
    "item": gettext_lazy(
        "A question of this kind cannot show more than %(level)s, however well it is answered."
        " Stories, comparisons and problems can."
    ),
    "words": gettext_lazy(
        "So few words cannot show more than %(level)s. Say more about it next time."
    ),
    "variety": gettext_lazy(
        "The same few words come again and again: that cannot show more than %(level)s. Say other"
        " things about it next time."
    ),
    "links": gettext_lazy(
        "Without words that link the sentences (because, when, so that) an answer cannot show more"
        " than %(level)s."
    ),
    "time": gettext_lazy(
        "Without forms of the past, or of what will be, an answer cannot show more than %(level)s."
    ),
}
CRITERIA: dict[str, Text] = {
    "functions": gettext_lazy("Doing what was asked"),
    "content": gettext_lazy("Content"),
    "text_type": gettext_lazy("Linking it together"),
    "comprehensibility": gettext_lazy("Easy to follow"),
    "language_control": gettext_lazy("Grammar and words"),
}
HELD, HALF = 0.85, 0.5  # of a criterion's mean, in words
# the steps of a criterion's bar: what holds at which standard
HOLDS: tuple[Text, ...] = (
    gettext_lazy("not yet at Intermediate"),
    gettext_lazy("partly at Intermediate"),
    gettext_lazy("holds at Intermediate"),
    gettext_lazy("partly at Advanced"),
    gettext_lazy("holds at Advanced"),
)
AREAS: dict[str, Text] = {
    "grammar": gettext_lazy("Grammar"),
    "vocabulary": gettext_lazy("Words"),
    "fluency": gettext_lazy("Fluency"),
}
POINTS: dict[str, Text] = {
    "met": gettext_lazy("there"),
    "partly": gettext_lazy("half there"),
    "not": gettext_lazy("missing"),
}


@dataclass(frozen=True)
class Piece:
    """A stretch of the transcript: where it is in the sound, and which correction it carries."""

    text: str
    at: str = ""  # seconds, empty where no jump can be believed
    number: int = 0  # of the correction it carries
    is_hard: bool = False  # hard to make out


@dataclass(frozen=True)
class Correction:
    """A stretch that was said, the better words, and why; numbered in the transcript's order."""

    number: int
    quote: str
    better: str
    why: str
    at: str
    start: int  # characters of the transcript
    end: int


@dataclass(frozen=True)
class Bar:
    """One criterion: a bar of four steps, and the words that say the same."""

    label: str
    holds: str
    steps: tuple[bool, ...]
    quote: str


@dataclass(frozen=True)
class Change:
    """A run of words of the better answer: said already, or new."""

    text: str
    is_new: bool


@dataclass(frozen=True)
class RatedView:
    """Everything that the panel prints of a rating with a level."""

    low: Level
    high: Level
    sure: str
    capped: str
    is_weak: bool
    has_orders: bool
    next_level: str
    is_capped_by_item: bool
    obstacle: str
    obstacle_quotes: Sequence[str]
    pieces: Sequence[Piece]
    corrections: Sequence[Correction]
    bars: Sequence[Bar]
    areas: Sequence[dict[str, str]]
    points: Sequence[tuple[str, str, str]]
    upgraded: str
    changes: Sequence[Change]
    next_steps: Sequence[str]
    model: str
    versions: str

    @property
    def transcript(self) -> str:
        """Return what was heard as plain text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def transcript_html(self) -> SafeString:
        """Return the transcript with its marks; not in a template, as every blank counts."""
        return format_html_join("", "{}", ((_as_html(piece),) for piece in self.pieces))

    @property
    def corrected_html(self) -> SafeString:
        """Return the transcript with each correction in its place.

        What was said is struck out, and what is better follows it.
        """
        better = {one.number: one.better for one in self.corrections}
        ends = {piece.number: at for at, piece in enumerate(self.pieces) if piece.number}
        return format_html_join(
            "",
            "{}",
            (
                (_as_correction(piece, better[piece.number] if ends[piece.number] == at else ""),)
                if piece.number
                else (_as_html(piece),)
                for at, piece in enumerate(self.pieces)
            ),
        )

    @property
    def caveats(self) -> list[str]:
        """Return what is to be known of the level: its bound, what was not counted, or half."""
        notes = [
            (bool(self.capped), self.capped),
            (
                self.has_orders,
                gettext("A part of this was said to the rater, not to Ava. It was not counted."),
            ),
            (
                self.is_weak,
                gettext(
                    "This sounds learnt by heart or was said before. It is shown, and counts half"
                    " as much as another answer."
                ),
            ),
        ]
        return [text for is_so, text in notes if is_so]

    @property
    def new_phrases(self) -> list[str]:
        """Return the clauses of the better answer with something new in them, of 4 to 16 words."""
        words = [(word, run.is_new) for run in self.changes for word in run.text.split()]
        ends = [at + 1 for at, (word, _is_new) in enumerate(words) if word[-1] in CLAUSE_ENDS]
        clauses = [words[first:last] for first, last in pairwise(sorted({0, *ends, len(words)}))]
        new = [
            " ".join(word for word, _is_new in clause).strip(" ,;:.!?")
            for clause in clauses
            if 3 * sum(is_new for _word, is_new in clause) >= len(clause)
        ]
        return list(dict.fromkeys(text for text in new if 3 <= text.count(" ") < PHRASE_WORDS))

    @property
    def level_text(self) -> str:
        """Return `About IM2 to IM3`, in the reader's language."""
        if self.low == self.high:
            return gettext("About %(level)s") % {"level": self.low.name}
        ends = {"low": self.low.name, "high": self.high.name}
        return gettext("About %(low)s to %(high)s") % ends


def _as_html(piece: Piece) -> SafeString:
    if piece.number:
        return format_html(
            '<mark class="said" data-at="{}">{}<sup>{}</sup></mark>',
            piece.at,
            piece.text,
            piece.number,
        )
    if piece.is_hard:
        # no <button>: browsers do not break its text at the end of a line
        return format_html(
            '<span role="button" tabindex="0" class="said is-hard" data-at="{}" data-say="{}"'
            ' title="{}">{}</span>',
            piece.at,
            piece.text,
            gettext("Hard to make out: press to hear yours, then ours"),
            piece.text,
        )
    return format_html('<span class="said" data-at="{}">{}</span>', piece.at, piece.text)


def _as_correction(piece: Piece, better: str) -> SafeString:
    """Return a part of what is corrected; `better` follows its last part."""
    original = format_html(
        '<mark class="said" data-at="{}"><del>{}</del></mark>', piece.at, piece.text
    )
    if not better:
        return original
    return format_html("{} <ins>{}</ins><sup>{}</sup>", original, better, piece.number)


def withhold_level(response: Response, since: datetime | None) -> Response:
    """Return the response without its rating where it was recorded since then.

    Only to print it, never to save it.
    """
    if is_withheld(response.recorded_at, since):
        response.shown_rating = None
    return response


def level_text(rating: Rating | None) -> str:
    """Return `IM2-IM3` of a rating with a level; an empty text for a measure."""
    if rating is None or rating.level_low is None or rating.level_high is None:
        return ""
    return range_name(Level(rating.level_low), Level(rating.level_high))


def view_of(rating: Rating) -> RatedView | None:
    """Return what the panel prints of a rating with a level; None for a measure."""
    if rating.kind != Rating.Kind.RATING or rating.level_low is None or rating.level_high is None:
        return None
    advice = rating.advice
    high, cap = Level(rating.level_high), advice.get("capped_by", "")
    corrections = _corrections(advice)
    obstacle = advice.get("obstacle", {})
    upgraded = str(advice.get("upgraded", ""))
    return RatedView(
        low=Level(rating.level_low),
        high=high,
        sure=str(SURE.get(rating.sureness, SURE["not"])),
        capped=str(CAPPED.get(cap, "")) % {"level": high.name},
        is_weak=rating.is_weak,
        has_orders=bool(advice.get("has_orders")),
        next_level=Level(high + 1).name if high < Level.AL else "",
        is_capped_by_item=cap == "item",
        obstacle=obstacle.get("text", ""),
        obstacle_quotes=obstacle.get("quotes", []),
        pieces=list(_pieces(advice, corrections)),
        corrections=corrections,
        bars=[_bar(name, rating.criteria[name]) for name in CRITERIA if name in rating.criteria],
        areas=[{**row, "area": str(AREAS[row["area"]])} for row in advice.get("areas", [])],
        points=[
            (row["text"], row["verdict"], str(POINTS[row["verdict"]]))
            for row in advice.get("points", [])
        ],
        upgraded=upgraded,
        changes=list(changes(str(advice.get("transcript", "")), upgraded)),
        next_steps=advice.get("next", []),
        model=str(rating.versions.get("model", "")),
        versions=", ".join(f"{k} {v}" for k, v in sorted(rating.versions.items()) if k != "model"),
    )


def _stretches(advice: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield each stretch with its first and last character in the transcript."""
    at = 0
    for row in advice.get("stretches", []):
        yield at, at + len(row["text"]), row
        at += len(row["text"]) + 1


def _time_at(advice: dict[str, Any], place: int) -> str:
    """Return the seconds of the stretch in which a character stands; empty where unknown."""
    for first, last, row in _stretches(advice):
        if first <= place <= last:
            return "" if row.get("at") is None else f"{row['at']:.2f}"
    return ""


def _corrections(advice: dict[str, Any]) -> list[Correction]:
    """Return the corrections in the order of the transcript, none inside another."""
    corrections: list[Correction] = []
    end = 0
    for row in sorted(advice.get("corrections", []), key=lambda one: int(one["start"])):
        if row["start"] < end:
            continue
        end = row["end"]
        at = _time_at(advice, row["start"])
        number, start = len(corrections) + 1, row["start"]
        corrections.append(
            Correction(number, row["quote"], row["better"], row["why"], at, start, end)
        )
    return corrections


def _pieces(advice: dict[str, Any], corrections: Sequence[Correction]) -> Iterator[Piece]:
    """Yield the transcript, cut where a stretch or a correction begins or ends."""
    transcript = str(advice.get("transcript", ""))
    marks = [(one.start, one.end, one.number) for one in corrections]
    for first, last, row in _stretches(advice):
        time = "" if row.get("at") is None else f"{row['at']:.2f}"
        is_hard = row.get("clear") != "clear"
        cuts = sorted({first, last, *_inside(marks, first, last)})
        for start, end in pairwise(cuts):
            number = next((n for a, b, n in marks if a <= start < b), 0)
            yield Piece(transcript[start:end], time, number, is_hard and not number)
        yield Piece(" ", time)


def _inside(marks: Sequence[tuple[int, int, int]], first: int, last: int) -> Iterator[int]:
    for start, end, _number in marks:
        yield from (place for place in (start, end) if first < place < last)


def held_step(mean: float) -> int:
    """Return how far a criterion with this mean holds: 0 not yet, 1 in part, 2 held."""
    return (mean >= HALF) + (mean >= HELD)


def _held(row: dict[str, Any]) -> int:
    """Return the place of a criterion in `HOLDS`, 0 to 4."""
    worth = {"not": 0, "partly": 1, "met": 2}
    held = worth[row["intermediate"]]
    return held + worth[row["advanced"]] if held == 2 and row.get("advanced") else held


def _bar(name: str, row: dict[str, Any]) -> Bar:
    held = _held(row)
    quote = next(iter(row.get("quotes", [])), "")
    steps = tuple(step < held for step in range(len(HOLDS) - 1))
    return Bar(str(CRITERIA[name]), str(HOLDS[held]), steps, quote)


def criterion_changes(before: Rating, now: Rating) -> list[tuple[str, str, str, bool]]:
    """Return the criteria that differ between two ratings: label, before, now, is it better."""
    both = [name for name in CRITERIA if name in before.criteria and name in now.criteria]
    places = [(name, _held(before.criteria[name]), _held(now.criteria[name])) for name in both]
    return [
        (str(CRITERIA[name]), str(HOLDS[was]), str(HOLDS[is_]), is_ > was)
        for name, was, is_ in places
        if was != is_
    ]


def changes(original: str, better: str) -> Iterator[Change]:
    """Yield the better answer in runs of words: said already, or new."""
    old, new = original.split(), better.split()
    matcher = difflib.SequenceMatcher(None, _bare(old), _bare(new), autojunk=False)
    for kind, _a, _b, first, last in matcher.get_opcodes():
        if first < last:
            yield Change(" ".join(new[first:last]), kind != "equal")


def _bare(words: Sequence[str]) -> list[str]:
    return [word.casefold().strip(".,!?;:") for word in words]
