"""How far our levels agree with official ones, which people told us after the real exam."""

from collections import defaultdict
from datetime import date, timedelta
from math import sqrt
from statistics import mean, stdev
from typing import Any

from exams.models import Attempt, OfficialLevel
from opic.lib.levels import Level
from scoring.evaluation import agreement
from scoring.evaluation.agreement import Pair

DAYS_BEFORE = 30
LEAST = 30  # pairs; with fewer the figures say nothing


def pairs() -> list[Pair]:
    """Return (official, ours) for every official level with a sitting of ours shortly before.

    Ours is the level of the last sitting in the `DAYS_BEFORE` days before the official one.
    """
    official = list(OfficialLevel.objects.order_by("candidate_id", "taken_on"))
    sat = Attempt.objects.over().filter(candidate__in={row.candidate_id for row in official})
    rows = sat.exclude(result__level=None).values_list(
        "candidate_id", "submitted_at", "result__level"
    )
    by_person: dict[Any, list[tuple[date, int]]] = defaultdict(list)
    for candidate, at, level in rows:
        if at is not None and level is not None:
            by_person[candidate].append((at.date(), level))
    matched = []
    for row in official:
        first = row.taken_on - timedelta(days=DAYS_BEFORE)
        mine = [
            (day, level)
            for day, level in by_person[row.candidate_id]
            if first <= day <= row.taken_on
        ]
        if mine:
            matched.append((Level(row.level), Level(max(mine)[1])))
    return matched


def summary() -> dict[str, Any]:
    """Return count, exact, within_one and bias (ours minus official, in levels).

    exact and within_one are shares with their 95 % intervals, bias_half is half of bias's. With
    fewer than `LEAST` pairs only the count is given, beside that least.
    """
    matched = pairs()
    if len(matched) < LEAST:
        return {"count": len(matched), "least": LEAST}
    gaps = [float(ours - official) for official, ours in matched]
    half = agreement.Z * stdev(gaps) / sqrt(len(gaps))
    return {
        "count": len(matched),
        "least": LEAST,
        "exact": agreement.exact(matched),
        "within_one": agreement.within_one(matched),
        "bias": mean(gaps),
        "bias_half": half,
    }
