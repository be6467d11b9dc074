"""The level embargo: no new level is shown on the day before an exam and on exam day.

Speaking is for warming up then. Responses are rated all the same, and their levels are shown from
the day after the exam.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from opic.lib.clock import zone_or_default

EMBARGO_LENGTH = timedelta(days=1)


def is_near(person: User, exam_on: date | None) -> bool:
    """Return whether the exam is today or tomorrow, on the person's own calendar."""
    # the days between are counted: `exam_on` less a day may lie before the calendar's first day
    return exam_on is not None and 0 <= (exam_on - person.today).days <= EMBARGO_LENGTH.days


def embargo_start(person: User, exam_on: date | None) -> datetime | None:
    """Return when the embargo began, midnight in the person's time zone; None without one.

    Levels of responses recorded since then are withheld.
    """
    if exam_on is None or not is_near(person, exam_on):
        return None
    zone = ZoneInfo(zone_or_default(person.time_zone))
    return timezone.make_aware(datetime.combine(exam_on - EMBARGO_LENGTH, time.min), zone)


def is_withheld(recorded_at: datetime, since: datetime | None) -> bool:
    """Return whether the level of a response recorded at this time is withheld."""
    return since is not None and recorded_at >= since
