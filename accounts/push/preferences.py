"""Which notices a person wants to be pushed, and when."""

from datetime import datetime

from accounts import quiet_hours
from accounts.models import Notice, NoticeSettings


def is_wanted(notice: Notice, now: datetime) -> bool:
    """Return whether the person wants this notice pushed at this moment.

    Its kind must be switched on, and the hour must not be a quiet one. A reminder comes at an hour
    of its own, quiet or not.
    """
    person = notice.person
    chosen = NoticeSettings.of(person)
    if not chosen.wants(notice.kind):
        return False
    is_silent_hour = quiet_hours.is_quiet(now, person.time_zone, chosen.quiet_from, chosen.quiet_to)
    return notice.kind == Notice.Kind.REMINDER or not is_silent_hour
