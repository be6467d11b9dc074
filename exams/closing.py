"""From the ratings of a sitting to its result: a new row each time, the newest shown.

Nothing here hears or judges: it reads what the responses show. Run twice, it writes once.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone

from accounts import notices
from accounts.models import Notice
from exams.models import Attempt, AttemptItem, AttemptResult, Status
from exams.outcomes import Outcome, outcome_of, unrated_counts
from exams.what_report_holds import ReportKind, kind_of
from opic.lib.clock import day_of
from opic.lib.levels import Level
from scoring.levels import sitting as sitting_level
from scoring.levels.sitting import ItemEvidence, State
from scoring.models import Rating

LEAST_PART = 3  # of the items: with fewer than one in so many rated or skipped there is no level
STATES = {Outcome.RATED: State.RATED, Outcome.SKIPPED: State.SKIPPED}


class NoLevel(TextChoices):
    """Why a sitting has no level."""

    UNHEARD = "unheard"  # nothing was rated
    FEW = "few"  # too few items were rated or skipped
    NO_PROBE = "no_probe"  # none of those that look for more was


def evidence_of(item: AttemptItem) -> ItemEvidence:
    """Return what an item shows by now: rated, skipped, or left out.

    Silence, another language and too little speech count as skipped. What is not rated yet, and
    what was lost for technical reasons, is left out.
    """
    state = STATES.get(outcome_of(item).outcome, State.LEFT_OUT)
    rating = item.response.shown_rating if item.response else None
    if state is not State.RATED or rating is None:
        return ItemEvidence(item.number, item.item_type, state)
    if rating.source == Rating.Source.PERSON:
        values = sitting_level.values_of_level(Level(rating.level or 1), item.item_type)
    else:
        values = sitting_level.values_from(rating.criteria)
    return ItemEvidence(item.number, item.item_type, state, values, rating.is_weak)


def why_no_level(evidence: Sequence[ItemEvidence]) -> NoLevel | None:
    """Return why these items make no level; None where they make one.

    What was skipped shows something: that nothing was said. What was lost or waits shows nothing.
    """
    counted = [one for one in evidence if one.state is not State.LEFT_OUT]
    is_rated = any(one.state is State.RATED for one in evidence)
    # nothing but silence has a level too: the lowest
    if not is_rated and len(counted) < len(evidence):
        return NoLevel.UNHEARD
    if LEAST_PART * len(counted) < len(evidence):
        return NoLevel.FEW
    has_probes = any(one.probes_advanced for one in evidence)
    if has_probes and not any(one.probes_advanced for one in counted):
        return NoLevel.NO_PROBE
    return None


def _is_complete(items: list[AttemptItem]) -> bool:
    """Return whether no recording is still to come, and no better rating of any is due."""
    return not any(item.is_on_its_way for item in items) and all(
        item.response is None or (item.response.is_final and not item.response.is_waiting)
        for item in items
    )


def _versions(items: list[AttemptItem]) -> dict[str, Any]:
    """Return the versions that the ratings were made with: rubric, models, instructions, result."""
    versions: dict[str, Any] = {"result": sitting_level.RESULT_VERSION}
    for item in items:
        rating = item.response.shown_rating if item.response else None
        for name, version in (rating.versions if rating else {}).items():
            first = versions.setdefault(name, version)
            if first != version:
                versions[name] = f"{first}, {version}" if str(version) not in str(first) else first
    return versions


def _made(attempt: Attempt, items: list[AttemptItem]) -> AttemptResult:
    evidence = [evidence_of(item) for item in items]
    outcomes = [outcome_of(item) for item in items]
    no_level = why_no_level(evidence)
    decided = sitting_level.Result(None)
    cap = _cap_of(attempt, evidence)
    if no_level is None:
        decided = sitting_level.result_of(evidence, cap=cap, seed=str(attempt.pk))
    report: dict[str, Any] = {
        "states": {str(one.number): one.state.value for one in evidence},
        "outcomes": {str(one.number): [one.outcome.value, one.why] for one in outcomes},
        "unrated": unrated_counts(outcomes),
        "weak": [one.number for one in evidence if one.is_weak],
        "no_level": no_level.value if no_level else "",
    }
    if decided.level is not None:
        report |= {
            "floor": decided.floor,
            "ceiling": decided.ceiling,
            "reason": decided.reason,
            "weakest": decided.weakest,
            "cap": cap.name,
            "cap_bit": decided.cap_bit,
            "means": {name: list(pair) for name, pair in decided.means.items()},
            "floor_items": list(decided.floor_items),
            "ceiling_items": list(decided.ceiling_items),
        }
    return AttemptResult(
        attempt=attempt,
        level=decided.level,
        level_low=decided.low,
        level_high=decided.high,
        sureness=decided.sureness if decided.level else "",
        is_complete=_is_complete(items),
        report=report,
        versions=_versions(items),
    )


def _cap_of(attempt: Attempt, evidence: Sequence[ItemEvidence]) -> Level:
    """Return the highest level that its steps, and the kinds of its items, can show."""
    if any(one.probes_advanced for one in evidence):
        return attempt.cap
    return min(attempt.cap, Level(int(sitting_level.WITHOUT_PROBES)))


def _notify(attempt: Attempt, result: AttemptResult, kind: ReportKind) -> None:
    """Notify the candidate of the first result that no better one will follow."""
    person = attempt.candidate
    params = {
        "sat_on": str(day_of(attempt.made_at, person.time_zone)),
        "unrated": result.report["unrated"],
        "total": len(result.report["states"]),
        "has_level": result.level is not None,
        "kind": kind.value,
    }
    notices.notify(
        person,
        Notice.Kind.RESULT,
        f"sitting:{attempt.pk}",
        params,
        reverse("exams:attempt-detail", args=[attempt.pk]),
    )


@transaction.atomic
def close_if_final(attempt_id: str) -> bool:
    """Write the result of a sitting that is over, once nothing of it is open.

    Again when a response was settled since. False where nothing is due.
    """
    # the attempt's row: a poll and the sweeper may both have queued this
    due = Attempt.objects.select_for_update(of=("self",)).filter(pk=attempt_id)
    attempt = due.to_close().select_related("assessment").first()
    if attempt is None:
        return False
    items = list(attempt.items.for_report())
    result = _made(attempt, items)
    result.made_at = timezone.now()
    is_news = result.is_complete and not attempt.results.filter(is_complete=True).exists()
    result.save()
    if is_news:
        outcomes = [outcome_of(item) for item in items]
        _notify(attempt, result, kind_of(attempt.candidate, items, outcomes))
    if attempt.status == Status.RATED:
        Attempt.objects.filter(pk=attempt.pk).update(result=result)
        return True
    return attempt.move_to(Status.RATED, result=result)
