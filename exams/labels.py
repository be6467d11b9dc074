"""Words for the survey, the steps and the report; the data has names only."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exams.models import Attempt, Status
from opic.lib.levels import Level, range_name

Text = str | Promise
SHIFTS: dict[str, Text] = {
    "easier": _("Easier questions"),
    "similar": _("Similar questions"),
    "harder": _("Harder questions"),
}
MAJORS: dict[str, Text] = {
    "novice": _("Novice"),
    "intermediate": _("Intermediate"),
    "advanced": _("Advanced"),
    "not_tested": _("not reached in this test"),
}
FUNCTIONS: dict[str, Text] = {
    "narration": _("telling what happened"),
    "comparison": _("comparing"),
    "problem": _("solving a problem"),
    "issue": _("explaining an issue"),
    "description": _("describing"),
    "routine": _("saying what you usually do"),
    "asking": _("asking questions"),
}
# how much of what was asked a level needs to hold
SHARES: dict[str, Text] = {
    "nearly_all": _("nearly all"),
    "four_in_five": _("about four in five"),
    "two_in_three": _("about two in three"),
    "more_than_half": _("more than half"),
    "a_third": _("about a third"),
    "some": _("some"),
}


def attempt_badge(attempt: Attempt) -> str:
    """Return in a word or two how far a test is; its range of levels where it has one.

    `attempt` is loaded with its result.
    """
    result = attempt.result
    if result and result.level_low and result.level_high:
        return range_name(Level(result.level_low), Level(result.level_high))
    return str(Status(attempt.status).label)


def attempt_note(attempt: Attempt) -> str:
    """Return the badge of a test, and whether more of its report is still to come."""
    badge = attempt_badge(attempt)
    if attempt.result and not attempt.result.is_complete:
        return f"{badge} · {gettext('answers are still to come')}"
    return badge
