"""Figures as they are printed: beside what is typical, beside the take before, and along the time.

Each says in a word and a shape whether it is worse, fine or better; no colour alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from opic.lib.levels import Level
from scoring.audio.pauses import in_todays_figures
from scoring.levels.delivery import MeasureRow, Verdict, rows_for, verdict_since
from scoring.models import Response

Text = str | Promise

LABELS: Mapping[str, tuple[Text, Text, int]] = {
    "words_per_minute": (gettext_lazy("Pace"), gettext_lazy("about %s words a minute"), 0),
    "run_words": (gettext_lazy("Without a pause"), gettext_lazy("%s words at a stretch"), 1),
    "mean_run_seconds": (gettext_lazy("Without a pause"), gettext_lazy("%s s at a stretch"), 1),
    "mean_pause_seconds": (gettext_lazy("Pauses"), gettext_lazy("%s s each"), 1),
    "share_spoken": (gettext_lazy("Share of time spoken"), gettext_lazy("%s %%"), 0),
    "length_seconds": (gettext_lazy("Length"), gettext_lazy("%s s"), 0),
}
COUNTED: Text = gettext_lazy("%s words a minute, counted")
NO_PAUSE: Text = gettext_lazy("none")
# of the three figures in a line
SHORT: Mapping[str, Text] = {
    "words_per_minute": gettext_lazy("%s words/min"),
    "mean_pause_seconds": gettext_lazy("%s s each"),
    "length_seconds": gettext_lazy("%s s"),
}
WITHIN: Text = gettext_lazy("within the typical range")
# what lies below its range, and above
PLACES: Mapping[str, tuple[Text, Text]] = {
    "words_per_minute": (
        gettext_lazy("slower than typical"),
        gettext_lazy("quicker than typical"),
    ),
    "mean_pause_seconds": (
        gettext_lazy("shorter than typical"),
        gettext_lazy("longer than typical"),
    ),
    "share_spoken": (gettext_lazy("less than typical"), gettext_lazy("more than typical")),
}
BY_LENGTH = PLACES["mean_pause_seconds"]
VERDICTS: Mapping[Verdict, Text] = {
    Verdict.WORSE: pgettext_lazy("figure", "worse"),
    Verdict.FINE: pgettext_lazy("figure", "fine"),
    Verdict.BETTER: pgettext_lazy("figure", "better"),
}
# beside an earlier take; some languages say it in another way than of a figure alone
CHANGES: Mapping[Verdict, Text] = {
    Verdict.WORSE: pgettext_lazy("since then", "worse"),
    Verdict.FINE: pgettext_lazy("since then", "the same"),
    Verdict.BETTER: pgettext_lazy("since then", "better"),
}
SINCE: Mapping[Verdict, Text] = {
    Verdict.WORSE: gettext_lazy("worse than last time (%s)"),
    Verdict.FINE: gettext_lazy("as last time"),
    Verdict.BETTER: gettext_lazy("better than last time (%s)"),
}
WORD_JOINER = "\u2060"
WORD_FIGURES = ("words_per_minute", "run_words")


@dataclass(frozen=True)
class PanelRow:
    """One measure in words, and its place on a drawn scale (percentages, for SVG)."""

    name: str
    label: str
    text: str
    typical: str
    verdict: str
    word: str  # the verdict, as people read it
    place: str
    mark: str
    band_x: str
    band_width: str
    short: str = ""  # the figure where there is little room
    change: str = ""  # beside the take before, in words
    change_verdict: str = ""


def figures_of(measures: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return today's figures of an answer: counted words in place of syllables, where there are.

    {} where nothing was measured.
    """
    figures = in_todays_figures(measures)
    if not figures.get("is_heard"):
        return {}
    if not facts.get("is_understood"):
        return figures
    return {**figures, **{name: facts[name] for name in WORD_FIGURES if name in facts}}


def shown_figures(response: Response | None) -> dict[str, Any]:
    """Return the figures of a response that shows a rating or a measure; {} of any other, or None.

    With its rating loaded.
    """
    if response is None or response.shown_rating is None:
        return {}
    return figures_of(response.measures, response.shown_rating.facts)


def unbroken_range(low: str, high: str) -> str:
    """Return the range between two figures, which stays on one line."""
    return f"{low}–{WORD_JOINER}{high}"


def _places(name: str, value: float) -> int:
    """Return the decimals of a printed value: none where it is ten or more."""
    return 0 if value >= 10 else LABELS[name][2]


def rounded(name: str, value: float) -> float:
    """Return a value as exact as it is printed; the share spoken is in percent."""
    return round(value, _places(name, value))


