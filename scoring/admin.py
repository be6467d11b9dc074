"""Operators see that answers come in and settle; what was said takes a permission of its own."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scoring.models import Rating, Response
from scoring.tasks import queue_rating


class ReadOnlyAdmin:
    """Rows that only the product itself writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin, admin.ModelAdmin[Response]):
    """No audio, no transcript, no name in the list: states, times and lengths."""

    list_display = [
        "id",
        "status",
        "reason",
        "length_seconds",
        "received_at",
        "settled_at",
        "tries",
    ]
    list_filter = ["status", "reason"]
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
        again = [response for response in queryset if response.rate_again()]
        for response in again:
            queue_rating(response)
        text = ngettext("%(count)d answer queued.", "%(count)d answers queued.", len(again))
        messages.success(request, text % {"count": len(again)})


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin, admin.ModelAdmin[Rating]):
    list_display = ["id", "source", "kind", "rater", "band_low", "band_high", "made_at"]
    list_filter = ["source", "kind", "rater"]
    list_per_page = 50
    show_full_result_count = False
    fields = [
        "source",
        "kind",
        "rater",
        "level_low",
        "level_high",
        "band_low",
        "band_high",
        "made_at",
    ]
