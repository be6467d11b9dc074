"""When a card comes back. Pure."""

from collections.abc import Sequence


def next_review(stage: int, days: Sequence[int], *, is_right: bool) -> tuple[int, int]:
    """Return the stage after an answer, and the days until the card comes back.

    `days` has the days of rest after each stage, from stage 1 on. A wrong answer leads to stage 0.
    """
    if not is_right:
        return 0, days[0]
    reached = min(stage + 1, len(days))
    return reached, days[reached - 1]
