"""A set-up of the survey that nobody meant stops the start."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings


def errors():
    return [str(error.msg) for error in run_checks() if error.id == "opic.E021"]


def test_known_variants_pass():
    assert errors() == []
    with override_settings(OPIC_SURVEY_VARIANTS=["military", "art-galleries", "croquet"]):
        assert errors() == []


@pytest.mark.parametrize("name", ["croqet", "Military", "art galleries", ""])
def test_any_other_is_named_with_what_is_known(name):
    with override_settings(OPIC_SURVEY_VARIANTS=["military", name]):
        (text,) = errors()
    assert name in text
    assert "art-galleries, croquet, military" in text
