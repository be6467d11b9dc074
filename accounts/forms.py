"""Forms for consents, settings, the goal, notices and push subscriptions."""

from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import consents
from accounts.models import Consent, Goal, NoticeSettings, User
from accounts.push import subscriptions
from accounts.push.vapid import is_point
from accounts.texts.steps import STEP_STATEMENTS
from accounts.texts.zones import zone_choices
from opic.lib.base64url import bytes_of
from opic.lib.levels import Level, step_for
from opic.lib.web.params import within_calendar


class ConsentForm(forms.Form):
    """The consents between signing up and speaking, and the browser's time zone.

    Beside recording only what leaves this site is asked for: the voice, or the words.
    """

    recording = forms.BooleanField(
        label=_("Record my voice and measure how I speak"),
        error_messages={
            "required": _("Without this we may not record, and there is nothing to practise with.")
        },
    )
    abroad = forms.BooleanField(
        label=_("Also send my recordings to be heard and rated"), required=False
    )
    words = forms.BooleanField(
        label=_("Also send the words of my answers, not my voice, to be rated"), required=False
    )
    time_zone = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaves = consents.what_leaves()
        for kind in {Consent.Kind.ABROAD, Consent.Kind.WORDS} - {self.leaves}:
            del self.fields[kind]

    @property
    def leaving(self) -> forms.BoundField | None:
        """Return the field that asks for what leaves this site; None where nothing does."""
        return self[self.leaves] if self.leaves else None


class ProfileForm(forms.ModelForm[User]):
    """A person's name and time zone."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Your days begin and end by it: streak, reminder and the day of the exam."),
        error_messages={
            "required": _("Choose a time zone from the list."),
            "invalid_choice": _("There is no such time zone. Choose one from the list."),
        },
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = zone_choices(self.instance.time_zone)


class TargetForm(forms.ModelForm[Goal]):
    """A learner's target level and exam date; the step follows from the target.

    Who has no goal yet finds no level chosen.
    """

    class Meta:
        model = Goal
        fields: ClassVar[list[str]] = ["target", "exam_on"]
        widgets: ClassVar[dict[str, Any]] = {"exam_on": forms.DateInput(attrs={"type": "date"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            target = cast(forms.TypedChoiceField, self.fields["target"])
            target.choices = [("", _("Choose a level")), *Level.choices()]
            self.initial.update(target="", step="")

    def save(self, commit: bool = True) -> Goal:
        """Save the goal with the step that was chosen, else the one that serves the target."""
        step = self.cleaned_data.get("step")
        self.instance.step = step or step_for(Level(self.instance.target))
        return super().save(commit)


class FirstGoalForm(TargetForm):
    """The goal as it is asked for once, after the first take, together with the name."""

    name = forms.CharField(label=_("What may we call you?"), max_length=80, required=False)
    field_order = ["name", "target", "exam_on"]


class GoalForm(TargetForm):
    """A learner's target level, exam date and self-assessment step."""

    step = forms.TypedChoiceField(
        label=_("Step"),
        choices=[
            ("", _("The step that serves my target")),
            *((step, format_lazy("{} · {}", step, text)) for step, text in STEP_STATEMENTS.items()),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    class Meta(TargetForm.Meta):
        fields: ClassVar[list[str]] = ["target", "exam_on", "step"]


class NoticeForm(forms.ModelForm[NoticeSettings]):
    """Which kinds of notices are pushed to devices, and when.

    Without Web Push (`has_push`) only the reminder is left. Kinds that nothing sends have no
    switch; their stored values stay.
    """

    class Meta:
        model = NoticeSettings
        fields: ClassVar[list[str]] = [
            "push_reminder",
            "reminder_hour",
            "push_result",
            "quiet_from",
            "quiet_to",
        ]

    def __init__(self, *args: Any, has_push: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_push:
            for name in set(self.fields) - {"push_reminder", "reminder_hour"}:
                del self.fields[name]


class NoticesReadForm(forms.Form):
    """Up to which moment notices were read."""

    until = forms.DateTimeField()

    def clean_until(self) -> datetime:
        return within_calendar(self.cleaned_data["until"])


class PushAddressForm(forms.Form):
    """The endpoint of a push subscription; only known push services are accepted."""

    endpoint = forms.CharField(max_length=500)

    def clean_endpoint(self) -> str:
        """Return the endpoint as we store it; raise ValidationError for an unknown service."""
        endpoint = subscriptions.parse_endpoint(str(self.cleaned_data["endpoint"]))
        if endpoint is None:
            raise forms.ValidationError("not a push service we know", code="unknown")
        return endpoint


class PushForm(PushAddressForm):
    """A push subscription: its endpoint, and the keys to encrypt messages with (RFC 8291)."""

    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=100)

    def clean_p256dh(self) -> str:
        """Return the browser's public key; raise ValidationError unless it is a point of P-256."""
        if not is_point(self.cleaned_data["p256dh"]):
            raise forms.ValidationError("not a key", code="key")
        return str(self.cleaned_data["p256dh"])

    def clean_auth(self) -> str:
        """Return the shared secret in base64url; raise ValidationError unless it has 16 bytes."""
        if len(bytes_of(self.cleaned_data["auth"])) != 16:
            raise forms.ValidationError("not a secret", code="key")
        return str(self.cleaned_data["auth"])
