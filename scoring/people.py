"""A person's word on an answer: it wins, is shown beside the machine's, and can be taken back."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from opic.lib.levels import Level
from scoring.models import SETTLED, Rating, Response


@transaction.atomic
def give_level(response: Response, by: User, low: Level, high: Level, reason: str) -> Rating | None:
    """A level with a reason, shown from now on. None while a worker has the answer."""
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
    )
    settled = Response.objects.filter(pk=response.pk, status__in=SETTLED)
    if not settled.update(
        shown_rating=rating, status=Response.Status.RATED, reason="", needs_person=False
    ):
        transaction.set_rollback(True)
        return None
    return rating


@transaction.atomic
def take_back(rating: Rating) -> bool:
    """The machine's word is shown again, or the measures, or nothing where there was nothing."""
    standing = Rating.objects.by_people().filter(pk=rating.pk)
    if not standing.update(retracted_at=timezone.now()):
        return False
    before = Rating.objects.filter(response=rating.response_id, source=Rating.Source.MACHINE)
    rated = before.filter(kind=Rating.Kind.RATING)
    shown = rated.order_by("pk").last() or before.order_by("pk").last()
    status, reason = Response.Status.UNRATABLE, Response.Reason.TECHNICAL
    if shown is not None:
        is_rated = shown.kind == Rating.Kind.RATING
        status = Response.Status.RATED if is_rated else Response.Status.MEASURED
    changes = {"status": status, "reason": "" if shown else reason, "shown_rating": shown}
    return bool(Response.objects.filter(pk=rating.response_id).update(**changes))
