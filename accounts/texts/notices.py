"""What a notice says, in the language that is active when it is read.

Nothing that was spoken, no level and no name: anybody can read a push on a locked screen.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from accounts.models import Notice
from opic.lib.unrated_texts import unrated_sentence

Kind = Notice.Kind


@dataclass(frozen=True)
class Words:
    """Title and body of a notice."""

    title: str
    body: str


def words_of(notice: Notice) -> Words:
    """Return title and body of a notice in the active language."""
    makers = {
        Kind.REMINDER: _reminder,
        Kind.RESULT: _result,
        Kind.REPLY: _reply,
        Kind.REVIEW: _review,
    }
    return makers[Kind(notice.kind)](notice)


def _reminder(notice: Notice) -> Words:
    days = int(notice.params.get("days", 1))
    title = ngettext("%(days)s day in a row", "%(days)s days in a row", days) % {"days": days}
    if notice.params.get("is_free"):
        return Words(title, gettext("Without a word today, this week's free day is used up."))
    return Words(title, gettext("The row ends tonight. One answer keeps it."))


def _result(notice: Notice) -> Words:
    if sat_on := notice.params.get("sat_on"):
        day = date_format(date.fromisoformat(sat_on), "SHORT_DATE_FORMAT")
        body = gettext("What came of your test of %(day)s.") % {"day": day}
        unrated = notice.params.get("unrated") or {}
        # a notice of an earlier release says no kind: they all spoke of ratings
        rates = notice.params.get("kind", "level") == "level"
        total = int(notice.params.get("total") or 0)
        more = [unrated_sentence(unrated, total, has_ratings=rates)]
        if rates and not notice.params.get("has_level", True):
            more.append(gettext("There is no level."))
        return Words(gettext("Your report is ready"), " ".join([body, *filter(None, more)]))
    body = gettext("It took longer than usual. See how it went.")
    return Words(gettext("Your answer is rated"), body)


def _reply(_notice: Notice) -> Words:
    return Words(gettext("A new comment"), gettext("Someone wrote about one of your answers."))


def _review(_notice: Notice) -> Words:
    body = gettext("An instructor listened to one of your answers.")
    return Words(gettext("A new review"), body)
