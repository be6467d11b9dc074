"""What the report of a test holds on this site: said before it, and by its own words after it."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts import consents
from accounts.models import User
from exams.labels import Text
from exams.models import AttemptItem
from exams.outcomes import ItemOutcome, Outcome, facts_of
from scoring.ears.base import NO_EARS, has_local_ears
from scoring.raters.base import is_embedded


class ReportKind(TextChoices):
    """The most that a report holds."""

    LEVEL = "level"  # one level, with its evidence
    WORDS = "words"  # what was heard, and the measures
    MEASURES = "measures"  # length, pace and pauses alone


HOLDS: dict[str, Text] = {
    ReportKind.LEVEL: _("The report: one level with its evidence, and every answer by itself."),
    ReportKind.WORDS: _(
        "The report: what was heard, and length, pace and pauses of every answer, beside your"
        " target. No level on this site."
    ),
    ReportKind.MEASURES: _(
        "The report: length, pace and pauses of every answer, beside your target. No level on this"
        " site: nobody hears the words."
    ),
}
HOLDS_WITHOUT_CONSENT: dict[str, Text] = {
    ReportKind.WORDS: _(
        "The report: what was heard, and length, pace and pauses of every answer, beside your"
        " target. No level, because you have not agreed to processing abroad."
    ),
    ReportKind.MEASURES: _(
        "The report: length, pace and pauses of every answer, beside your target. No level, because"
        " you have not agreed to processing abroad."
    ),
}


def report_kind() -> ReportKind:
    """Return the most that a report of this site can hold, by the settings alone."""
    if not is_embedded():
        return ReportKind.LEVEL
    return ReportKind.MEASURES if settings.OPIC_EARS == NO_EARS else ReportKind.WORDS


def report_kind_for(person: User) -> ReportKind:
    """Return the most that a report of this person can hold: what leaves takes their consent."""
    kind = report_kind()
    if not consents.what_leaves() or consents.may_send_abroad(person):
        return kind
    # their voice is heard on this site's own server or not at all
    is_heard = has_local_ears() if consents.voice_leaves() else settings.OPIC_EARS != NO_EARS
    return ReportKind.WORDS if is_heard else ReportKind.MEASURES


def kind_of(
    person: User, items: Sequence[AttemptItem], outcomes: Sequence[ItemOutcome]
) -> ReportKind:
    """Return what a report of these items holds, or will: the settings may have changed since."""
    if any(one.outcome is Outcome.RATED for one in outcomes):
        return ReportKind.LEVEL
    kind = report_kind_for(person)
    has_words = any(facts_of(item) for item in items)
    return ReportKind.WORDS if has_words and kind is ReportKind.MEASURES else kind


def holds_text(kind: ReportKind) -> str:
    """Return what the report of somebody with this kind will hold, as said before a test."""
    if kind is not ReportKind.LEVEL and report_kind() is ReportKind.LEVEL:
        return str(HOLDS_WITHOUT_CONSENT[kind])
    return str(HOLDS[kind])
