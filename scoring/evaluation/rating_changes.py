"""What rating again has changed: the last machine rating beside the one before it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from opic.lib.levels import Level
from scoring.models import Rating, Response

FAR = 3  # levels: from there on they are counted together


@dataclass(frozen=True)
class Change:
    """One response that was rated again: both levels, and the rubric that each was made with."""

    before: Level
    now: Level
    rubrics: tuple[str, str]

    @property
    def steps(self) -> int:
        """Return by how many levels it went up, or down if negative; `FAR` at most."""
        return max(-FAR, min(FAR, self.now - self.before))


def changes_of(responses: "QuerySet[Response]") -> list[Change]:
    """Return the changes of those that machines rated at least twice."""
    ratings = Rating.objects.filter(
        response__in=responses, kind=Rating.Kind.RATING, source=Rating.Source.MACHINE
    ).exclude(level=None)
    rows = ratings.order_by("response", "pk").values_list("response", "level", "versions")
    pairs = [list(own)[-2:] for _response, own in groupby(rows, key=lambda row: row[0])]
    return [_change(pair[0], pair[1]) for pair in pairs if len(pair) > 1]


def _change(before: Sequence[Any], now: Sequence[Any]) -> Change:
    (_id, was, old), (_same, level, new) = before, now
    return Change(Level(was), Level(level), (_rubric(old), _rubric(new)))


def _rubric(versions: dict[str, Any]) -> str:
    return str(versions.get("rubric", "?"))


def change_lines(changes: Iterable[Change]) -> list[str]:
    """Return a small table: how many went how far, and from which level to which."""
    changes = list(changes)
    rubrics = Counter(" -> ".join(change.rubrics) for change in changes)
    lines = [f"{len(changes)} answers rated again."]
    lines += [f"Rubric {names}: {count}" for names, count in sorted(rubrics.items())]
    counts = Counter(change.steps for change in changes)
    lines += ["", "levels      answers"]
    lines += [f"{_steps_text(steps):<12}{counts[steps]:>7}" for steps in range(FAR, -FAR - 1, -1)]
    moves = Counter((change.before, change.now) for change in changes if change.steps)
    lines += ["", "before now  answers"] if moves else []
    lines += [f"{was.name:<7}{now.name:<5}{n:>7}" for (was, now), n in sorted(moves.items())]
    return lines


def _steps_text(steps: int) -> str:
    if not steps:
        return "same"
    return f"{'up' if steps > 0 else 'down'} {abs(steps)}{'+' if abs(steps) == FAR else ''}"
