"""Where a recording is cut into pieces to hear: at measured pauses. Pure.

Each look of the recogniser costs the same, however short the piece, so pieces are long. The first
one is short: its words come soon.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FIRST_LEAST, FIRST_MOST = 4.0, 10.0  # seconds
MOST = 28.0  # what one look takes in is 30 s; a little silence stays round each piece
UNDIVIDED = 14.0  # up to here one look is as soon as two
EDGE = 0.3  # seconds of silence that stay: soft sounds lie outside the measured speech
LONG_PAUSE = 1.0  # a longer one is no better place to cut
ONE_MORE = 0.5  # a piece more has to be worth it
FORCED = 3.0  # where nobody pauses, the softest moment of the last seconds
STEP = 0.05

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """From where to where, in seconds of the recording."""

    start: float
    end: float


def plan(measures: Mapping[str, Any], samples: Samples, *, since: float = 0.0) -> list[Piece]:
    """Return the pieces of what is said after `since`, in order; none overlaps another.

    `measures` has `runs`, and `pauses`, as (start, length); `samples` are mono, 16 kHz.
    """
    runs = [(start, start + lasts) for start, lasts in measures.get("runs") or ()]
    spoken = [(max(start, since), end) for start, end in runs if end > since + STEP]
    if not spoken:
        return []
    length = len(samples) / RATE
    cuts = list(_cuts(spoken[0][0], spoken[-1][1], _silences(measures, spoken), samples, since))
    before, pieces = max(since, spoken[0][0] - 2 * EDGE), []
    for (start, end), after in zip(cuts, [*(cut[0] for cut in cuts[1:]), length], strict=True):
        # of a short pause each side gets half
        first = max(start - EDGE, (before + start) / 2, 0.0)
        pieces.append(Piece(first, min(end + EDGE, (end + after) / 2, length)))
        before = end
    return pieces


def halves(piece: Piece, measures: Mapping[str, Any], samples: Samples) -> list[Piece]:
    """Return a piece in two, cut at the pause nearest its middle."""
    middle = (piece.start + piece.end) / 2
    quarter = (piece.end - piece.start) / 4
    silences = _silences(measures, [(run[0], run[0] + run[1]) for run in measures["runs"]])
    near = [
        (start + end) / 2 for start, end in silences if abs((start + end) / 2 - middle) < quarter
    ]
    if near:
        cut = min(near, key=lambda at: abs(at - middle))
    else:
        cut = _softest(samples, middle + FORCED / 2)[0]
    return [Piece(piece.start, cut), Piece(cut, piece.end)]


def _silences(
    measures: Mapping[str, Any], spoken: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return where nothing is said, as (start, end): pauses, and what lies between two runs."""
    pauses = [(start, start + lasts) for start, lasts in measures.get("pauses") or ()]
    gaps = [(first[1], second[0]) for first, second in pairwise(spoken)]
    return sorted(pauses + gaps)


def _cuts(
    start: float,
    end: float,
    silences: list[tuple[float, float]],
    samples: Samples,
    since: float,
) -> Iterator[tuple[float, float]]:
    """Yield (start, end) of what is said in each piece."""
    is_first = since == 0.0
    while end - start > (UNDIVIDED if is_first else MOST):
        if is_first:
            window = _Window(start, FIRST_LEAST, FIRST_MOST, (FIRST_LEAST + FIRST_MOST) / 2)
        else:
            looks = math.ceil((end - start) / MOST)
            best = (end - start) / looks
            window = _Window(start, best / 2, MOST, best, end - MOST * (looks - 1))
        near = [silence for silence in silences if window.holds(silence[0])]
        cut = max(near, key=window.worth) if near else _softest(samples, start + window.most)
        yield start, cut[0]
        start, is_first = cut[1], False
    yield start, end


@dataclass(frozen=True)
class _Window:
    """Where the next cut may be, in seconds behind `start`, and where it had best be."""

    start: float
    least: float
    most: float
    best: float
    # a cut before this moment of the recording makes one more piece
    saves_from: float = 0.0

    def holds(self, at: float) -> bool:
        return self.start + self.least <= at <= self.start + self.most

    def worth(self, silence: tuple[float, float]) -> float:
        """Return how good it is to cut here: a long pause near the best place."""
        away = abs(silence[0] - self.start - self.best) / self.most
        longest = min(silence[1] - silence[0], LONG_PAUSE)
        return longest - away / 2 - (ONE_MORE if silence[1] < self.saves_from else 0)


def _softest(samples: Samples, latest: float) -> tuple[float, float]:
    """Return the softest moment of the seconds before `latest`, as a pause without length."""
    size = round(STEP * RATE)
    first = round((latest - FORCED) * RATE)
    last = samples[first : round(latest * RATE)]
    frames = last[: len(last) // size * size].reshape(-1, size)
    if not len(frames):
        return latest, latest
    softest = int(np.argmin(np.mean(frames**2, axis=1)))
    at = (first + (softest + 0.5) * size) / RATE
    return at, at
