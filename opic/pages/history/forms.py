"""Filters of past responses."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from materials.models import ItemType
from opic.lib.levels import Level
from opic.lib.web.filter_form import FilterForm
from scoring.raters.base import is_embedded

PRACTICE, TEST, SITTING = "practice", "test", "sitting"
DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]


class HistoryFilterForm(FilterForm):
    """Filters of the list: mode, topic, type of prompt, level and days."""

    mode = forms.ChoiceField(
        label=_("Where"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("", _("All")),
            (PRACTICE, _("Practice")),
            (TEST, _("In tests")),
            (SITTING, _("Whole tests")),
        ],
    )
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    type = forms.ChoiceField(
        label=_("Kind of question"),
        required=False,
        choices=[("", _("All kinds")), *ItemType.choices],
    )
    level = forms.TypedChoiceField(
        label=_("Level"), required=False, coerce=int, choices=[("", _("All levels"))]
    )
    since = forms.DateField(
        label=_("From"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any, topics: list[tuple[str, str]]) -> None:
        super().__init__(data, label_suffix="")
        self.fields["topic"].choices = [("", str(_("All topics"))), *topics]  # type: ignore[attr-defined]
        if is_embedded():  # nothing here has a level
            del self.fields["level"]
        else:
            levels = [("", str(_("All levels"))), *[(level.value, level.name) for level in Level]]
            self.fields["level"].choices = levels  # type: ignore[attr-defined]
