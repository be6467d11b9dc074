"""The clock of a sitting as a bar: where answers stand on it, and what of the time was used."""

from collections.abc import Sequence
from dataclasses import dataclass

from exams.models import Attempt, AttemptItem

WIDTH = 1000  # units across


@dataclass(frozen=True)
class Stretch:
    """A piece of the timeline, in thousandths of the whole."""

    x: float
    width: float
    voiced: float
    number: int


@dataclass(frozen=True)
class Timeline:
    """Pieces of the clock, and minutes: speech, silence in answers, not used, on the clock."""

    stretches: Sequence[Stretch] = ()
    spoken: int = 0
    silent: int = 0
    unused: int = 0
    minutes: int = 0


def without_breaks(
    spans: Sequence[tuple[float, float]], break_seconds: float
) -> list[tuple[float, float]]:
    """Return (start, length) of the answers on the clock, which stood still for `break_seconds`.

    Nobody wrote down when: only between answers can it stand, so the longest gaps are closed first.
    Order and lengths stay. `spans` in the order of their starts.
    """
    gaps, end = [], 0.0
    for start, length in spans:
        gaps.append(max(0.0, start - end))
        end = max(end, start + length)
    left = break_seconds
    for at in sorted(range(len(gaps)), key=lambda at: -gaps[at]):
        cut = min(left, gaps[at])
        gaps[at] -= cut
        left -= cut
    moved, end = [], 0.0
    for gap, (_start, length) in zip(gaps, spans, strict=True):
        moved.append((end + gap, length))
        end += gap + length
    return moved


def timeline_of(attempt: Attempt, items: Sequence[AttemptItem]) -> Timeline:
    """Return the timeline of a sitting on the time that its clock had, breaks left out."""
    if attempt.started_at is None or attempt.deadline_at is None:
        return Timeline()
    started = attempt.started_at
    whole = (attempt.deadline_at - started).total_seconds() - attempt.break_seconds
    whole = max(whole, 1.0)
    responses = [(item.number, item.response) for item in items if item.response]
    responses.sort(key=lambda pair: pair[1].recorded_at)
    spans = [
        ((response.recorded_at - started).total_seconds(), response.length_seconds)
        for _number, response in responses
    ]
    stretches, spoken, silent = [], 0.0, 0.0
    places = without_breaks(spans, attempt.break_seconds)
    for (number, response), (begun, length) in zip(responses, places, strict=True):
        voiced = response.voiced_ms / 1000
        spoken, silent = spoken + voiced, silent + max(0.0, length - voiced)
        width = min(WIDTH * length / whole, WIDTH)
        x = min(WIDTH * begun / whole, WIDTH - width)
        share = voiced / length if length else 0
        stretches.append(Stretch(round(x, 1), round(width, 1), round(share * width, 1), number))
    return Timeline(
        stretches=stretches,
        spoken=round(spoken / 60),
        silent=round(silent / 60),
        unused=round(max(0.0, whole - spoken - silent) / 60),
        minutes=round(whole / 60),
    )
