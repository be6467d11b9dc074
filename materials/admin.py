"""Admin pages of the prompt bank: write texts, listen to them, publish and retire prompts."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from materials.models import (
    ComboSet,
    Prompt,
    PromptRevision,
    SampleResponse,
    SpokenText,
    Topic,
    VoiceClip,
)
from materials.tasks import queue_voice
from opic.lib.web.read_only_admin import ReadOnlyAdmin


def listen(row: SpokenText | None) -> SafeString | str:
    """Return a small audio player for a stored text, or a note that it has no voice yet."""
    clip = row.best_clip if row else None
    if clip is None:
        return gettext("not voiced yet")
    url = reverse("materials:clip-audio", args=[clip.pk])
    return format_html('<audio controls preload="none" src="{}"></audio>', url)


class LinesField(forms.JSONField):
    """A list of short texts, typed one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the typed lines without empty ones; a list is returned as it is."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed as it is: JSONField would read it as JSON."""
        return data


class RevisionForm(forms.ModelForm[PromptRevision]):
    """A wording of a prompt, with 3 to 5 points and 4 to 8 useful expressions."""

    points = LinesField(label=_("Points a good answer contains (one a line, 3 to 5)"))
    expressions = LinesField(label=_("Useful expressions (one a line, 4 to 8)"))

    class Meta:
        model = PromptRevision
        fields = ["text", "points", "expressions"]

    def clean_points(self) -> list[str]:
        return self._between("points", 3, 5)

    def clean_expressions(self) -> list[str]:
        return self._between("expressions", 4, 8)

    def _between(self, name: str, least: int, most: int) -> list[str]:
        lines: list[str] = self.cleaned_data[name]
        if not least <= len(lines) <= most:
            text = _("Write %(least)d to %(most)d lines; there are %(now)d.")
            raise forms.ValidationError(text % {"least": least, "most": most, "now": len(lines)})
        return lines


class RevisionInline(admin.StackedInline[PromptRevision, Prompt]):
    """Wordings of a prompt. A new wording is a new revision; existing ones are never edited."""

    model = PromptRevision
    form = RevisionForm
    fields = ["number", "text", "points", "expressions", "hear"]
    readonly_fields = ["number", "hear"]
    extra = 0
    verbose_name = _("wording")
    verbose_name_plural = _("wordings, newest first")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptRevision]:
        return super().get_queryset(request).select_related("clip", "spare_clip")

    def has_change_permission(self, request: HttpRequest, obj: Prompt | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Prompt | None = None) -> bool:
        return False

    @admin.display(description=_("listen"))
    def hear(self, row: PromptRevision) -> SafeString | str:
        """Return a player for this wording."""
        return listen(row)


