"""How many answers of a test have no rating, why, and whether one may still come.

One sentence, the same in the report, in print and in the notice of it. It knows counts by cause and
nothing of the answers.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _


class Cause(TextChoices):
    """Why an answer has no rating; the label goes on after the number of answers."""

    TECHNICAL = "technical", _("%(n)d lost for technical reasons")
    NO_CONSENT = "no_consent", _("%(n)d left alone without your consent")
    PERSON = "person", _("%(n)d left to a person")
    MEASURED = "measured", _("%(n)d only measured")
    SERVICE = "service", _("%(n)d waiting for the rating service")
    BUDGET = "budget", _("%(n)d waiting for the ratings of another day")
    AT_WORK = "at_work", _("%(n)d being listened to")
    DEVICE = "device", _("%(n)d still on your device, or on the way")
    CONSENT = "consent", _("%(n)d waiting for your consent")


COMES_BY_ITSELF = frozenset({Cause.SERVICE, Cause.BUDGET, Cause.AT_WORK, Cause.DEVICE})


def unrated_sentence(counts: Mapping[str, int], total: int) -> str:
    """Return the sentence for counts by cause; empty where every answer has its rating."""
    causes = {cause: counts[cause] for cause in Cause if counts.get(cause)}
    n = sum(causes.values())
    if not n:
        return ""
    head = ngettext(
        "%(n)d of %(total)d answers has no rating",
        "%(n)d of %(total)d answers have no rating",
        n,
    ) % {"n": n, "total": total}
    why = ", ".join(str(cause.label) % {"n": count} for cause, count in causes.items())
    return gettext("%(head)s: %(why)s; %(end)s.") % {"head": head, "why": why, "end": _end(causes)}


def _end(causes: Mapping[Cause, int]) -> str:
    """Return whether a rating may still come."""
    if COMES_BY_ITSELF & causes.keys():
        return gettext("what waits comes by itself, and the report is then made anew")
    if Cause.CONSENT in causes:
        return gettext("what waits comes when you agree, and the report is then made anew")
    if Cause.PERSON in causes:
        return gettext("another rating comes only when a person has listened")
    return gettext("no more ratings are to come")