def figure_text(name: str, value: float) -> str:
    """Return a value as it is printed, without its unit, in the reader's way of writing numbers."""
    return number_format(rounded(name, value), _places(name, value))


def _text(row: MeasureRow, unit: Text) -> str:
    """Return a value with its unit."""
    if row.name == "mean_pause_seconds" and not rounded(row.name, row.value):
        return str(NO_PAUSE)
    return str(unit) % figure_text(row.name, row.value)


def _change(row: MeasureRow, before: Mapping[str, Any]) -> tuple[str, str]:
    """Return how a figure stands beside the take before: in words, and its verdict."""
    if row.name not in before:
        return "", ""
    was = before[row.name] * (100 if row.name == "share_spoken" else 1)
    now, was = rounded(row.name, row.value), rounded(row.name, was)
    verdict = verdict_since(row.name, now, was)
    text = str(SINCE[verdict])
    if verdict != Verdict.FINE:
        text %= figure_text(row.name, was)
    return text, verdict.value


def _place(row: MeasureRow) -> str:
    if row.where == "inside":
        return str(WITHIN)
    below, above = PLACES.get(row.name, BY_LENGTH)
    return str(below if row.where == "below" else above)


def printed(row: MeasureRow, before: Mapping[str, Any], *, is_counted: bool) -> PanelRow:
    """Return one row as it is printed; `before` are the figures of the take before, or {}."""
    places = LABELS[row.name][2]
    low, high = (number_format(round(value, places), places) for value in row.typical)
    left, right = row.percent(row.typical[0]), row.percent(row.typical[1])
    change, change_verdict = _change(row, before)
    unit = COUNTED if is_counted and row.name == "words_per_minute" else LABELS[row.name][1]
    return PanelRow(
        name=row.name,
        label=str(LABELS[row.name][0]),
        text=_text(row, unit),
        short=_text(row, SHORT[row.name]) if row.name in SHORT else "",
        typical=unbroken_range(low, high),
        verdict=row.verdict.value,
        word=str(VERDICTS[row.verdict]),
        place=_place(row),
        mark=f"{row.percent(row.value)}%",
        band_x=f"{left}%",
        band_width=f"{round(right - left, 1)}%",
        change=change,
        change_verdict=change_verdict,
    )


@dataclass(frozen=True)
class Delivery:
    """How an answer was delivered: its rows, as figures and as they are printed."""

    figures: Mapping[str, Any]
    rows: Sequence[MeasureRow]
    printed: Sequence[PanelRow]

    @property
    def short(self) -> list[PanelRow]:
        """Return the three that fit into a line: pace, pauses, length."""
        return [row for row in self.printed if row.short]

    @property
    def timeline(self) -> "Timeline | None":
        """Return where in its time was spoken; None of measures that do not say."""
        return timeline_of(self.figures)


def delivery_for(
    figures: Mapping[str, Any], target: Level, before: Mapping[str, Any], *, is_counted: bool
) -> Delivery:
    """Return the delivery of an answer against a target's ranges; empty without figures."""
    rows = rows_for(figures, target) if figures else []
    # words counted now and syllables guessed before are two different measures
    shown_before = {name: before[name] for name in before if name not in WORD_FIGURES}
    if ("run_words" in figures) == ("run_words" in before):
        shown_before = dict(before)
    made = [printed(row, shown_before, is_counted=is_counted) for row in rows]
    return Delivery(figures, rows, made)


@dataclass(frozen=True)
class Timeline:
    """An answer's time as a strip: (x, width) of each stretch of speech, in percent; and in words.

    A screen reader gets the words, which say what the eye sees.
    """

    spoken: Sequence[tuple[str, str]]
    text: str


def _percentages(spans: Sequence[Sequence[float]], length: float) -> list[tuple[str, str]]:
    return [
        (f"{round(100 * at / length, 2)}%", f"{round(100 * lasts / length, 2)}%")
        for at, lasts in spans
    ]


def timeline_of(figures: Mapping[str, Any]) -> Timeline | None:
    """Return the strip of an answer's time; None where its runs were not stored."""
    runs, length = figures.get("runs"), float(figures.get("length_seconds", 0))
    if not runs or not length:
        return None
    pauses = figures.get("pauses", [])
    text = gettext("No pauses.")
    if pauses:
        text = ngettext("%(n)d pause.", "%(n)d pauses.", len(pauses)) % {"n": len(pauses)}
        at, lasts = max(pauses, key=lambda one: one[1])
        longest = gettext("The longest: %(seconds)s s, at %(at)s.")
        minutes, seconds = divmod(int(at), 60)
        text += " " + longest % {
            "seconds": number_format(round(lasts, 1), 1),
            "at": f"{minutes}:{seconds:02}",
        }
    return Timeline(_percentages(runs, length), text)
