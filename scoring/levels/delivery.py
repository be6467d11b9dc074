"""What measures of delivery can tell a learner: typical ranges and a band, never a level.

Pure. The ranges are the working bands of exam facts E5, to be fitted again on responses that people
rated. E5 counts some of them in words; here they become seconds, because the embedded measures
recognise no words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    """Return the band of levels whose answers are delivered like this one.

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

    def percent(self, value: float) -> float:
        """Return the place of a value on the drawn scale, in percent from 0 to 100."""
        return round(100 * min(max(value / self.top, 0), 1), 1)


def rows_for(measures: Mapping[str, Any], target: Level) -> list[MeasureRow]:
    """Return the rows of the panel in their order, against the target's typical ranges.

    The share spoken is in percent here, the others as measured.
    """
    typical = TYPICAL[target]
    return [
        MeasureRow("words_per_minute", measures["words_per_minute"], typical.words_per_minute, 180),
        MeasureRow("mean_run_seconds", measures["mean_run_seconds"], typical.run_seconds, 8),
        MeasureRow("mean_pause_seconds", measures["mean_pause_seconds"], typical.pause_seconds, 4),
        MeasureRow("share_spoken", 100 * measures["share_spoken"], _percent(typical), 100),
        MeasureRow("length_seconds", measures["length_seconds"], typical.length_seconds, 150),
    ]


def _percent(typical: Typical) -> Range:
    return (100 * typical.share_spoken[0], 100 * typical.share_spoken[1])


_HELPS_MOST = ("mean_pause_seconds", "mean_run_seconds", "words_per_minute", "length_seconds")


def advice_for(rows: list[MeasureRow]) -> str:
    """Return the name of the measure to work on next, or `hold` where none falls short.

    The names are the keys of `ADVICE` in `scoring/display/panel.py`.
    """
    by_name = {row.name: row for row in rows}
    for name in _HELPS_MOST:
        row = by_name[name]
        wanted = "above" if name == "mean_pause_seconds" else "below"
        if row.where == wanted:
            return name
    return "hold"