class SampleInline(admin.StackedInline[SampleResponse, Prompt]):
    """Sample responses of a prompt."""

    model = SampleResponse
    fields = ["level", "text", "is_published", "hear"]
    readonly_fields = ["hear"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[SampleResponse]:
        return super().get_queryset(request).select_related("clip", "spare_clip")

    @admin.display(description=_("listen"))
    def hear(self, row: SampleResponse) -> SafeString | str:
        """Return a player for this sample."""
        return listen(row)


class VoicedFilter(admin.SimpleListFilter):
    """A filter of prompts by which kind of voice reads their published wording."""

    title = _("voice")
    parameter_name = "voice"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("good", _("neural or human")), ("spare", _("built-in only")), ("none", _("none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions: dict[str, dict[str, Any]] = {
            "good": {"published__clip__isnull": False},
            "spare": {"published__clip": None, "published__spare_clip__isnull": False},
            "none": {"published": None},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


@admin.register(Prompt)
class PromptAdmin(admin.ModelAdmin[Prompt]):
    """Prompts in the admin: new wordings, publishing, retiring and bringing back."""

    list_display = ["key", "topic", "item_type", "steps", "wording", "hear", "state"]
    list_filter = ["item_type", VoicedFilter, "min_step", "topic__kind", "is_built_in", "topic"]
    search_fields = ["key", "published__text", "topic__name_en", "topic__name_ko", "topic__name_vi"]
    list_select_related = ["topic", "published__clip", "published__spare_clip"]
    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ["topic", "combo_set"]
    fields = ["key", "topic", "item_type", ("min_step", "max_step"), ("combo_set", "place_in_set")]
    inlines = [RevisionInline, SampleInline]
    actions = ["publish_newest", "retire", "restore"]

    @admin.display(description=_("steps"))
    def steps(self, prompt: Prompt) -> str:
        """Return the range of self-assessment steps, as `3-5`."""
        return f"{prompt.min_step}-{prompt.max_step}"

    @admin.display(description=_("asks"))
    def wording(self, prompt: Prompt) -> str:
        """Return the beginning of the published text."""
        return prompt.published.text[:90] if prompt.published else "-"

    @admin.display(description=_("listen"))
    def hear(self, prompt: Prompt) -> SafeString | str:
        """Return a player for the published wording."""
        return listen(prompt.published)

    @admin.display(description=_("state"))
    def state(self, prompt: Prompt) -> str:
        """Return in words whether the prompt is a draft, published or retired."""
        if prompt.retired_at:
            return gettext("retired")
        return gettext("published") if prompt.published_id else gettext("draft")

    def has_delete_permission(self, request: HttpRequest, obj: Prompt | None = None) -> bool:
        """Allow nobody: prompts are retired, so that responses keep their prompt."""
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in rows:
            if isinstance(row, PromptRevision):
                newest = row.prompt.latest
                row.number = newest.number + 1 if newest else 1
                row.made_by = request.user  # type: ignore[assignment]
            elif "text" in next(f.changed_data for f in formset.forms if f.instance is row):
                row.clip = row.spare_clip = None
            row.save()
            queue_voice(row)
        for row in formset.deleted_objects:
            row.delete()
        if rows:
            text = gettext("The new text is being read aloud. Listen to it here, then publish it.")
            messages.info(request, text)

    @admin.action(description=_("Publish the newest wording"), permissions=["change"])
    def publish_newest(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> None:
        """Publish the newest wording of each prompt; say which ones have no voice yet."""
        newest = Prefetch("revisions", PromptRevision.objects.order_by("-number"))
        silent = []
        for prompt in queryset.prefetch_related(newest):
            revisions = list(prompt.revisions.all())
            if not revisions or not revisions[0].publish():
                silent.append(prompt.key)
        done = queryset.count() - len(silent)
        text = ngettext("%(count)d question published.", "%(count)d questions published.", done)
        messages.success(request, text % {"count": done})
        if silent:
            text = gettext("Not voiced yet, so not published: %(keys)s.")
            messages.warning(request, text % {"keys": ", ".join(silent)})

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> None:
        """Take the chosen prompts out of use."""
        done = sum(prompt.retire() for prompt in queryset)
        text = ngettext("%(count)d question retired.", "%(count)d questions retired.", done)
        messages.success(request, text % {"count": done})

    @admin.action(description=_("Bring back"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> None:
        """Bring the chosen prompts back into use."""
        done = sum(prompt.restore() for prompt in queryset)
        text = ngettext("%(count)d question is back.", "%(count)d questions are back.", done)
        messages.success(request, text % {"count": done})


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin[Topic]):
    """Topics in the admin, with the number of their prompts."""

    list_display = ["name_en", "name_ko", "name_vi", "kind", "live_prompts"]
    list_filter = ["kind"]
    search_fields = ["slug", "name_en", "name_ko", "name_vi"]
    prepopulated_fields = {"slug": ["name_en"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return super().get_queryset(request).annotate(prompt_count=Count("prompts"))

    @admin.display(description=_("questions"), ordering="prompt_count")
    def live_prompts(self, topic: Topic) -> int:
        """Return how many prompts the topic has, retired ones included."""
        return int(getattr(topic, "prompt_count", 0))


@admin.register(ComboSet)
class ComboSetAdmin(admin.ModelAdmin[ComboSet]):
    """Combo sets in the admin, with the keys of their prompts."""

    list_display = ["key", "kind", "topic", "name_en", "members"]
    list_filter = ["kind"]
    search_fields = ["key", "name_en"]
    list_select_related = ["topic"]
    autocomplete_fields = ["topic"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComboSet]:
        return super().get_queryset(request).prefetch_related("prompts")

    @admin.display(description=_("questions"))
    def members(self, combo: ComboSet) -> SafeString:
        """Return the keys of the set's prompts, separated by commas."""
        return format_html_join(", ", "{}", ((prompt.key,) for prompt in combo.prompts.all()))


@admin.register(SampleResponse)
class SampleResponseAdmin(admin.ModelAdmin[SampleResponse]):
    """Sample responses in the admin: write, listen, show to learners or hide."""

    list_display = ["prompt", "level", "beginning", "hear", "is_published"]
    list_filter = ["level", "is_published", "prompt__item_type"]
    search_fields = ["prompt__key", "text"]
    list_select_related = ["prompt", "clip", "spare_clip"]
    list_per_page = 50
    autocomplete_fields = ["prompt"]
    fields = ["prompt", "level", "text", "is_published", "hear"]
    readonly_fields = ["hear"]
    actions = ["publish", "withdraw"]

    @admin.display(description=_("text"))
    def beginning(self, sample: SampleResponse) -> str:
        """Return the first 90 characters of the text."""
        return sample.text[:90]

    @admin.display(description=_("listen"))
    def hear(self, sample: SampleResponse) -> SafeString | str:
        """Return a player for this sample."""
        return listen(sample)

    def save_model(
        self, request: HttpRequest, obj: SampleResponse, form: Any, change: bool
    ) -> None:
        if "text" in form.changed_data:
            obj.clip = obj.spare_clip = None
        super().save_model(request, obj, form, change)
        queue_voice(obj)

    @admin.action(description=_("Show to learners"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[SampleResponse]) -> None:
        """Show the chosen samples to learners."""
        queryset.update(is_published=True)

    @admin.action(description=_("Hide from learners"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[SampleResponse]) -> None:
        """Stop showing the chosen samples to learners."""
        queryset.update(is_published=False)


@admin.register(VoiceClip)
class VoiceClipAdmin(ReadOnlyAdmin, admin.ModelAdmin[VoiceClip]):
    """Voice clips in the admin, to read only."""

    list_display = ["id", "source", "voice", "rate", "seconds", "size_bytes", "made_at"]
    list_filter = ["source", "voice"]
    show_full_result_count = False
