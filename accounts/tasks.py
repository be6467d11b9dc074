"""Scheduled tasks about people: reminders, pushes that are due, and the deletion of old rows."""

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

# queue entries of the release before name a task in it
from accounts import notifications as _notifications  # noqa: F401
from accounts import reminders
from accounts.models import DeviceSession, Notice
from accounts.push import delivery, subscriptions
from accounts.security import admin_log
from opic.lib.stores import cache_table, freed_pages

SWEEP_AT_ONCE = 200
LOT = 500
MOST_LOTS = 100


def send_reminders() -> None:
    """Send reminders, every ten minutes; run twice, it sends none twice."""
    reminders.send()


def sweep() -> None:
    """Queue pushes that are due and delete old rows, every ten minutes.

    1. pushes whose entry was lost or whose service was busy, 2. notices past OPIC_NOTICE_DAYS,
    3. subscriptions of people who are gone.
    """
    delivery.queue_pushes(Notice.objects.due().order_by("push_due_at")[:SWEEP_AT_ONCE])
    Notice.objects.made_before(timezone.now() - timedelta(days=settings.OPIC_NOTICE_DAYS)).delete()
    subscriptions.drop_orphans()


def purge() -> None:
    """Delete traces of sign-ins past their days, every hour.

    1. sessions that expired, 2. what is known of their browsers, 3. devices, 4. the admin's log,
    5. names in it of who is gone, 6. expired rows of the cache, 7. freed pages of SQLite.

    In small lots, so that nobody waits for a lock; what is left after many of them goes next time.
    """
    now = timezone.now()
    _delete_in_lots(Session.objects.filter(expire_date__lt=now))
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gte=now)
    # a sign-in just under way has a row here before its session is stored
    old = UserSession.objects.filter(last_seen_at__lt=now - timedelta(hours=1))
    _delete_in_lots(old.exclude(Exists(alive)))
    _delete_in_lots(DeviceSession.objects.past(now))
    log_days = timedelta(days=settings.OPIC_ADMIN_LOG_DAYS)
    _delete_in_lots(LogEntry.objects.filter(action_time__lt=now - log_days))
    admin_log.forget_gone()
    cache_table.drop_expired()
    freed_pages.overwrite()


def _delete_in_lots(rows: QuerySet[Any]) -> None:
    for _ in range(MOST_LOTS):
        keys = list(rows.order_by().values_list("pk", flat=True)[:LOT])
        rows.model._default_manager.filter(pk__in=keys).delete()
        if len(keys) < LOT:
            return
