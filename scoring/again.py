"""Rating an answer once more because its speaker asks: where every try failed, and not for ever."""

from scoring.models import Response
from scoring.tasks import queue_rating

MOST_CALLS = 12  # to models, for one answer: each of them costs


def is_open(response: Response) -> bool:
    """Tries used up, the sound still there, and not asked for too often."""
    failed = response.needs_person or response.reason == Response.Reason.GAVE_UP
    if not (failed and response.is_final and response.audio):
        return False
    return response.model_calls.count() < MOST_CALLS


def ask(response: Response) -> bool:
    """Back to the queue, still showing what it showed."""
    if not is_open(response) or not response.rate_again():
        return False
    queue_rating(response)
    return True
