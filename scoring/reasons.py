"""Why a response has no level. Below the models and the raters, which both name it; no tables."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
