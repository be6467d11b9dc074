"""What a person types about themselves."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Goal, User


class ConsentForm(forms.Form):
    recording = forms.BooleanField(
        label=_("Record my voice and measure how I speak"),
        error_messages={
            "required": _("Without this we may not record, and there is nothing to practise with.")
        },
    )
    abroad = forms.BooleanField(
        label=_("Also send recordings abroad to be rated, where that is set up"), required=False
    )
    time_zone = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name", "time_zone"]


class GoalForm(forms.ModelForm[Goal]):
    class Meta:
        model = Goal
        fields: ClassVar[list[str]] = ["target", "exam_on", "step"]
        widgets: ClassVar[dict[str, Any]] = {"exam_on": forms.DateInput(attrs={"type": "date"})}


class FirstGoalForm(GoalForm):
    """Asked once, after the first take: the name comes with it."""

    name = forms.CharField(label=_("What may we call you?"), max_length=80, required=False)
    field_order = ["name", "target", "exam_on", "step"]
