"""The list of questions: what fits the filters, with what the learner did there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext, ngettext

from accounts.models import User
from materials.models import ItemType, Prompt, name_column
from opic.lib.web.addresses import address_of
from practice.models import PracticeTake
from practice.takes import day_text

PAGE = 30


@dataclass(frozen=True)
class PromptRow:
    """All that the list shows of a prompt, as plain text."""

    url: str
    title: str
    kind: str
    note: str


@dataclass(frozen=True)
class PromptPage:
    """One page of prompts, and the key to go on after."""

    rows: list[PromptRow]
    next_after: str


def _chosen(wanted: dict[str, Any], step: int) -> QuerySet[Prompt]:
    prompts = Prompt.objects.published()
    if wanted.get("step") != "all":
        prompts = prompts.at_step(int(wanted.get("step") or step))
    if "topic" in wanted:
        prompts = prompts.of_topic(wanted["topic"])
    if "type" in wanted:
        prompts = prompts.of_type(wanted["type"])
    return prompts


def page_for(learner: User, wanted: dict[str, Any], step: int, after: str = "") -> PromptPage:
    """Return prompts by key, after a key: no count, no offset, the same cost on every page."""
    mine = PracticeTake.objects.made_by(learner).filter(prompt=OuterRef("pk"))
    tried = mine.order_by().values("prompt")
    prompts = _chosen(wanted, step).annotate(
        take_count=Subquery(tried.annotate(n=Count("pk")).values("n")),
        last_tried_at=Subquery(tried.annotate(at=Max("response__recorded_at")).values("at")),
    )
    if wanted.get("untried"):
        prompts = prompts.filter(take_count=None)
    rows = list(
        prompts.filter(Q(key__gt=after))
        .order_by("key")
        .values_list(
            "pk",
            "key",
            "item_type",
            f"topic__{name_column()}",
            "take_count",
            "last_tried_at",
        )[: PAGE + 1]
    )
    next_after = rows[PAGE - 1][1] if len(rows) > PAGE else ""
    return PromptPage([_row(*row) for row in rows[:PAGE]], next_after)


def _row(
    pk: UUID, _key: str, item_type: str, topic: str, takes: int | None, last_tried_at: datetime
) -> PromptRow:
    return PromptRow(
        url=address_of("practice:prompt-detail").format(pk),
        title=topic,
        kind=str(ItemType(item_type).label),
        note=_note(takes, last_tried_at),
    )


def _note(take_count: int | None, last_tried_at: datetime | None) -> str:
    if not take_count or last_tried_at is None:
        return gettext("not tried yet")
    takes = ngettext("%(count)s take", "%(count)s takes", take_count) % {"count": take_count}
    return f"{takes} · {day_text(last_tried_at)}"
