"""Questions that would fill an empty place of the board."""

from django.db.models import F, OuterRef, Subquery

from accounts.models import User
from materials.models import Prompt
from scoring.models import Response
from scoring.summaries import board


def prompt_for(person: User, step: int, topic: str, task: str) -> Prompt | None:
    """Return the question of a step that asks for a task in a topic (by slug), of several the one
    this person has not answered or answered longest ago; None without any.
    """
    responses = Response.objects.spoken_by(person).filter(revision=OuterRef("published"))
    last = Subquery(responses.order_by("-recorded_at").values("recorded_at")[:1])
    fitting = Prompt.objects.published().at_step(step).of_topic(topic)
    asking = fitting.filter(item_type__in=board.ITEM_TYPES.get(task, ()))
    order = F("last_at").asc(nulls_first=True)
    return asking.annotate(last_at=last).order_by(order, "shuffle_number").first()
