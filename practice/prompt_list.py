"""The list of questions: what fits the filters, with what the learner did there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    OuterRef,
    PositiveSmallIntegerField,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.utils.translation import gettext, ngettext

from accounts.models import User
from materials.models import ItemType, Prompt, name_column
from opic.lib.stores.prepared import Given, PreparedQuery
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


def _rows(asked: frozenset[str], name: str) -> QuerySet[Prompt, Any]:
    """Prompts by key, after a key: no count, no offset, the same cost on every page. The newest
    take is looked up, and its number of takes is counted in an index: neither reads answers.
    """
    takes = PracticeTake.objects.made_by(Given("learner", UUIDField()))
    mine = takes.filter(prompt=OuterRef("pk"))
    prompts = Prompt.objects.published().annotate(
        take_count=Subquery(mine.order_by().values("prompt").annotate(n=Count("*")).values("n")),
        last_tried_at=Subquery(mine.order_by("-number").values("response__recorded_at")[:1]),
    )
    if "step" in asked:
        prompts = prompts.at_step(Given("step", PositiveSmallIntegerField()))
    if "topic" in asked:
        prompts = prompts.filter(topic__slug=Given("topic", CharField()))
    if "type" in asked:
        prompts = prompts.filter(item_type=Given("type", CharField()))
    if "untried" in asked:
        prompts = prompts.filter(take_count=None)
    columns = ("pk", "key", "item_type", f"topic__{name}", "take_count", "last_tried_at")
    ordered = prompts.filter(key__gt=Given("after", CharField())).order_by("key")
    return ordered.values_list(*columns)[: PAGE + 1]


_PROMPTS: PreparedQuery[tuple[Any, ...]] = PreparedQuery(_rows)


def page_for(learner: User, wanted: dict[str, Any], step: int, after: str = "") -> PromptPage:
    """Return a page of what fits the filters; of the learner's own step, unless they say which."""
    given = {**wanted, "step": wanted.get("step") or step}
    asked = {name for name in ("topic", "type", "untried") if given.get(name)}
    if given["step"] != "all":
        asked.add("step")
    rows = _PROMPTS.rows(frozenset(asked), name_column(), **given, learner=learner.pk, after=after)
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
