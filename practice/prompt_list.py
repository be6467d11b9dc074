"""The list of questions: what fits the filters, with what the learner did there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from materials.models import Prompt
from practice.models import PracticeTake
from practice.takes import day_text

PAGE = 30


@dataclass(frozen=True)
class PromptPage:
    """One page of prompts, and the key to go on after."""

    prompts: Sequence[Prompt]
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
    """Prompts by key, after a key: no count, no offset, the same cost on every page."""
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
        .select_related("topic", "published")
        .order_by("key")[: PAGE + 1]
    )
    for row in rows:
        tried_at = row.last_tried_at
        row.last_tried = day_text(tried_at) if tried_at else ""  # type: ignore[attr-defined]
    return PromptPage(rows[:PAGE], rows[PAGE - 1].key if len(rows) > PAGE else "")
