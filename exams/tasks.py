"""What a sitting needs done behind it: closing it, and the sweepers that find what was left."""

from exams import closing
from exams.models import Attempt
from opic.lib.queue import enqueue, task

SWEEP_AT_ONCE = 200


def queue_closing(attempt: Attempt) -> None:
    """Queue the closing of a sitting; it may be asked for twice, by a poll and by the sweeper."""
    enqueue(close_attempt, str(attempt.pk))


@task
def close_attempt(attempt_id: str) -> None:
    closing.close_if_final(attempt_id)


def sweep() -> None:
    """Hand in, every minute, sittings whose time ran out, close rated ones, give up
    forgotten ones.
    """
    for attempt in Attempt.objects.overdue()[:SWEEP_AT_ONCE]:
        if attempt.paused_at is None:
            attempt.submit(is_overdue=True)
    for attempt in Attempt.objects.forgotten()[:SWEEP_AT_ONCE]:
        if not (attempt.started_at and attempt.submit(is_overdue=True)):
            attempt.abandon()
    for attempt in Attempt.objects.to_close()[:SWEEP_AT_ONCE]:
        queue_closing(attempt)
