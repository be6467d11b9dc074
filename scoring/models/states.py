"""What a response's row says of how far it is, what it waits for, and why it goes no further."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.reasons import Reason


class Status(models.TextChoices):
    """How far a response is; `FINAL` are those for which no worker is due."""

    UPLOADED = "uploaded", _("saved")
    RATING = "rating", _("being listened to")
    MEASURED = "measured", _("measured")
    RATED = "rated", _("rated")
    UNRATABLE = "unratable", _("could not be rated")


FINAL = (Status.MEASURED, Status.RATED, Status.UNRATABLE)


class Waits(models.TextChoices):
    """What the rating of a response waits for while its measures stand alone."""

    NOTHING = "", ""
    VENDOR = "vendor", _("the rating service does not answer")
    REPLY = "reply", _("the rating service sent nothing that can be used")
    PERSON_BUDGET = "person", _("the rated answers of today are used up")
    SITE_BUDGET = "site", _("the site's rated answers of today are used up")
    CONSENT = "consent", _("you have not agreed to processing abroad")
    RECORDING = "record", _("you have not agreed to recording")


# nothing was said that could be judged: in a sitting such a response counts as a skipped question
SKIPPED_REASONS = frozenset(
    {
        Reason.NOT_HEARD,
        Reason.WRONG_LANGUAGE,
        Reason.TOO_SHORT,
        Reason.ONLY_QUESTION,
        Reason.NO_SENTENCES,
    }
)
