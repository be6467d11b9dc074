"""What a candidate answers before a sitting, and tells after the real one."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exams.labels import STEPS
from exams.models import Attempt, OfficialLevel


class StepForm(forms.Form):
    """One of six statements, and how faithful the sitting is to be."""

    step = forms.TypedChoiceField(
        coerce=int,
        choices=list(STEPS.items()),
        error_messages={"required": _("Choose the sentence that fits you best.")},
    )
    mode = forms.ChoiceField(choices=Attempt.Mode, initial=Attempt.Mode.REAL)


class OfficialLevelForm(forms.ModelForm[OfficialLevel]):
    class Meta:
        model = OfficialLevel
        fields: ClassVar[list[str]] = ["level", "taken_on"]
        labels: ClassVar[dict[str, Any]] = {
            "level": _("Official level"),
            "taken_on": _("Day of the exam"),
        }
        widgets: ClassVar[dict[str, Any]] = {"taken_on": forms.DateInput(attrs={"type": "date"})}

    def clean_taken_on(self) -> date:
        taken_on: date = self.cleaned_data["taken_on"]
        if taken_on > timezone.localdate():
            raise forms.ValidationError(_("That day is still to come."))
        return taken_on
