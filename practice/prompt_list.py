"""The list of questions: what fits the filters, with what the learner did there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    Exists,
    Max,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.db.models.functions import Coalesce, Substr
from django.utils.translation import gettext, ngettext

from accounts.models import User
from materials.models import ItemType, PickedTopic, Prompt, name_column, sort_column
from materials.packs_reader import SET_TYPES
from opic.lib.stores.prepared import Given, PreparedQuery
from opic.lib.web.addresses import address_of
from practice.models import PracticeTake
from practice.takes import day_text
from scoring.models import Response

PAGE = 30
WORDS = 130  # letters of the question, enough for two lines of a phone
FILTERS = ("topic", "type", "untried", "mine")


@dataclass(frozen=True)
class PromptRow:
    """All that the list shows of a prompt, as plain text.

    `topic` is the heading above it, where another topic begins; `is_in_set` says that it goes on
    from the row before, or that the next one goes on from it.
    """

    url: str
    topic: str
    is_picked: bool
    is_in_set: bool
    words: str
    kind: str
    note: str


@dataclass(frozen=True)
class PromptPage:
    """One page of prompts, and the key to go on after."""

    rows: list[PromptRow]
    next_after: str


class _Read(NamedTuple):
    """The columns of a row, as they are read."""

    pk: UUID
    key: str
    item_type: str
    topic_slug: str
    topic: str
    is_picked: bool
    set_name: str | None
    set_kind: str | None
    place: int
    words: str
    take_count: int | None
    last_tried_at: datetime | None
    last_tested_at: datetime | None
    topic_before: str | None


# by topic as the reader's language sorts; in a topic by key, a set in its own order under its key
def _places(sort: str) -> dict[str, str]:
    return {"sort": f"topic__{sort}", "group": "group", "place": "place_in_set", "key": "key"}


def _later(sort: str) -> Q:
    """Return the condition that a prompt stands after the one with the key `after`."""
    last = Prompt.objects.filter(key=Given("after", CharField()))
    last = last.annotate(group=Coalesce("combo_set__key", "key"))
    later, same = Q(), Q()
    for column in _places(sort).values():
        value = Subquery(last.order_by().values(column)[:1])
        later |= same & Q(**{f"{column}__gt": value})
        same &= Q(**{column: value})
    return later


def _chosen(asked: frozenset[str], sort: str) -> QuerySet[Prompt]:
    """Return the prompts of one page and the first of the next: no count, no offset."""
    learner = Given("learner", UUIDField())
    prompts = Prompt.objects.published().annotate(group=Coalesce("combo_set__key", "key"))
    if "step" in asked:
        prompts = prompts.at_step(Given("step", PositiveSmallIntegerField()))
    if "topic" in asked:
        prompts = prompts.filter(topic__slug=Given("topic", CharField()))
    if "type" in asked:
        prompts = prompts.filter(item_type=Given("type", CharField()))
    if "untried" in asked:
        spoken = Response.objects.spoken_by(learner)
        prompts = prompts.exclude(Exists(spoken.filter(revision__prompt=OuterRef("pk"))))
    if "mine" in asked:
        picked = PickedTopic.objects.picked_by(learner)
        prompts = prompts.filter(Exists(picked.filter(topic=OuterRef("topic"))))
    if "after" in asked:
        prompts = prompts.filter(_later(sort))
    return prompts.order_by(*_places(sort).values())[: PAGE + 1]


def _rows(asked: frozenset[str], name: str, sort: str) -> QuerySet[Prompt, Any]:
    """Rows of a page. What the learner did is looked up for these alone, in indexes."""
    learner = Given("learner", UUIDField())
    mine = PracticeTake.objects.made_by(learner).filter(prompt=OuterRef("pk"))
    spoken = Response.objects.spoken_by(learner).filter(revision__prompt=OuterRef("pk"))
    tested = spoken.filter(practice_take=None).order_by().values("speaker")
    picked = PickedTopic.objects.picked_by(learner).filter(topic=OuterRef("topic"))
    before = Prompt.objects.filter(key=Given("after", CharField())).order_by()
    return (
        Prompt.objects.filter(pk__in=_chosen(asked, sort).values("pk"))
        .annotate(
            group=Coalesce("combo_set__key", "key"),
            is_picked=Exists(picked),
            words=Substr("published__text", 1, WORDS),
            take_count=Subquery(
                mine.order_by().values("prompt").annotate(n=Count("*")).values("n")
            ),
            last_tried_at=Subquery(mine.order_by("-number").values("response__recorded_at")[:1]),
            last_tested_at=Subquery(tested.annotate(last=Max("recorded_at")).values("last")),
            topic_before=Subquery(before.values("topic__slug")[:1]),
        )
        .order_by(*_places(sort).values())
        .values_list(
            "pk",
            "key",
            "item_type",
            "topic__slug",
            f"topic__{name}",
            "is_picked",
            f"combo_set__{name}",
            "combo_set__kind",
            "place_in_set",
            "words",
            "take_count",
            "last_tried_at",
            "last_tested_at",
            "topic_before",
        )
    )


_PROMPTS: PreparedQuery[tuple[Any, ...]] = PreparedQuery(_rows)


def page_for(learner: User, wanted: dict[str, Any], step: int, after: str = "") -> PromptPage:
    """Return a page of what fits the filters; of the learner's own step, unless they say which."""
    given = {**wanted, "step": wanted.get("step") or step, "after": after}
    asked = {name for name in (*FILTERS, "after") if given.get(name)}
    if given["step"] != "all":
        asked.add("step")
    shape = (frozenset(asked), name_column(), sort_column())
    rows = [_Read(*row) for row in _PROMPTS.rows(*shape, **given, learner=learner.pk)]
    next_after = rows[PAGE - 1].key if len(rows) > PAGE else ""
    return PromptPage(_printed(rows[:PAGE]), next_after)


def _printed(rows: Sequence[_Read]) -> list[PromptRow]:
    before = rows[0].topic_before if rows else None
    printed = []
    for row in rows:
        is_first = row.topic_slug != before
        before = row.topic_slug
        printed.append(
            PromptRow(
                url=address_of("practice:prompt-detail").format(row.pk),
                topic=row.topic if is_first else "",
                is_picked=bool(row.is_picked),
                is_in_set=row.set_kind is not None,
                words=_first_words(row.words),
                kind=_kind(row),
                note=_note(row),
            )
        )
    return printed


def _first_words(text: str) -> str:
    """Return the text, or its first words where it goes on."""
    if len(text) < WORDS:
        return text
    return text.rpartition(" ")[0].rstrip(" ,;:") + "…"


def _kind(row: _Read) -> str:
    kind = str(ItemType(row.item_type).label)
    if row.set_kind is None:
        return kind
    facts = {
        "kind": kind,
        "set": row.set_name,
        "place": row.place + 1,
        "size": len(SET_TYPES[row.set_kind]),
    }
    return gettext("%(kind)s · %(set)s, %(place)d of %(size)d") % facts


def _note(row: _Read) -> str:
    if row.take_count and row.last_tried_at is not None:
        takes = ngettext("%(count)s take", "%(count)s takes", row.take_count)
        return f"{takes % {'count': row.take_count}} · {day_text(row.last_tried_at)}"
    if row.last_tested_at is not None:
        return gettext("answered in a test, %(day)s") % {"day": day_text(row.last_tested_at)}
    return gettext("not tried yet")
