"""What a response's row says of how far it is, what it waits for, and why it goes no further."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class Reason(models.TextChoices):
    """Why a response could not be rated, or why its rating is left to a person."""

    NOT_HEARD = "not_heard", _("no speech was heard")
    WRONG_LANGUAGE = "wrong_language", _("it was not in English")
    TOO_SHORT = "too_short", _("it was too short")
    GAVE_UP = "gave_up", _("every try failed")
    TECHNICAL = "technical", _("the recording could not be read")
    NO_CONSENT = "no_consent", _("you took back your consent to recording")
    ONLY_QUESTION = "only_question", _("it only repeated the question")
    NO_SENTENCES = "no_sentences", _("its words made no sentences")
    # measured, and left to a person
    WORDS = "words", _("the words written down do not fit the recording")
    ORDER = "order", _("something in it was said to the rater")
    EVIDENCE = "evidence", _("the judgements had no evidence in it")
    REPLY = "reply", _("the rating service sent nothing that can be used")
    REFUSED = "refused", _("the rating service refused it")
    SET_ASIDE = "set_aside", _("the rating service fails on this answer alone")


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
