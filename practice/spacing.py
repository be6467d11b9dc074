"""When a card comes again. Pure."""

from collections.abc import Sequence


def next_review(stage: int, days: Sequence[int], *, is_right: bool) -> tuple[int, int]:
    """Return the stage after an answer, and the days until the card comes back."""
    if not is_right:
        return 0, days[0]
    reached = min(stage + 1, len(days))
    return reached, days[reached - 1]
