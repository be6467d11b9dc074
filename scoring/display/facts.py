"""What the built-in judge found in an answer, as the panel prints it: quotations that play.

Nothing here speaks of a level, and nothing that was only not heard is called an error.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from scoring.display.heard_words import transcript_html

Text = str | Promise

TIME_FRAMES: Mapping[str, Text] = {
    "past": pgettext_lazy("time", "Past"),
    "present": pgettext_lazy("time", "Present"),
    "future": pgettext_lazy("time", "Future"),
}
LINKS: Mapping[str, Text] = {
    "reason": gettext_lazy("Reason"),
    "contrast": gettext_lazy("Contrast"),
    "order": gettext_lazy("Order"),
    "example": gettext_lazy("Example"),
    "addition": gettext_lazy("Addition"),
    "condition": gettext_lazy("Condition"),
}
MOST_CORRECTIONS = 3
MOST_QUOTES = 6  # of one list


@dataclass(frozen=True)
class Quote:
    """A stretch of the answer, in its own words, and where it is in the sound (seconds)."""

    text: str
    at: str
    until: str


@dataclass(frozen=True)
class Correction:
    """What we heard and how it is more usual; the person may say it was not so."""

    kind: str
    start: int
    quote: Quote
    better: str


@dataclass(frozen=True)
class Point:
    """One thing that the question asked for, and whether it was heard in the answer."""

    text: str
    is_touched: bool
    quotes: Sequence[Quote]


@dataclass(frozen=True)
class FactsView:
    """All that the panel prints of a judge's facts."""

    is_understood: bool
    html: SafeString
    counts: Sequence[tuple[str, str]]  # label, figure
    time_frames: Sequence[tuple[str, Sequence[Quote]]]
    links: Sequence[tuple[str, Sequence[Quote]]]
    questions: Sequence[Quote]
    points: Sequence[Point]
    is_off_question: bool
    repeats: Sequence[Quote]
    endings: Sequence[Quote]
    corrections: Sequence[Correction]

    @property
    def is_partly_unheard(self) -> bool:
        """Return whether something that the question asked for was not heard in the answer."""
        return any(not point.is_touched for point in self.points)


def quote_of(row: Mapping[str, Any], text: str = "") -> Quote:
    """Return a quotation of a judge's facts; `text` in place of its own words."""
    return Quote(text or str(row["quote"]), f"{row['at']:.2f}", f"{row['until']:.2f}")


def _quotes(rows: Sequence[Mapping[str, Any]]) -> list[Quote]:
    return [quote_of(row) for row in rows[:MOST_QUOTES]]


def _counts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is counted and has no range: said neutrally, as nothing of it is a fault.

    Fillers only where one was heard: ears leave out many, so that a nought would often be untrue.
    """
    inside = sum(one["is_inside_clause"] for one in facts.get("pauses", []))
    fillers = int(facts.get("fillers", 0))
    counts = [
        (gettext("Words heard"), number_format(facts.get("word_count", 0))),
        (
            gettext("Pauses inside a clause"),
            ngettext("%(n)d time", "%(n)d times", inside) % {"n": inside},
        ),
    ]
    if fillers:
        times = ngettext("%(n)d time", "%(n)d times", fillers) % {"n": fillers}
        counts.append((gettext("Fillers heard, such as “um”"), times))
    return counts


def _links(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Sequence[Quote]]]:
    """Return the kinds of link that were used, each with its quotations."""
    by_kind = [
        (str(label), _quotes([row for row in rows if row["kind"] == kind]))
        for kind, label in LINKS.items()
    ]
    return [(label, quotes) for label, quotes in by_kind if quotes]


def _corrections(
    rows: Sequence[Mapping[str, Any]], dismissed: Collection[tuple[str, int]]
) -> list[Correction]:
    return [
        Correction(row["kind"], row["start"], quote_of(row), str(row["better"]))
        for row in rows
        if (row["kind"], row["start"]) not in dismissed
    ][:MOST_CORRECTIONS]


def facts_view(
    facts: Mapping[str, Any], dismissed: Collection[tuple[str, int]] = ()
) -> FactsView | None:
    """Return what to print of a judge's facts, without corrections that were dismissed.

    None where no words were heard. Where too little was understood only the words and their pauses
    stand in it.
    """
    if not facts.get("words"):
        return None
    html = transcript_html(facts["words"], facts.get("pauses", []))
    if not facts.get("is_understood"):
        return FactsView(False, html, [], [], [], [], [], False, [], [], [])
    frames = facts.get("time_frames", {})
    return FactsView(
        is_understood=True,
        html=html,
        counts=_counts(facts),
        time_frames=[
            (str(text), _quotes(frames.get(key, []))) for key, text in TIME_FRAMES.items()
        ],
        links=_links(facts.get("links", [])),
        questions=_quotes(facts.get("questions_asked", [])),
        points=[
            Point(str(one["text"]), bool(one["is_touched"]), _quotes(one.get("quotes", [])))
            for one in facts.get("points", [])
        ],
        is_off_question=facts.get("is_on_question") is False,
        repeats=_quotes(facts.get("repeats", [])),
        endings=[quote_of(row, str(row["word"])) for row in facts.get("endings", [])[:MOST_QUOTES]],
        corrections=_corrections(facts.get("corrections", []), dismissed),
    )
