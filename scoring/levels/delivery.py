"""What measures of delivery can tell a learner: how they stand beside typical ranges; no level.

Pure. The ranges are the working bands of exam facts E5, to be fitted again on responses that people
rated. E5 counts some of them in words; here they become seconds, because the embedded measures
recognise no words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from opic.lib.levels import Level

BANDS_VERSION = "1"
BAND_GRADES = 4  # a delivery band is never narrower: pace alone does not tell neighbours apart (E3)

Range = tuple[float, float]


@dataclass(frozen=True)
class Typical:
    """The typical ranges of one level: a column of exam facts E5.

    `words_per_minute` counts the pauses in. `run_words` are the words between two pauses.
    `share_spoken` is the share of the length that is speech, 0 to 1.
    """

    words_per_minute: Range
    run_words: Range
    share_spoken: Range
    length_seconds: Range

    @property
    def run_seconds(self) -> Range:
        """Return the typical length of a run in seconds: its words over the pace inside speech.

        That pace is the middle of the words per minute over the middle of the share spoken.
        """
        pace = _mid(self.words_per_minute) / _mid(self.share_spoken) / 60
        return (self.run_words[0] / pace, self.run_words[1] / pace)

    @property
    def pause_seconds(self) -> Range:
        """Return the typical length of a pause in seconds: run * (1 - share) / share.

        One pause follows each run of middle length, and the share spoken is what speech has of
        both.
        """
        run = _mid(self.run_seconds)
        low, high = self.share_spoken
        return (run * (1 - high) / high, run * (1 - low) / low)


def _mid(values: Range) -> float:
    return (values[0] + values[1]) / 2


TYPICAL: Mapping[Level, Typical] = {
    Level.NL: Typical((0, 25), (1, 1.5), (0.05, 0.35), (3, 10)),
    Level.NM: Typical((15, 35), (1, 2), (0.2, 0.4), (5, 15)),
    Level.NH: Typical((30, 55), (2, 3), (0.4, 0.5), (10, 25)),
    Level.IL: Typical((45, 70), (2.5, 3.5), (0.45, 0.6), (20, 40)),
    Level.IM1: Typical((55, 80), (3, 4.5), (0.5, 0.65), (30, 50)),
    Level.IM2: Typical((65, 95), (3.5, 5.5), (0.55, 0.7), (40, 70)),
    Level.IM3: Typical((80, 105), (4.5, 6.5), (0.6, 0.75), (50, 85)),
    Level.IH: Typical((95, 125), (5.5, 8), (0.65, 0.8), (60, 100)),
    Level.AL: Typical((110, 145), (7, 11), (0.7, 0.85), (70, 120)),
}


@dataclass(frozen=True)
class Band:
    """A range of levels whose answers are delivered alike: at least four wide, never above IH."""

    low: Level
    high: Level


_JUDGED: tuple[tuple[str, Callable[[Typical], Range]], ...] = (
    ("words_per_minute", lambda typical: typical.words_per_minute),
    ("mean_run_seconds", lambda typical: typical.run_seconds),
    ("share_spoken", lambda typical: typical.share_spoken),
)


def _nearest(value: float, range_of: Callable[[Typical], Range]) -> float:
    """Return the place of a value on the scale: the mean number of the levels whose range holds it.

    Where no range holds it, it is the level whose range has the nearest middle.
    """
    inside = [
        level for level, row in TYPICAL.items() if range_of(row)[0] <= value <= range_of(row)[1]
    ]
    if inside:
        return sum(inside) / len(inside)
    return float(min(TYPICAL, key=lambda level: abs(_mid(range_of(TYPICAL[level])) - value)))


def band_for(measures: Mapping[str, Any]) -> Band:
    """Return the band of levels whose answers are delivered like this one; no page shows it.

    `measures` needs words_per_minute, mean_run_seconds and share_spoken. Each has a place on the
    scale, and the middle one of the three is the centre. The band spans four levels around it, more
    where the three disagree, and ends at IH: delivery alone never shows Advanced (exam facts E3).
    """
    places = sorted(_nearest(float(measures[name]), range_of) for name, range_of in _JUDGED)
    low, high = min(round(places[1] - 1.5), int(places[0])), round(places[1] + 1.5)
    low = max(low, high - 5, Level.NL)
    high = min(high, Level.IH)
    low = min(low, high - BAND_GRADES + 1)
    if low < Level.NL:
        low, high = Level.NL, Level(Level.NL + BAND_GRADES - 1)
    return Band(Level(low), Level(high))


class Verdict(StrEnum):
    """How a figure stands beside what is typical, or beside an earlier one: worse, fine, better."""

    WORSE = "worse"
    FINE = "fine"
    BETTER = "better"

    @property
    def rank(self) -> int:
        """Return its place, 0 for the worst."""
        return list(Verdict).index(self)


# a pause is better the shorter it is, everything else the more of it there is
LESS_IS_BETTER = frozenset({"mean_pause_seconds"})
# who speaks quicker or longer than is typical does no harm by it, and need not be praised for it
FINE_BEYOND = frozenset({"words_per_minute", "length_seconds"})
FAR_TOO_SHORT = 2 / 3  # of the range's lower end: then nothing else matters first


@dataclass(frozen=True)
class MeasureRow:
    """One measure as it is shown: its value beside the target's typical range."""

    name: str
    value: float
    typical: Range
    top: float  # right end of the drawn scale

    @property
    def where(self) -> str:
        """Return where the value lies: `below`, `inside` or `above` the typical range."""
        if self.value < self.typical[0]:
            return "below"
        return "above" if self.value > self.typical[1] else "inside"

    @property
    def widths_short(self) -> float:
        """Return how far the value falls short of its range, in widths of it; 0 where it does not.

        A pause falls short above its range, all else below.
        """
        low, high = self.typical
        short = self.value - high if self.name in LESS_IS_BETTER else low - self.value
        return max(short, 0.0) / (high - low)

    @property
    def verdict(self) -> Verdict:
        """Return worse where the value falls short of its range, better where it is beyond it."""
        if self.widths_short:
            return Verdict.WORSE
        is_inside = self.where == "inside"
        return Verdict.FINE if is_inside or self.name in FINE_BEYOND else Verdict.BETTER

    def percent(self, value: float) -> float:
        """Return the place of a value on the drawn scale, in percent from 0 to 100."""
        return round(100 * min(max(value / self.top, 0), 1), 1)


