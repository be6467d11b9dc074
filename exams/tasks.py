"""Tasks of the queue: closing a sitting, and the sweeper that finds what was left behind."""

from exams import closing
from exams.models import Attempt
from opic.lib.queue import enqueue, task

SWEEP_AT_ONCE = 200


def queue_closing(attempt: Attempt) -> None:
    """Queue the closing of a sitting; both a poll and the sweeper may do so, and it runs once."""
    enqueue(close_attempt, str(attempt.pk))


@task
def close_attempt(attempt_id: str) -> None:
    """Close a sitting: 1. lock its row if it is due, 2. write the result, 3. show it, 4. notify.

    Leaves quietly when it is gone, not due, or was closed meanwhile.
    """
    closing.close_if_final(attempt_id)


def sweep() -> None:
    """Hand in sittings whose time ran out, end forgotten ones, queue closings: every minute."""
    for attempt in Attempt.objects.overdue()[:SWEEP_AT_ONCE]:
        if attempt.paused_at is None:
            attempt.submit(is_overdue=True)
    for attempt in Attempt.objects.forgotten()[:SWEEP_AT_ONCE]:
        if not (attempt.started_at and attempt.submit(is_overdue=True)):
            attempt.abandon()
    for attempt in Attempt.objects.to_close()[:SWEEP_AT_ONCE]:
        queue_closing(attempt)
