"""What a candidate says before a sitting, and of the real exam afterwards."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.texts.steps import STEP_STATEMENTS
from exams.models import Attempt, OfficialLevel


class StepForm(forms.Form):
    """The self-assessment, one of six statements, and the mode of the sitting."""

    step = forms.TypedChoiceField(
        coerce=int,
        choices=list(STEP_STATEMENTS.items()),
        error_messages={"required": _("Choose the sentence that fits you best.")},
    )
    mode = forms.ChoiceField(choices=Attempt.Mode, initial=Attempt.Mode.REAL)
    # a test that is open, to be given up for this one
    given_up = forms.UUIDField(required=False)


class OfficialLevelForm(forms.ModelForm[OfficialLevel]):
    """The level of a real exam, and its day."""

    class Meta:
        model = OfficialLevel
        fields: ClassVar[list[str]] = ["level", "taken_on"]
        labels: ClassVar[dict[str, Any]] = {
            "level": _("Official level"),
            "taken_on": _("Day of the exam"),
        }
        widgets: ClassVar[dict[str, Any]] = {"taken_on": forms.DateInput(attrs={"type": "date"})}

    def clean_taken_on(self) -> date:
        """Return the day of the exam. Raises ValidationError for one that is still to come."""
        taken_on: date = self.cleaned_data["taken_on"]
        if taken_on > timezone.localdate():
            raise forms.ValidationError(_("That day is still to come."))
        return taken_on
