"""What is set now, in a few words: printed where a section of the settings is folded."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.models import Consent, Goal, NoticeSettings, User
from accounts.texts.zones import place_of
from opic.lib.levels import Level


def profile_text(person: User) -> str:
    """Return the name, where there is one, and the place of the time zone."""
    return " · ".join(filter(None, (person.name, str(place_of(person.time_zone)))))


def goal_text(goal: Goal) -> str:
    """Return target, step and day of the exam; or that nothing is chosen yet."""
    if goal._state.adding:
        return gettext("Not chosen yet")
    parts = [Level(goal.target).name, gettext("Step %(step)s") % {"step": goal.step}]
    if goal.exam_on:
        parts.append(date_format(goal.exam_on, "DATE_FORMAT"))
    return " · ".join(parts)


def notices_text(notices: NoticeSettings) -> str:
    """Return whether and when the reminder comes."""
    if not notices.push_reminder:
        return gettext("No reminder")
    return gettext("Reminder at %(hour)s") % {"hour": notices.get_reminder_hour_display()}


def consents_text(consents: Iterable[Consent]) -> str:
    """Return what is agreed to now."""
    kinds = [str(one.get_kind_display()) for one in consents if not one.withdrawn_at]
    return " · ".join(kinds) or gettext("Nothing yet.")
