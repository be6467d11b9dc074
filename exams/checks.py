"""What must hold before anything starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from exams.survey import rules as survey_rules


def survey_variants_are_known(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse a misspelt variant: it would change nothing, and nobody would notice."""
    known = survey_rules.known_variants()
    unknown = sorted(set(settings.OPIC_SURVEY_VARIANTS) - known)
    if not unknown:
        return []
    text = f"OPIC_SURVEY_VARIANTS names {', '.join(unknown)}: known are {', '.join(sorted(known))}."
    return [Error(text, id="opic.E021")]


def register_all() -> None:
    register(survey_variants_are_known)