def verdict_since(name: str, now: float, before: float) -> Verdict:
    """Return how a measure stands beside an earlier one of the same name; fine where equal."""
    gap = before - now if name in LESS_IS_BETTER else now - before
    if gap == 0:
        return Verdict.FINE
    return Verdict.BETTER if gap > 0 else Verdict.WORSE


def rows_for(measures: Mapping[str, Any], target: Level) -> list[MeasureRow]:
    """Return the rows of the panel in their order, against the target's typical ranges.

    The share spoken is in percent here, the others as measured. Where words were counted,
    `run_words` takes the place of the seconds of a run.
    """
    typical = TYPICAL[target]
    run = ("mean_run_seconds", typical.run_seconds, 8.0)
    if "run_words" in measures:
        run = ("run_words", typical.run_words, 20.0)
    return [
        MeasureRow("words_per_minute", measures["words_per_minute"], typical.words_per_minute, 180),
        MeasureRow(run[0], measures[run[0]], *run[1:]),
        MeasureRow("mean_pause_seconds", measures["mean_pause_seconds"], typical.pause_seconds, 4),
        MeasureRow("share_spoken", 100 * measures["share_spoken"], _percent(typical), 100),
        MeasureRow("length_seconds", measures["length_seconds"], typical.length_seconds, 150),
    ]


def _percent(typical: Typical) -> Range:
    return (100 * typical.share_spoken[0], 100 * typical.share_spoken[1])


# of measures that fall short by equally many widths the first one wins
_TIES = (
    "length_seconds",
    "mean_pause_seconds",
    "run_words",
    "mean_run_seconds",
    "words_per_minute",
    "share_spoken",
)


def advice_for(rows: Sequence[MeasureRow]) -> str:
    """Return the name of the measure to work on next, or `hold` where none falls short.

    The length comes first while it is under two thirds of its range's lower end; then whatever lies
    furthest outside, in widths of its range. The names are keys of `ADVICE` in
    `scoring/display/advice.py`.
    """
    by_name = {row.name: row for row in rows}
    length = by_name["length_seconds"]
    if length.value < FAR_TOO_SHORT * length.typical[0]:
        return length.name
    ordered = sorted(rows, key=lambda row: (-row.widths_short, _TIES.index(row.name)))
    return ordered[0].name if ordered[0].widths_short else "hold"
