"""The criteria, the standards and the three verdicts that a rating is made of. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Criterion(StrEnum):
    """The five headings of the diagnostic report (exam facts C4)."""

    FUNCTIONS = "functions"
    CONTENT = "content"
    TEXT_TYPE = "text_type"
    COMPREHENSIBILITY = "comprehensibility"
    LANGUAGE_CONTROL = "language_control"


class Standard(StrEnum):
    """What a criterion is held to: the language of one major level."""

    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Verdict(StrEnum):
    """How far a criterion holds at a standard."""

    NOT = "not"
    PARTLY = "partly"
    MET = "met"


STEPS = (Verdict.NOT, Verdict.PARTLY, Verdict.MET)
WORTH = {Verdict.NOT: 0.0, Verdict.PARTLY: 0.5, Verdict.MET: 1.0}
Judgements = Mapping[tuple[Criterion, Standard], Verdict]
