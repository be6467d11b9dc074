"""What the daily limits of ratings leave of a test: said before anybody speaks."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from accounts.models import User
from exams.what_report_holds import ReportKind, report_kind_for
from scoring.models import Waits
from scoring.rating import budget


def limit_text(candidate: User, items: int) -> str:
    """Return how many answers can be rated today, and what becomes of the others.

    Empty where all of a test with so many items can be rated, or none is sent anywhere.
    """
    if report_kind_for(candidate) is not ReportKind.LEVEL:
        return ""
    limit = budget.nearest_limit(candidate)
    if limit.left >= items:
        return ""
    if limit.waits_for == Waits.PERSON_BUDGET:
        return _of_person(limit.left)
    time = date_format(timezone.localtime(limit.opens_at), "TIME_FORMAT").removesuffix(".")
    return _of_site(limit.left, time)


def _of_person(left: int) -> str:
    if not left:
        return gettext(
            "Your rated answers of today are used up. What you say in this test is saved, and rated"
            " by itself from tomorrow on."
        )
    text = ngettext(
        "Today %(n)d more answer of yours can be rated. The others of this test are rated by"
        " themselves from tomorrow on.",
        "Today %(n)d more answers of yours can be rated. The others of this test are rated by"
        " themselves from tomorrow on.",
        left,
    )
    return text % {"n": left}


def _of_site(left: int, time: str) -> str:
    if not left:
        return gettext(
            "The rated answers of this site are used up until %(time)s. What you say in this test"
            " is saved, and rated by itself after that."
        ) % {"time": time}
    text = ngettext(
        "This site can rate %(n)d more answer until %(time)s. The others of this test are rated by"
        " themselves after that.",
        "This site can rate %(n)d more answers until %(time)s. The others of this test are rated by"
        " themselves after that.",
        left,
    )
    return text % {"n": left, "time": time}
