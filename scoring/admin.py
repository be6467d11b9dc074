"""Operators see that responses arrive and settle; what was said takes a permission of its own."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from opic.lib.levels import Level
from opic.lib.web.read_only_admin import ReadOnlyAdmin
from scoring.models import ModelCall, Rating, Response
from scoring.rating import human as human_ratings
from scoring.tasks import queue_rating


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin, admin.ModelAdmin[Response]):
    """Statuses, times and lengths of responses; no sound, no transcript, no name."""

    list_display = [
        "id",
        "status",
        "reason",
        "length_seconds",
        "received_at",
        "settled_at",
        "tries",
    ]
    list_filter = ["status", "reason", "needs_person", "waits_for"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = None
    actions = ["rate_again"]
    fields = [
        "id",
        "status",
        "reason",
        "length_ms",
        "voiced_ms",
        "segments",
        "is_partial",
        "recorded_at",
        "received_at",
        "settled_at",
        "tries",
        "not_before_at",
    ]

    @admin.action(description=_("Measure again"), permissions=["view"])
    def rate_again(self, request: HttpRequest, queryset: QuerySet[Response]) -> None:
        """Queue the chosen responses for a new rating, and say how many were left alone."""
        again = [response for response in queryset if response.rate_again()]
        for response in again:
            queue_rating(response)
        text = ngettext("%(count)d answer queued.", "%(count)d answers queued.", len(again))
        messages.success(request, text % {"count": len(again)})
        if left := len(queryset) - len(again):
            text = ngettext(
                "%(count)d answer left alone: at work, without sound, or without consent.",
                "%(count)d answers left alone: at work, without sound, or without consent.",
                left,
            )
            messages.warning(request, text % {"count": left})


class LevelForm(forms.ModelForm[Rating]):
    """The level that a person gives a response, or a range of levels, and why."""

    class Meta:
        model = Rating
        fields = ["response", "level_low", "level_high", "reason"]
        labels = {"level_low": _("from level"), "level_high": _("to level")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # a rating that is only looked at has no fields to fill in
        for name in {"level_low", "level_high", "reason"} & set(self.fields):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Return the fields. Raises ValidationError: reversed range, or a response not final."""
        data: dict[str, Any] = super().clean() or {}
        low, high = data.get("level_low"), data.get("level_high")
        if low and high and high < low:
            raise forms.ValidationError(_("The second level is below the first."))
        response = data.get("response")
        if response is not None and not response.is_final:
            raise forms.ValidationError(_("This answer is still being rated: try again shortly."))
        return data


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin, admin.ModelAdmin[Rating]):
    """Ratings by machines and people; who may listen may also give a level, and take it back."""

    list_display = [
        "id",
        "response_id",
        "source",
        "kind",
        "rater",
        "level_low",
        "level_high",
        "band_low",
        "band_high",
        "spoke_to_rater",
        "retracted_at",
        "made_at",
    ]
    list_filter = ["source", "kind", "rater", "is_weak"]
    list_per_page = 50
    show_full_result_count = False
    raw_id_fields = ["response"]
    form = LevelForm
    actions = ["take_back"]

    @admin.display(boolean=True, description=_("something was said to the rater"))
    def spoke_to_rater(self, obj: Rating) -> bool:
        """Return whether a part of the answer was said to the rater, and was not counted."""
        return bool(obj.advice.get("has_orders"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("scoring.listen_response"))

    def get_fields(self, request: HttpRequest, obj: Rating | None = None) -> Any:
        given = ["response", "level_low", "level_high", "reason"]
        shown = ["source", "kind", "rater", *given, "band_low", "band_high", "sureness", "made_at"]
        return shown if obj else given

    def save_model(self, request: HttpRequest, obj: Rating, form: Any, change: bool) -> None:
        low, high = Level(form.cleaned_data["level_low"]), Level(form.cleaned_data["level_high"])
        given = human_ratings.give_level(
            obj.response, cast(User, request.user), low, high, form.cleaned_data["reason"]
        )
        if given is None:
            messages.error(request, gettext("This answer is still being rated: try again shortly."))
        else:
            obj.pk = given.pk

    @admin.action(description=_("Take back"), permissions=["add"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Rating]) -> None:
        """Take back the chosen levels that people gave, and say how many these were."""
        done = sum(human_ratings.take_back(rating) for rating in queryset)
        text = ngettext("%(count)d level taken back.", "%(count)d levels taken back.", done)
        messages.success(request, text % {"count": done})


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyAdmin, admin.ModelAdmin[ModelCall]):
    """What calls to models cost. Who spoke is not shown."""

    list_display = [
        "made_at",
        "kind",
        "model",
        "outcome",
        "audio_tokens",
        "text_tokens",
        "output_tokens",
        "cents",
        "seconds",
    ]
    list_filter = ["kind", "outcome", "model"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = None
    fields = ["made_at", "kind", "model", "outcome", "cents", "seconds"]
    readonly_fields = ["cents"]

    @admin.display(description=_("cents"), ordering="cost_microdollars")
    def cents(self, call: ModelCall) -> str:
        """Return the cost in cents, to a thousandth."""
        return f"{call.cost_microdollars / 10_000:.3f}"
