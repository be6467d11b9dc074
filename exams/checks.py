"""System checks of the settings for the exam."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from exams.survey import rules as survey_rules


def survey_variants_exist(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse a misspelt variant: it would change nothing, and nobody would notice."""
    existing = survey_rules.variant_names()
    unknown = sorted(set(settings.OPIC_SURVEY_VARIANTS) - existing)
    if not unknown:
        return []
    text = (
        f"OPIC_SURVEY_VARIANTS names {', '.join(unknown)}: known are {', '.join(sorted(existing))}."
    )
    return [Error(text, id="opic.E021")]


def register_all() -> None:
    """Register these checks with Django."""
    register(survey_variants_exist)
