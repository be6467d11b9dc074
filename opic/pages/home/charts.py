"""Charts as geometry: what an SVG template prints, ready as text. Pure; knows no words.

Coordinates are strings, because a template would print numbers in the reader's way and an attribute
must not have a decimal comma. Units are those of each chart's own `viewBox`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 360
COLUMN_HEIGHT, COLUMN_TOP, COLUMN_BASE = 150, 22, 128
SPARK_HEIGHT, SPARK_EDGE = 56, 6
# side of a day's square in a calendar, and from one to the next
CELL, STEP = 10, 12
WEEKS = 53
DAY = timedelta(days=1)
# minutes above which a day is one shade darker
DEPTHS = (0.0, 2.0, 5.0, 10.0)


def attribute(number: float) -> str:
    """Return a number as an attribute of SVG: a decimal point, one place at most."""
    return f"{number:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Column:
    """One bar, and where the texts above and below it stand."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str  # where the value stands
    is_last: bool


def columns(values: Sequence[float]) -> list[Column]:
    """Return a bar from zero for each value; an empty one keeps its place."""
    top = max([*values, 1.0])
    pitch = WIDTH / max(len(values), 1)
    bars = []
    for at, value in enumerate(values):
        height = (COLUMN_BASE - COLUMN_TOP) * value / top
        bars.append(
            Column(
                x=attribute(pitch * at + pitch * 0.15),
                y=attribute(COLUMN_BASE - height),
                width=attribute(pitch * 0.7),
                height=attribute(height),
                middle=attribute(pitch * (at + 0.5)),
                above=attribute(COLUMN_BASE - height - 6),
                is_last=at == len(values) - 1,
            )
        )
    return bars


@dataclass(frozen=True)
class Line:
    """Values over time as two paths: the line, broken where there is a gap, and a dot for each.

    A dot is a line of no length with round ends.
    """

    path: str
    dots: str


@dataclass(frozen=True)
class Scale:
    """The values at the bottom and at the top of a chart."""

    low: float
    high: float

    def y(self, value: float) -> float:
        """Return the vertical place of a value; one outside the scale lies on its edge."""
        share = (value - self.low) / (self.high - self.low)
        return SPARK_HEIGHT - SPARK_EDGE - (SPARK_HEIGHT - 2 * SPARK_EDGE) * min(max(share, 0), 1)

    def band(self, low: float, high: float) -> tuple[str, str]:
        """Return top and height of a typical range."""
        return attribute(self.y(high)), attribute(self.y(low) - self.y(high))


def line(values: Sequence[float | None], scale: Scale) -> Line:
    """Return the paths of values, one a column of time; None leaves a gap."""
    pitch = WIDTH / max(len(values), 1)
    path, dots, move = [], [], "M"
    for at, value in enumerate(values):
        if value is None:
            move = "M"
            continue
        place = f"{attribute(pitch * (at + 0.5))} {attribute(scale.y(value))}"
        path.append(move + place)
        dots.append(f"M{place}h0")
        move = "L"
    return Line("".join(path), "".join(dots))


@dataclass(frozen=True)
class Calendar:
    """Days as squares: one path for all of a kind, so that a year is a handful of elements."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]  # kind, path
    marks: tuple[tuple[str, date], ...]  # x and the first day of what begins there


def _calendar(
    days: Iterable[date],
    place_of: Callable[[date], tuple[int, int]],
    kind_of: Callable[[date], str],
) -> dict[str, str]:
    parts: dict[str, list[str]] = defaultdict(list)
    for day in days:
        x, y = place_of(day)
        parts[kind_of(day)].append(f"M{x} {y}h{CELL}v{CELL}h-{CELL}z")
    return {kind: "".join(paths) for kind, paths in parts.items()}


def depth_of(minutes: float) -> int:
    """Return the shade of a day, 0 (nothing said) to 4 (more than ten minutes)."""
    return sum(minutes > least for least in DEPTHS)


def year_map(minutes: Mapping[date, float], today: date) -> Calendar:
    """Return 53 weeks up to this one, darker where more was said.

    Each week is a column, from Monday down to Sunday.
    """
    first = today - DAY * (today.weekday() + 7 * (WEEKS - 1))
    days = [first + DAY * at for at in range((today - first).days + 1)]
    paths = _calendar(
        days,
        lambda day: (STEP * ((day - first).days // 7), STEP * day.weekday()),
        lambda day: str(depth_of(minutes.get(day, 0.0))),
    )
    starts = [day for day in days if day.day == 1 and (day - first).days // 7 < WEEKS - 2]
    marks = tuple((str(STEP * ((day - first).days // 7)), day) for day in starts)
    return Calendar(STEP * WEEKS, STEP * 7, tuple(sorted(paths.items())), marks)


def strip(
    first: date, last: date, today: date, end: date, spoken: Collection[date], most: int
) -> Calendar:
    """Return days in a row: past, spoken on, today, ahead, and the end they lead to.

    It is as wide as `most` days.
    """

    def kind_of(day: date) -> str:
        if day == end:
            return "end"
        if day == today:
            return "today"
        if day > today:
            return "ahead"
        return "spoken" if day in spoken else "past"

    days = [first + DAY * at for at in range((last - first).days + 1)]
    paths = _calendar(days, lambda day: (STEP * (day - first).days, 0), kind_of)
    marks = tuple((str(STEP * (day - first).days), day) for day in days if day.weekday() == 0)
    return Calendar(STEP * most, CELL, tuple(sorted(paths.items())), marks)
