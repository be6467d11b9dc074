"""Levels given by people: shown before the machine's rating, beside it, and can be taken back."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from opic.lib.levels import Level
from scoring.models import FINAL, SKIPPED_REASONS, Rating, Response
from scoring.summaries import days


@transaction.atomic
def give_level(response: Response, by: User, low: Level, high: Level, reason: str) -> Rating | None:
    """Save a person's level with its reason, and show it; None while a worker has the response.

    An earlier person's level is taken back.
    """
    # the response: a worker that settles it just now looks for people's levels under this lock
    before = Response.objects.select_for_update().get(pk=response.pk)
    Rating.objects.by_people().filter(response=response).update(retracted_at=timezone.now())
    rating = Rating.objects.create(
        response=response,
        source=Rating.Source.PERSON,
        kind=Rating.Kind.RATING,
        person=by,
        reason=reason,
        level_low=low,
        level_high=high,
        level=low,
        versions={"unratable_before": before.reason} if before.reason else {},
    )
    final = Response.objects.filter(pk=response.pk, status__in=FINAL)
    if not final.update(
        shown_rating=rating, status=Response.Status.RATED, reason="", needs_person=False
    ):
        transaction.set_rollback(True)
        return None
    days.recount(before)
    return rating


@transaction.atomic
def take_back(rating: Rating) -> bool:
    """Take a person's level back, and show the machine's rating or the measures again.

    False where that was done before. A response that a worker has keeps its status. One with
    nothing else to show is unratable again, one with measures alone is left to a person again; each
    with its earlier reason.
    """
    # the response: what it shows and its status are read here and written below
    response = Response.objects.select_for_update().get(pk=rating.response_id)
    given = Rating.objects.by_people().filter(pk=rating.pk)
    if not given.update(retracted_at=timezone.now()):
        return False
    before = response.ratings.filter(source=Rating.Source.MACHINE).order_by("pk")
    shown = before.filter(kind=Rating.Kind.RATING).last() or before.last()
    response.shown_rating = shown
    if response.is_final:
        _show_earlier(response, rating)
    response.save(update_fields=["shown_rating", "status", "reason", "needs_person"])
    days.recount(response)
    return True


def _show_earlier(response: Response, taken_back: Rating) -> None:
    """Set the status that a final response had before a person rated it, on the instance."""
    shown, has_reason = response.shown_rating, "unratable_before" in taken_back.versions
    if shown is not None and shown.kind == Rating.Kind.RATING:
        response.status = Response.Status.RATED
    elif shown is None or (has_reason and taken_back.unratable_before in SKIPPED_REASONS):
        response.status, response.reason = Response.Status.UNRATABLE, taken_back.unratable_before
    else:
        response.status = Response.Status.MEASURED
        if has_reason:
            response.reason, response.needs_person = taken_back.unratable_before, True
