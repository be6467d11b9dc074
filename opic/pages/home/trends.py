"""Trends and strengths of a learner, from day summaries: figures and charts as home prints them.

No database. What has no level is in no figure that speaks of levels: the summaries keep it out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from materials.models import PROBES_ADVANCED, ItemType
from opic.lib.levels import Level
from opic.pages.home import charts
from opic.pages.home.charts import Column, Line, Scale
from scoring.display.measure_rows import LABELS, unbroken_range
from scoring.display.rating import CRITERIA, HOLDS, held_step
from scoring.levels.delivery import TYPICAL, Typical
from scoring.summaries.days import Day
from scoring.summaries.facts import OfType

WEEKS = 8
WEEK = timedelta(days=7)
MOST_TOPICS = 6
NEAR = 12.5  # points: one level of the scale
# the highest level that a prompt without an Advanced function can show
CAP = Level.IM3
PERCENT = Scale(0, 100)
# by index: every row of every day is read, and reading it by name takes ten times as long
RATED, POINTS = OfType._fields.index("rated"), OfType._fields.index("points")

MEASURES: Mapping[str, tuple[Scale, Callable[[Typical], tuple[float, float]]]] = {
    "words_per_minute": (Scale(0, 160), lambda typical: typical.words_per_minute),
    "mean_run_seconds": (Scale(0, 5), lambda typical: typical.run_seconds),
    "mean_pause_seconds": (Scale(0, 3), lambda typical: typical.pause_seconds),
}
STRENGTHS: dict[str, str | Promise] = {
    "there": gettext_lazy("reaches %(level)s"),
    "near": gettext_lazy("close to %(level)s"),
    "below": gettext_lazy("below %(level)s"),
}


@dataclass(frozen=True)
class Week:
    """Monday to Sunday: minutes spoken, sums and numbers of what was judged and measured."""

    first: date
    label: str
    minutes: float
    criteria: Mapping[str, Sequence[float]]
    measures: Mapping[str, Sequence[float]]


def monday_of(day: date) -> date:
    """Return the first day of this day's week."""
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=512)
def _label(day: date, language: str) -> str:
    return date_format(day, "j/n" if language == "vi" else "n/j")


def day_label(day: date) -> str:
    """Return `11/23`, short enough for the foot of a column."""
    return _label(day, (get_language() or "en")[:2])


def weeks_of(days: Iterable[Day], today: date) -> list[Week]:
    """Return the last WEEKS weeks, this one last, those in which nothing was said included."""
    firsts = [monday_of(today) - WEEK * back for back in reversed(range(WEEKS))]
    own: dict[date, list[Day]] = {first: [] for first in firsts}
    for day in days:
        own.get(monday_of(day.day), []).append(day)
    return [
        Week(
            first,
            day_label(first),
            sum(day.voiced_ms for day in own[first]) / 60_000,
            _sums(own[first], "criteria"),
            _sums(own[first], "measures"),
        )
        for first in firsts
    ]


def _sums(days: Iterable[Day], part: str) -> dict[str, list[float]]:
    sums: dict[str, list[float]] = {}
    for day in days:
        for name, values in day.facts.get(part, {}).items():
            running = sums.get(name)
            both = zip(running, values, strict=True) if running else None
            sums[name] = [a + b for a, b in both] if both else list(values)
    return sums


def _mean(sums: Sequence[float] | None, at: int = 0) -> float | None:
    return sums[at] / sums[at + 1] if sums and sums[at + 1] else None


@dataclass(frozen=True)
class Minutes:
    """Minutes spoken a week: a column each, its label and its value in words."""

    columns: Sequence[tuple[Column, str, str]]
    has_any: bool


def minutes_of(weeks: Sequence[Week]) -> Minutes:
    """Return the chart of minutes spoken in these weeks."""
    values = [week.minutes for week in weeks]
    texts = [number_format(round(value)) if value >= 1 else "" for value in values]
    texts = [text or ("<1" if value else "0") for text, value in zip(texts, values, strict=True)]
    labels = [week.label for week in weeks]
    return Minutes(list(zip(charts.columns(values), labels, texts, strict=True)), any(values))


@dataclass(frozen=True)
class Trend:
    """One value over the weeks: its line or two, the typical range, and what it is now."""

    label: str
    now: str
    lines: Sequence[Line]
    band: tuple[str, str] | None
    cells: Sequence[str]  # of the table, one a week


def criteria_of(weeks: Sequence[Week]) -> list[Trend]:
    """Return a trend for each criterion: the share that was met.

    The first line is for Intermediate, the second, broken one for Advanced.
    """
    return [
        _criterion(str(label), [week.criteria.get(name) for week in weeks])
        for name, label in CRITERIA.items()
        if any(name in week.criteria for week in weeks)
    ]


