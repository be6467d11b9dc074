"""Past answers of both modes, newest first; and a queue of them to listen to.

Keyset paging: a page costs the same wherever it is, and nothing is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.models import User
from materials.models import ItemType, SampleResponse, Topic
from opic.lib.htmx import render_partial
from opic.lib.levels import Level
from scoring.models import Response
from scoring.rated import level_text

PAGE = 30
LISTENED = 10  # entries of the queue
LOOKED_AT = 60  # newest answers it is made of
PRACTICE, TEST = "practice", "test"


class HistoryFilterForm(forms.Form):
    """Filters of the list; what a URL says wrongly is left out, not an error."""

    mode = forms.ChoiceField(
        label=_("Where"),
        required=False,
        choices=[("", _("Practice and tests")), (PRACTICE, _("Practice")), (TEST, _("Tests"))],
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
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any, topics: list[Topic]) -> None:
        super().__init__(data, label_suffix="")
        named = [("", str(_("All topics"))), *[(topic.slug, topic.name) for topic in topics]]
        self.fields["topic"].choices = named  # type: ignore[attr-defined]
        levels = [("", str(_("All levels"))), *[(level.value, level.name) for level in Level]]
        self.fields["level"].choices = levels  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What was asked for, without what makes no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


@dataclass(frozen=True)
class Row:
    """One answer as the list prints it."""

    url: str
    title: str
    kind: str
    where: str
    note: str


def _chosen(person: User, wanted: dict[str, Any]) -> QuerySet[Response]:
    found = Response.objects.spoken_by(person)
    if wanted.get("mode"):
        found = found.filter(attempt_item__isnull=wanted["mode"] == PRACTICE)
    if "topic" in wanted:
        found = found.filter(revision__prompt__topic__slug=wanted["topic"])
    if "type" in wanted:
        found = found.filter(revision__prompt__item_type=wanted["type"])
    if "level" in wanted:
        level = wanted["level"]
        found = found.filter(
            shown_rating__level_low__lte=level, shown_rating__level_high__gte=level
        )
    if "since" in wanted:
        found = found.filter(recorded_at__date__gte=wanted["since"])
    if "until" in wanted:
        found = found.filter(recorded_at__date__lte=wanted["until"])
    return found


def _after(found: QuerySet[Response], key: str) -> QuerySet[Response]:
    """Those older than a key, `<moment>~<id>`; a key that makes no sense is left out."""
    text, _mark, pk = key.partition("~")
    try:
        moment = parse_datetime(text)
        if moment is None or timezone.is_naive(moment):
            return found
        return found.filter(Q(recorded_at__lt=moment) | Q(recorded_at=moment, pk__lt=pk))
    except ValueError:
        return found


def _key(response: Response) -> str:
    return f"{response.recorded_at.isoformat()}~{response.pk}"


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _row(response: Response) -> Row:
    item = getattr(response, "attempt_item", None)
    where = gettext("Test, question %(number)d") % {"number": item.number} if item else ""
    return Row(
        url=reverse("scoring:response-detail", args=[response.pk]),
        title=response.revision.prompt.topic.name,
        kind=response.revision.prompt.get_item_type_display(),
        where=" · ".join(filter(None, [_when(response.recorded_at), where])),
        note=level_text(response.shown_rating) or str(response.get_status_display()),
    )


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = HistoryFilterForm(request.GET, list(Topic.objects.all()))
    wanted = form.wanted()
    found = _after(_chosen(person, wanted), request.GET.get("before", ""))
    shown = found.select_related("revision__prompt__topic", "shown_rating", "attempt_item")
    rows = list(shown.order_by("-recorded_at", "-pk")[: PAGE + 1])
    has_more = len(rows) > PAGE
    context = {
        "form": form,
        "rows": [_row(response) for response in rows[:PAGE]],
        "more": urlencode({**wanted, "before": _key(rows[PAGE - 1])}) if has_more else "",
        "is_filtered": bool(wanted),
    }
    return render_partial(request, "history.html", "history-rows", context)


# --- listening ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Heard:
    """One entry of the queue: what is asked, a good answer, one's own best."""

    title: str
    kind: str
    question: str
    good: str
    own: str


def _best(responses: Sequence[Response]) -> list[Response]:
    """Of each prompt the best answer that still has its sound; the newest prompts first."""
    found: dict[Any, Response] = {}
    for response in responses:
        prompt = response.revision.prompt_id
        if prompt not in found or _worth(response) > _worth(found[prompt]):
            found[prompt] = response
    return list(found.values())[:LISTENED]


def _worth(response: Response) -> int:
    rating = response.shown_rating
    return (rating.points or 0) if rating else 0


def _good(response: Response, samples: dict[Any, SampleResponse]) -> str:
    """Their own answer one step up, else ours."""
    rating = response.shown_rating
    if rating and rating.spoken:
        return reverse("scoring:response-better", args=[response.pk])
    sample = samples.get(response.revision.prompt_id)
    clip = sample.best_clip if sample else None
    return reverse("materials:clip-audio", args=[clip.pk]) if clip else ""


def queue_of(person: User) -> list[Heard]:
    """In three queries, however much there is."""
    mine = Response.objects.spoken_by(person).with_sound().order_by("-recorded_at")
    clips = ("revision__clip", "revision__spare_clip")
    rows = list(mine.select_related("shown_rating", "revision__prompt__topic", *clips)[:LOOKED_AT])
    best = _best(rows)
    wanted = SampleResponse.objects.filter(
        prompt__in=[row.revision.prompt_id for row in best], is_published=True
    )
    samples = {row.prompt_id: row for row in wanted.select_related("clip", "spare_clip")}
    entries = []
    for row in best:
        asked = row.revision.best_clip
        entries.append(
            Heard(
                title=row.revision.prompt.topic.name,
                kind=row.revision.prompt.get_item_type_display(),
                question=reverse("materials:clip-audio", args=[asked.pk]) if asked else "",
                good=_good(row, samples),
                own=reverse("scoring:response-audio", args=[row.pk]),
            )
        )
    return entries


@require_GET
def listen(request: HttpRequest) -> HttpResponse:
    """Question, a pause to think, a good answer, one's own best: for where nobody speaks aloud."""
    return render(request, "listen.html", {"entries": queue_of(cast(User, request.user))})
