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
    AT_WORK = "at_work", _("%(n)d not finished yet")
    DEVICE = "device", _("%(n)d still on your device, or on the way")
    CONSENT = "consent", _("%(n)d waiting for your consent")


COMES_BY_ITSELF = frozenset({Cause.SERVICE, Cause.BUDGET, Cause.AT_WORK, Cause.DEVICE})


def unrated_sentence(counts: Mapping[str, int], total: int, *, has_ratings: bool = True) -> str:
    """Return the sentence for counts by cause; empty where every answer has all it could have.

    Without `has_ratings` an answer that was measured has all.
    """
    all_causes = [cause for cause in Cause if has_ratings or cause is not Cause.MEASURED]
    causes = {cause: counts[cause] for cause in all_causes if counts.get(cause)}
    n = sum(causes.values())
    if not n:
        return ""
    head = (_unrated if has_ratings else _missing)(n) % {"n": n, "total": total}
    why = ", ".join(str(cause.label) % {"n": count} for cause, count in causes.items())
    end = _end(causes, has_ratings=has_ratings)
    return gettext("%(head)s: %(why)s; %(end)s.") % {"head": head, "why": why, "end": end}


def _unrated(n: int) -> str:
    return ngettext(
        "%(n)d of %(total)d answers has no rating",
        "%(n)d of %(total)d answers have no rating",
        n,
    )


def _missing(n: int) -> str:
    return ngettext(
        "%(n)d of %(total)d answers is missing here",
        "%(n)d of %(total)d answers are missing here",
        n,
    )


def _end(causes: Mapping[Cause, int], *, has_ratings: bool) -> str:
    """Return whether what is missing may still come."""
    if not has_ratings:
        return _missing_end(causes)
    if COMES_BY_ITSELF & causes.keys():
        return gettext("what waits comes by itself, and the report is then made anew")
    if Cause.CONSENT in causes:
        return gettext("what waits comes when you agree, and the report is then made anew")
    if Cause.PERSON in causes:
        return gettext("another rating comes only when a person has listened")
    return gettext("no more ratings are to come")


def _missing_end(causes: Mapping[Cause, int]) -> str:
    if COMES_BY_ITSELF & causes.keys():
        return gettext("what is missing comes by itself, and the report is then made anew")
    if Cause.CONSENT in causes:
        return gettext("what is missing comes when you agree, and the report is then made anew")
    return gettext("nothing more is to come")