def _criterion(label: str, sums: Sequence[Sequence[float] | None]) -> Trend:
    lower = [_mean(one) for one in sums]
    upper = [_mean(one, 2) for one in sums]
    pairs = list(zip(lower, upper, strict=True))
    last = next(pair for pair in reversed(pairs) if pair[0] is not None)
    return Trend(
        label=label,
        now=_holds(*last),
        lines=[charts.line([_share(one) for one in row], PERCENT) for row in (lower, upper)],
        band=None,
        cells=[_cell(pair) for pair in pairs],
    )


def _share(mean: float | None) -> float | None:
    return None if mean is None else 100 * mean


def _cell(pair: tuple[float | None, float | None]) -> str:
    shown = [f"{100 * mean:.0f} %" for mean in pair if mean is not None]
    return " · ".join(shown) or "–"


def _holds(lower: float | None, upper: float | None) -> str:
    """Return how far a criterion holds, in the words of a rating's bars."""
    steps = [held_step(mean or 0.0) for mean in (lower, upper)]
    return str(HOLDS[steps[0] + (steps[1] if steps[0] == 2 else 0)])


def measures_of(weeks: Sequence[Week], target: Level) -> list[Trend]:
    """Return pace, runs and pauses: the mean of a week beside what is typical of the target."""
    if not any(week.measures for week in weeks):
        return []
    return [
        _measure(name, weeks, scale, range_of(TYPICAL[target]))
        for name, (scale, range_of) in MEASURES.items()
    ]


def _measure(name: str, weeks: Sequence[Week], scale: Scale, typical: tuple[float, float]) -> Trend:
    label, unit, places = LABELS[name]
    means = [_mean(week.measures.get(name)) for week in weeks]
    texts = ["–" if mean is None else number_format(round(mean, places), places) for mean in means]
    last = next(text for text in reversed(texts) if text != "–")
    low, high = (number_format(round(value, places), places) for value in typical)
    now = gettext("%(now)s, typical %(range)s")
    return Trend(
        label=str(label),
        now=now % {"now": str(unit) % last, "range": unbroken_range(low, high)},
        lines=[charts.line(means, scale)],
        band=scale.band(*typical),
        cells=texts,
    )


@dataclass(frozen=True)
class Strength:
    """How far first takes of one kind, or on one topic, get: a bar, and the words that say it."""

    label: str
    place: str  # per cent of the scale
    target: str
    words: str
    count: str
    query: str


def types_of(days: Iterable[Day], target: Level) -> list[Strength]:
    """Return types of prompts, weakest first.

    A type that cannot show the target is compared with what it can show.
    """
    labels: dict[str, str] = {item.value: str(item.label) for item in ItemType}
    counts: dict[str, tuple[int, int]] = {}
    for day in days:
        for item_type, row in day.facts.get("types", {}).items():
            if row[RATED]:
                rated, points = counts.get(item_type, (0, 0))
                counts[item_type] = (rated + row[RATED], points + row[POINTS])
    weakest = sorted(counts, key=lambda name: counts[name][1] / counts[name][0])
    return [
        _strength(
            labels[name],
            *counts[name],
            target if name in PROBES_ADVANCED else min(target, CAP),
            f"type={name}",
        )
        for name in weakest
    ]


def topics_of(days: Sequence[Day], target: Level, names: Mapping[str, str]) -> list[Strength]:
    """Return the weakest topics; compared with what most of their questions can show."""
    counts: dict[str, tuple[int, int]] = {}
    for day in days:
        for slug, (more, its_points) in day.facts.get("topics", {}).items():
            rated, points = counts.get(slug, (0, 0))
            counts[slug] = (rated + more, points + its_points)
    aim = min(target, CAP)
    weakest = sorted(counts, key=lambda slug: counts[slug][1] / counts[slug][0])[:MOST_TOPICS]
    return [
        _strength(names.get(slug, slug), *counts[slug], aim, f"topic={slug}") for slug in weakest
    ]


def _strength(label: str, rated: int, points: int, aim: Level, query: str) -> Strength:
    mean, goal = points / rated, 100 * (aim - Level.NL) / (Level.AL - Level.NL)
    name = "there" if mean >= goal - NEAR / 2 else "near" if mean >= goal - 1.5 * NEAR else "below"
    count = ngettext("%(count)d answer", "%(count)d answers", rated) % {"count": rated}
    return Strength(
        label=label,
        place=f"{mean:.0f}%",
        target=f"{goal:.1f}%",
        words=str(STRENGTHS[name]) % {"level": aim.name},
        count=count,
        query=query,
    )
