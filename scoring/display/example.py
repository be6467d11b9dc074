"""The example of a result on the landing page: made from figures by what prints every result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opic.lib.levels import Level
from scoring.display.advice import advice_of
from scoring.display.measure_rows import Delivery, PanelRow, delivery_for

TARGET = Level.IH
# of nobody: an answer of somebody who speaks a little slower than is typical of the target
FIGURES: Mapping[str, Any] = {
    "version": "2",
    "is_heard": True,
    "length_seconds": 52.0,
    "words_per_minute": 84.0,
    "mean_run_seconds": 2.4,
    "mean_pause_seconds": 1.2,
    "share_spoken": 0.66,
}
FIGURES_BEFORE: Mapping[str, Any] = {**FIGURES, "words_per_minute": 78.0, "length_seconds": 41.0}


@dataclass(frozen=True)
class Example:
    """A result of nobody, as `_measures.html` prints one."""

    target: Level
    delivery: Delivery
    advice: str

    @property
    def rows(self) -> Sequence[PanelRow]:
        """Return the measures as they are printed."""
        return self.delivery.printed


def example() -> Example:
    """Return the example in the reader's language."""
    delivery = delivery_for(FIGURES, TARGET, FIGURES_BEFORE, is_counted=False)
    return Example(TARGET, delivery, advice_of(delivery.rows, {}).text)
