"""The old name of a queued task: entries that the release before this one left in the queue."""

from accounts.push import delivery
from opic.lib.queue import task


@task
def push_notices(*notice_ids: str) -> None:
    """Push notices for entries of the release before; to be removed in the next release."""
    delivery.push_notices(*notice_ids)
