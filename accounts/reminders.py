"""The daily reminder, for people whose streak still stands and who have not spoken today.

It is looked for every ten minutes, among those whose clock shows the hour they chose. The notice's
key holds the day, so there is one a day whatever hour or time zone is chosen meanwhile.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts import notices, quiet_hours, streaks
from accounts.models import Notice, NoticeSettings, User
from opic.lib.clock import day_of

BATCH = 500
# a streak has ended in every time zone after so long without speaking
OVER = timedelta(days=5)


def send(now: datetime | None = None) -> int:
    """Remind everybody who is due now; return how many were reminded.

    One query reads a batch of people, three more make their notices.
    """
    now = now or timezone.now()
    return sum(notices.notify_all(_due(batch, now)) for batch in _batches(now))


def _batches(now: datetime) -> Iterator[list[User]]:
    people = User.objects.to_remind((now - OVER).date())
    batch = list(people[:BATCH])
    while batch:
        yield batch
        batch = list(people.filter(pk__gt=batch[-1].pk)[:BATCH]) if len(batch) == BATCH else []


def _due(batch: list[User], now: datetime) -> list[Notice]:
    reminders = (_reminder(person, now) for person in batch)
    return [reminder for reminder in reminders if reminder]


def _reminder(person: User, now: datetime) -> Notice | None:
    if NoticeSettings.of(person).reminder_hour not in quiet_hours.hours_at(now, person.time_zone):
        return None
    today = day_of(now, person.time_zone)
    streak = streaks.status(person.streak, today)
    if not streak.days or streak.spoke_today:
        return None
    return Notice(
        person=person,
        kind=Notice.Kind.REMINDER,
        key=f"reminder:{today}",
        params={"days": streak.days, "is_free": streak.is_free_today},
        url=reverse("practice:start"),
        made_at=now,
    )
