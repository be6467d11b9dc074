"""From the ratings of a sitting to its result: a new row each time, the newest shown.

Nothing here hears or judges: it reads what the responses show. Run twice, it writes once.
"""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import notices
from accounts.models import Notice
from exams.models import Attempt, AttemptItem, AttemptResult, Status
from opic.lib.clock import day_of
from opic.lib.levels import Level
from scoring.levels import sitting as sitting_level
from scoring.levels.sitting import ItemEvidence, State
from scoring.models import Rating, Response

Reason = Response.Reason
SKIPPED = {Reason.NOT_HEARD, Reason.WRONG_LANGUAGE, Reason.TOO_SHORT}


def evidence_of(item: AttemptItem) -> ItemEvidence:
    """Return what an item shows by now: rated, skipped, or left out.

    Silence, another language and too little speech count as skipped. What is not rated yet, and
    what was lost for technical reasons, is left out.
    """
    response = item.response
    if response is None:
        return ItemEvidence(item.number, item.item_type, State.SKIPPED)
    if response.status == Response.Status.UNRATABLE:
        state = State.SKIPPED if response.reason in SKIPPED else State.LEFT_OUT
        return ItemEvidence(item.number, item.item_type, state)
    rating = response.shown_rating
    if rating is None or rating.kind != Rating.Kind.RATING or rating.level is None:
        return ItemEvidence(item.number, item.item_type, State.LEFT_OUT)
    if rating.source == Rating.Source.PERSON:
        values = sitting_level.values_of_level(Level(rating.level), item.item_type)
    else:
        values = sitting_level.values_from(rating.criteria)
    return ItemEvidence(item.number, item.item_type, State.RATED, values, rating.is_weak)


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
    rated = [one for one in evidence if one.state is State.RATED]
    spoken = [one for one in evidence if one.state is not State.SKIPPED]
    decided = sitting_level.result_of(evidence, cap=attempt.cap, seed=str(attempt.pk))
    # nothing but silence has a level too: the lowest
    has_level = bool(rated) or not spoken
    report: dict[str, Any] = {
        "states": {str(one.number): one.state.value for one in evidence},
        "weak": [one.number for one in evidence if one.is_weak],
    }
    if has_level and decided.level is not None:
        report |= {
            "floor": decided.floor,
            "ceiling": decided.ceiling,
            "reason": decided.reason,
            "weakest": decided.weakest,
            "cap": attempt.cap.name,
            "cap_bit": decided.cap_bit,
            "means": {name: list(pair) for name, pair in decided.means.items()},
            "floor_items": list(decided.floor_items),
            "ceiling_items": list(decided.ceiling_items),
        }
    levels = (decided.level, decided.low, decided.high) if has_level else (None, None, None)
    return AttemptResult(
        attempt=attempt,
        level=levels[0],
        level_low=levels[1],
        level_high=levels[2],
        sureness=decided.sureness if has_level else "",
        is_complete=_is_complete(items),
        report=report,
        versions=_versions(items),
    )


def _notify(attempt: Attempt) -> None:
    """Notify the candidate of the first result that no better one will follow."""
    person = attempt.candidate
    notices.notify(
        person,
        Notice.Kind.RESULT,
        f"sitting:{attempt.pk}",
        {"sat_on": str(day_of(attempt.made_at, person.time_zone))},
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
    result = _made(attempt, list(attempt.items.for_report()))
    result.made_at = timezone.now()
    is_news = result.is_complete and not attempt.results.filter(is_complete=True).exists()
    result.save()
    if is_news:
        _notify(attempt)
    if attempt.status == Status.RATED:
        Attempt.objects.filter(pk=attempt.pk).update(result=result)
        return True
    return attempt.move_to(Status.RATED, result=result)
