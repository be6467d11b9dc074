"""On the eve and on the day of the exam no new level is shown: what is said then is for the voice.
It is rated all the same, and stands there from the day after.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from opic.lib.clock import zone_or_default

EMBARGO_LENGTH = timedelta(days=1)


def is_near(person: User, exam_on: date | None) -> bool:
    """Return whether the exam is today or tomorrow, on the person's own calendar."""
    # by days between: a day before the first of the calendar does not exist
    return exam_on is not None and 0 <= (exam_on - person.today).days <= EMBARGO_LENGTH.days


def embargo_start(person: User, exam_on: date | None) -> datetime | None:
    """Return when the embargo began: levels of answers recorded since then wait. None
    without one.
    """
    if exam_on is None or not is_near(person, exam_on):
        return None
    zone = ZoneInfo(zone_or_default(person.time_zone))
    return timezone.make_aware(datetime.combine(exam_on - EMBARGO_LENGTH, time.min), zone)


def is_withheld(recorded_at: datetime, since: datetime | None) -> bool:
    """Return whether the level of an answer recorded at this time is withheld."""
    return since is not None and recorded_at >= since
