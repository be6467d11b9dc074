"""Stretches of speech to pauses and runs; and what was measured before in today's figures. Pure.

A *pause* is a silence of half a second or more: people stop there. A *short pause*, from 250 ms to
that, is a breath or the end of a clause; it is kept apart and ends no run (exam facts E4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

STOP_SECONDS = 0.5  # a silence of this length ends a run

Spans = tuple[tuple[float, float], ...]  # (start, length) of each, in seconds


@dataclass(frozen=True)
class Delivery:
    """Where somebody spoke and stopped: times in seconds, spans as (start, length)."""

    speech_seconds: float  # without short pauses
    pauses: Spans
    short_pauses: Spans
    runs: Spans

    @property
    def pause_count(self) -> int:
        """Return how many stops there are."""
        return len(self.pauses)

    def figures(self) -> dict[str, Any]:
        """Return the fields of `Measures` that rest on pauses and runs alone."""
        return {
            "speech_seconds": self.speech_seconds,
            "pause_count": self.pause_count,
            "mean_pause_seconds": sum(lasts for _at, lasts in self.pauses)
            / max(self.pause_count, 1),
            "run_count": len(self.runs),
            "mean_run_seconds": sum(lasts for _at, lasts in self.runs) / len(self.runs),
            "longest_run_seconds": max(lasts for _at, lasts in self.runs),
            "pauses": self.pauses,
            "short_pauses": self.short_pauses,
            "runs": self.runs,
        }


def delivery_of(stretches: Sequence[tuple[float, float]]) -> Delivery:
    """Return pauses and runs of stretches of speech, (start, length), with 250 ms between them."""
    pauses, short_pauses = [], []
    runs = [stretches[0]]
    for (start, lasts), (after, next_lasts) in pairwise(stretches):
        gap = (start + lasts, after - start - lasts)
        # times are whole hundredths: what a sum of floats adds is no silence
        if round(gap[1], 3) >= STOP_SECONDS:
            pauses.append(gap)
            runs.append((after, next_lasts))
        else:
            short_pauses.append(gap)
            runs[-1] = (runs[-1][0], after + next_lasts - runs[-1][0])
    speech = sum(lasts for _start, lasts in stretches)
    return Delivery(speech, tuple(pauses), tuple(short_pauses), tuple(runs))


def in_todays_figures(measures: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return stored measures as they are counted today; {} without any.

    Version 1 ended a run at 250 ms. Its own runs say where, so pauses and runs are counted anew;
    without them it is left as it is.
    """
    stored = dict(measures or {})
    if stored.get("version") != "1" or not stored.get("runs"):
        return stored
    delivery = delivery_of([(float(at), float(lasts)) for at, lasts in stored["runs"]])
    minutes = float(stored["length_seconds"]) / 60
    rate = delivery.pause_count / minutes if minutes else 0.0
    return {**stored, **delivery.figures(), "pauses_per_minute": rate}
