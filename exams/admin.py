"""The operator's view of attempts: statuses, and gaps of the bank; nothing that anybody said."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exams import official_agreement
from exams.models import Attempt, AttemptItem, OfficialLevel
from opic.lib.web.read_only_admin import ReadOnlyAdmin


class ItemInline(ReadOnlyAdmin, admin.TabularInline[AttemptItem, Attempt]):
    """The items of an attempt, in a table."""

    model = AttemptItem
    fields = ("number", "item_type", "source", "purpose", "fallback", "is_skipped", "is_late")
    can_delete = False


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin, admin.ModelAdmin[Attempt]):
    """Attempts, and how many of their items are fallbacks: there a step needs more prompts."""

    list_display = ("id", "status", "mode", "assessment", "fallbacks", "made_at", "submitted_at")
    list_filter = ("status", "mode")
    list_select_related = ("assessment",)
    list_per_page = 50
    show_full_result_count = False
    inlines = (ItemInline,)
    fields = (
        "id",
        "status",
        "mode",
        "assessment",
        "blueprint_version",
        "bank_revision",
        "seed",
        "position",
        "item_count",
        "started_at",
        "deadline_at",
        "break_seconds",
        "submitted_at",
        "is_overdue",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        gaps = Count("items", filter=~Q(items__fallback=""))
        return super().get_queryset(request).annotate(gaps=gaps).order_by("-made_at")

    @admin.display(description=_("questions that gave way"), ordering="gaps")
    def fallbacks(self, attempt: Attempt) -> int:
        """Return how many items were not what the blueprint wanted."""
        return int(attempt.gaps)  # type: ignore[attr-defined]


@admin.register(OfficialLevel)
class OfficialLevelAdmin(ReadOnlyAdmin, admin.ModelAdmin[OfficialLevel]):
    """Our levels beside official ones, as figures over all: no person is named."""

    list_display = ("level", "taken_on", "told_at")
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "exams/admin_official.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "agreement": official_agreement.summary()}
        return super().changelist_view(request, context)
