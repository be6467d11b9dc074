"""What a person wants to be told, and when."""

from datetime import datetime

from accounts import quiet_hours
from accounts.models import Notice, NoticeSettings


def is_wanted(notice: Notice, now: datetime) -> bool:
    """Return whether its kind is switched on and it is outside quiet hours there. A reminder has an
    hour of its own.
    """
    person = notice.person
    chosen = NoticeSettings.of(person)
    if not chosen.wants(notice.kind):
        return False
    is_silent_hour = quiet_hours.is_quiet(now, person.time_zone, chosen.quiet_from, chosen.quiet_to)
    return notice.kind == Notice.Kind.REMINDER or not is_silent_hour
