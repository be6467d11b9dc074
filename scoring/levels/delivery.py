"""What delivery measures can say to a learner: typical ranges and a band, never a level.

Pure. The ranges are the working bands of exam facts E5 (inferred, to be re-fitted on rated
answers); what E5 gives in words is turned into seconds and pauses by arithmetic, because the
embedded measures hear no words.
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
    """E5, one column: words a minute incl. pauses, run in words, share spoken, length in
    seconds.
    """

    words_per_minute: Range
    run_words: Range
    share_spoken: Range
    length_seconds: Range

    @property
    def run_seconds(self) -> Range:
        """Return words of a run over the pace inside speech (mid pace / mid share), in seconds."""
        pace = _mid(self.words_per_minute) / _mid(self.share_spoken) / 60
        return (self.run_words[0] / pace, self.run_words[1] / pace)

    @property
    def pause_seconds(self) -> Range:
        """Return what stands between runs so long at such shares: run * (1 - share) / share, in
        seconds.
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
    """`paced like IM1-IH answers`: at least four grades wide, never above IH."""

    low: Level
    high: Level


_JUDGED: tuple[tuple[str, Callable[[Typical], Range]], ...] = (
    ("words_per_minute", lambda typical: typical.words_per_minute),
    ("mean_run_seconds", lambda typical: typical.run_seconds),
    ("share_spoken", lambda typical: typical.share_spoken),
)


def _nearest(value: float, range_of: Callable[[Typical], Range]) -> float:
    """Place of a value on the scale: the mean number of the levels whose range holds it.

    Outside all ranges it is the end it lies beyond; in a gap between two, the nearer one.
    """
    inside = [
        level for level, row in TYPICAL.items() if range_of(row)[0] <= value <= range_of(row)[1]
    ]
    if inside:
        return sum(inside) / len(inside)
    return float(min(TYPICAL, key=lambda level: abs(_mid(range_of(TYPICAL[level])) - value)))


def band_for(measures: Mapping[str, Any]) -> Band:
    """Return the band of answers this one is paced like.

    The middle one of the three places (pace, runs, share) is the centre; the band spans four
    grades round it, more where the three disagree, and ends at IH: delivery alone never shows
    Advanced (E3).
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
    """One measure as it is shown: value beside the typical range, and where it lies."""

    name: str
    value: float
    typical: Range
    top: float  # right end of the drawn scale

    @property
    def where(self) -> str:
        if self.value < self.typical[0]:
            return "below"
        return "above" if self.value > self.typical[1] else "inside"

    def percent(self, value: float) -> float:
        """Return the place on the drawn scale, 0 to 100."""
        return round(100 * min(max(value / self.top, 0), 1), 1)


def rows_for(measures: Mapping[str, Any], target: Level) -> list[MeasureRow]:
    """Return what the panel prints, in its order, against the target's typical ranges."""
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
    """Return the one next thing to try: the key of a sentence (templates/_rating.html
    prints it).
    """
    by_name = {row.name: row for row in rows}
    for name in _HELPS_MOST:
        row = by_name[name]
        wanted = "above" if name == "mean_pause_seconds" else "below"
        if row.where == wanted:
            return name
    return "hold"
