"""The old name of a queued task: entries that the release before this one left in the queue."""

from accounts.push import delivery
from opic.lib.queue import task


@task
def push_notices(*notice_ids: str) -> None:
    """Push them as `accounts.push.delivery.push_notices` does. To go with the release after."""
    delivery.push_notices(*notice_ids)
