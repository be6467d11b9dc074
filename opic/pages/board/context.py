"""What the board prints: made here, so that the template decides nothing.

Four queries, whatever the history: the person with goal, picked topics and the topics' names; the
days; the kinds of question there are; which answers still have their sound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models import User
from materials.models import ItemType, PickedTopic, Prompt, name_column
from opic.lib.clock import day_of
from opic.lib.levels import Level
from opic.lib.stores.prepared import PreparedQuery
from opic.lib.stores.sort_keys import sort_key
from opic.pages.home.context import TextPairs, topic_names
from practice.learner import LearnerContext, context_of, learner_rows
from scoring.models import Response
from scoring.raters.base import fills_board
from scoring.rating import budget
from scoring.summaries import board, days
from scoring.summaries.board import Held

Text = str | Promise

LEAST_TOPICS = 3  # that can fill a column: topics are added until there are so many
ROLE_PLAYS = frozenset((ItemType.RP_ASK, ItemType.RP_SOLVE, ItemType.RP_EXP))

TASKS: Mapping[str, Text] = {
    board.DESCRIPTION: gettext_lazy("A description"),
    board.ROUTINE: gettext_lazy("What you usually do"),
    board.STORY: gettext_lazy("A story of the past"),
    board.COMPARISON: gettext_lazy("A comparison"),
    board.QUESTIONS: gettext_lazy("Three questions or more"),
    board.COMPLICATION: gettext_lazy("A problem solved"),
}
MISSING: Mapping[str, Text] = {
    board.DESCRIPTION: gettext_lazy("No description heard yet"),
    board.ROUTINE: gettext_lazy("No routine heard yet"),
    board.STORY: gettext_lazy("No story heard yet"),
    board.COMPARISON: gettext_lazy("No comparison heard yet"),
    board.QUESTIONS: gettext_lazy("No questions heard yet"),
    board.COMPLICATION: gettext_lazy("No solved problem heard yet"),
    board.LENGTH: gettext_lazy("None so long yet"),
}


@dataclass(frozen=True)
class Cell:
    """One task in one topic: one's own words with where they can be heard, or what would fill it.

    `at`, `until`: seconds in the sound, empty where no time can be believed. `start` is empty where
    there is no question that asks for it.
    """

    label: str
    quote: str = ""
    at: str = ""
    until: str = ""
    sound: str = ""
    response: str = ""
    day: str = ""
    missing: str = ""
    start: str = ""


@dataclass(frozen=True)
class Row:
    """One topic."""

    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Board:
    """The whole page."""

    target: str
    has_goal: bool
    labels: Sequence[str]
    rows: Sequence[Row]
    count: str
    is_filled_here: bool
    is_withheld: bool


@dataclass(frozen=True)
class _Topics:
    """What is asked, by topic: names and kinds of question by slug."""

    names: Mapping[str, str]
    asked: Mapping[str, frozenset[str]]

    def asks(self, topic: str, task: str) -> bool:
        """Return whether there is a question in this topic that asks for this task."""
        return not self.asked.get(topic, frozenset()).isdisjoint(board.ITEM_TYPES[task])


def _learner_row(name: str) -> QuerySet[Any, Any]:
    picked = PickedTopic.objects.filter(person=OuterRef("pk")).order_by()
    slugs = TextPairs(F("topic__slug"), F(f"topic__{name}"))
    return learner_rows(
        counts_ratings=False,
        topic_names=topic_names(name),
        picked=Subquery(picked.annotate(names=slugs).values("names")),
    )


_LEARNER: PreparedQuery[dict[str, Any]] = PreparedQuery(_learner_row)


def board_of(person: User) -> Board:
    """Return the board of a person."""
    name = name_column()
    since = budget.day_start(person.time_zone)
    [row] = _LEARNER.rows(name, person=person.pk, day_start=since)
    learner = context_of(person, row)
    boards = days.read_boards(person, person.today - timedelta(days=board.BOARD_DAYS - 1))
    topics = _Topics(row["topic_names"] or {}, _asked(learner.step))
    cells = board.filled(boards, learner.target, learner.embargo_start)
    tasks = board.tasks_for(learner.target)
    language = name.removeprefix("name_")
    picked = sorted(row["picked"] or {}, key=lambda slug: sort_key(row["picked"][slug], language))
    slugs = _rows(picked, board.topics_of(boards), tasks, topics)
    with_sound = _with_sound(person, {held.response for held in cells.values()})
    rows = [
        Row(
            topics.names.get(slug, slug),
            [
                _cell(cells[slug, task], learner, person, with_sound)
                if (slug, task) in cells
                else _empty(slug, task, learner.target, topics)
                for task in tasks
            ],
        )
        for slug in slugs
    ]
    return Board(
        target=learner.target.name,
        has_goal=learner.has_goal,
        labels=[task_label(task, learner.target) for task in tasks],
        rows=rows,
        count=_count(rows),
        is_filled_here=fills_board(),
        is_withheld=learner.embargo_start is not None,
    )


def _asked(step: int) -> dict[str, frozenset[str]]:
    """Return topic -> kinds of question that are asked at a step."""
    prompts = Prompt.objects.published().at_step(step).order_by()
    by_topic: dict[str, set[str]] = {}
    for slug, item_type in prompts.values_list("topic__slug", "item_type").distinct():
        by_topic.setdefault(slug, set()).add(item_type)
    return {slug: frozenset(kinds) for slug, kinds in by_topic.items()}


def _rows(
    picked: Sequence[str], spoken: Sequence[str], tasks: Sequence[str], topics: _Topics
) -> list[str]:
    """Return the topics in their order: picked, then answered, then, where a column could hardly be
    filled by those, others that can: role plays first.
    """
    rows = list(dict.fromkeys((*picked, *spoken)))
    others = sorted(
        set(topics.asked) - set(rows), key=lambda slug: (not topics.asked[slug] & ROLE_PLAYS, slug)
    )
    for task in tasks:
        able = [slug for slug in rows if topics.asks(slug, task)]
        more = [slug for slug in others if slug not in rows and topics.asks(slug, task)]
        rows += more[: max(LEAST_TOPICS - len(able), 0)]
    return rows


def _with_sound(person: User, ids: set[str]) -> set[str]:
    responses = Response.objects.spoken_by(person).filter(pk__in=ids).with_sound()
    return {str(pk) for pk in responses.values_list("pk", flat=True)} if ids else set()


def task_label(task: str, target: Level) -> str:
    """Return what a task is called at the head of its column."""
    if task != board.LENGTH:
        return str(TASKS[task])
    return gettext("%(seconds)d seconds or more") % {"seconds": board.least_seconds(target)}


def _cell(held: Held, learner: LearnerContext, person: User, with_sound: set[str]) -> Cell:
    page = reverse("scoring:response-detail", args=[held.response])
    at = "" if held.at is None else f"{held.at:.2f}"
    can_play = bool(at) and held.response in with_sound
    return Cell(
        label=task_label(held.task, learner.target),
        quote=held.text.rstrip(",;:"),
        at=at,
        until="" if held.until is None else f"{held.until:.2f}",
        sound=reverse("scoring:response-audio", args=[held.response]) if can_play else "",
        response=f"{page}#t={at}" if can_play else page,
        day=date_format(day_of(held.recorded_at, person.time_zone), "DATE_FORMAT"),
    )


def _empty(topic: str, task: str, target: Level, topics: _Topics) -> Cell:
    start = f"{reverse('practice:start')}?{urlencode({'topic': topic, 'task': task})}"
    return Cell(
        label=task_label(task, target),
        missing=str(MISSING[task]),
        start=start if topics.asks(topic, task) else "",
    )


def _count(rows: Sequence[Row]) -> str:
    """Return how many cells are filled, of those that can be."""
    cells = [cell for row in rows for cell in row.cells if cell.quote or cell.start]
    text = ngettext("%(filled)d of %(count)d filled", "%(filled)d of %(count)d filled", len(cells))
    return text % {"filled": sum(bool(cell.quote) for cell in cells), "count": len(cells)}
