"""What runs behind the pages about people: the evening's reminder, and what was left lying."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import notifications, reminders, subscriptions
from accounts.models import Notice

SWEEP_AT_ONCE = 200


def send_reminders() -> None:
    """Every ten minutes. Run twice, it tells once."""
    reminders.send()


def sweep() -> None:
    """Every ten minutes: pushes whose queue entry was lost or whose service was busy; rows that
    nobody needs any more.
    """
    notifications.queue_pushes(Notice.objects.due().order_by("push_due_at")[:SWEEP_AT_ONCE])
    Notice.objects.made_before(timezone.now() - timedelta(days=settings.OPIC_NOTICE_DAYS)).delete()
    subscriptions.drop_orphans()
