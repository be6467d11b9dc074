"""Where a learner stands in practice, and what to take up next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.models import User
from materials.models import ItemType, Prompt
from opic.lib.clock import day_of
from opic.lib.levels import DEFAULT_STEP, Level
from opic.lib.stores.prepared import Fetched, Given, PreparedQuery
from practice import scheduling
from practice.learner import LearnerContext
from practice.models import PracticeTake
from practice.scheduling import Kind, Why
from scoring.models import Response
from scoring.summaries import days as day_summaries
from scoring.summaries.days import Day

LAST = 5  # answers whose topics are left alone for a while
CANDIDATES = 20
# so many kinds are looked for at first: of any so many our bank has one at that step (B2)
KINDS = {1: 8, 2: 8, 3: 6, 4: 6, 5: 4, 6: 4}
FACTS_DAYS = 60

REASONS: dict[str, str | Promise] = {
    "first": gettext_lazy("A good start: say who you are."),
    "weak": gettext_lazy("Why this one: “%(kind)s” held in %(held)d of your last %(asked)d."),
    "new": gettext_lazy("Why this one: you have not answered “%(kind)s” lately."),
}
AGAIN = ngettext_lazy(
    "Why this one: “%(kind)s” was last asked %(days)d day ago.",
    "Why this one: “%(kind)s” was last asked %(days)d days ago.",
    "days",
)
TODAY = gettext_lazy("Why this one: “%(kind)s” holds; keep it so.")


def first_prompt(step: int = DEFAULT_STEP) -> Prompt | None:
    """Return what a newcomer is asked, and a guest: an introduction."""
    fitting = Prompt.objects.published().at_step(step)
    return fitting.of_type(ItemType.INTRO).order_by("key").first() or fitting.first()


@dataclass(frozen=True)
class NextStep:
    """The one question to take up, and in a few words why this one."""

    prompt: Prompt
    why: str


@dataclass(frozen=True)
class PromptRules:
    """What the next question should be: kinds, best first, away from topics (by id)."""

    order: Sequence[str]
    topics: Sequence[int]
    wants_old: bool
    kinds: Mapping[str, Kind]

    @property
    def is_new(self) -> bool:
        """Return whether nothing was answered yet."""
        return not self.topics


def rules_for(
    days: Sequence[Day], topics: Sequence[int], target: Level, today: date
) -> PromptRules:
    """Decide by what the last weeks say, away from the topics of the last answers (none: a
    newcomer).
    """
    kinds = scheduling.kinds_of(days, target)
    order = scheduling.ranked(kinds, today, is_new=not topics)
    return PromptRules(order, topics, scheduling.wants_old(days, today), kinds)


def fetch_fitting(person: User, step: int, rules: PromptRules) -> Fetched[Prompt]:
    """Read a few prompts of the step that fit, best first; of any kind where none of the first
    kinds has one.
    """
    find = partial(_fitting, person, step, rules)
    return find(rules.order[: KINDS[step]]) or find(rules.order)


def chosen(fitting: Fetched[Prompt], rules: PromptRules, person: User) -> NextStep | None:
    """Choose one of those that fit; None without any."""
    if not fitting:
        return None
    prompts = fitting.rows
    prompt = next((one for one in prompts if not _is_too_early(one, person)), prompts[0])
    kind = rules.kinds[prompt.item_type]
    is_first = rules.is_new and prompt.item_type == ItemType.INTRO
    why = scheduling.why(kind, person.today, is_new=is_first)
    return NextStep(prompt, _in_words(why, prompt))


def next_step(
    person: User, learner_context: LearnerContext, days: Sequence[Day], topics: Sequence[int]
) -> NextStep | None:
    """Choose from all of that at once."""
    rules = rules_for(days, topics, learner_context.target, person.today)
    return chosen(fetch_fitting(person, learner_context.step, rules), rules, person)


def next_for(person: User, learner_context: LearnerContext) -> NextStep | None:
    """Choose the same, read afresh."""
    since = person.today - timedelta(days=FACTS_DAYS)
    read = day_summaries.read(person, spoken_since=since, facts_since=since)
    responses = Response.objects.spoken_by(person).order_by("-recorded_at")
    topics = responses.values_list("revision__prompt__topic", flat=True)[:LAST]
    return next_step(person, learner_context, read.days, list(topics))


def _fitting_rows(kinds: int, topics: int, wants_old: bool) -> QuerySet[Prompt]:
    """Prompts of a step, best first: by kind, away from these topics, those not answered yet (here
    or in a test) before those answered longest ago, or the other way round. Never more than a few.
    """
    person = Given("person", UUIDField())
    step = Given("step", PositiveSmallIntegerField())
    order = [Given(f"kind_{at}", CharField()) for at in range(kinds)]
    near = [Q(topic=Given(f"topic_{at}", BigIntegerField())) for at in range(topics)]
    takes = PracticeTake.objects.made_by(person).filter(prompt=OuterRef("pk")).order_by("-number")
    responses = Response.objects.spoken_by(person).filter(revision=OuterRef("published"))
    places = [When(item_type=kind, then=Value(at)) for at, kind in enumerate(order)]
    last = F("last_at").asc(nulls_last=True) if wants_old else F("last_at").asc(nulls_first=True)
    return (
        Prompt.objects.published()
        .at_step(step)
        .filter(item_type__in=order)
        .select_related("topic")
        .annotate(
            place=Case(*places, default=Value(kinds)),
            is_near=Case(*(When(one, then=Value(1)) for one in near), default=Value(0))
            if near
            else Value(0),
            tries=Subquery(takes.values("number")[:1]),
            last_at=Subquery(responses.order_by("-recorded_at").values("recorded_at")[:1]),
        )
        .order_by("place", "is_near", last, "key")[:CANDIDATES]
    )


_FITTING: PreparedQuery[Prompt] = PreparedQuery(_fitting_rows)


def _fitting(person: User, step: int, rules: PromptRules, order: Sequence[str]) -> Fetched[Prompt]:
    return _FITTING.fetch(
        len(order),
        len(rules.topics),
        rules.wants_old,
        person=person.pk,
        step=step,
        **{f"kind_{at}": kind for at, kind in enumerate(order)},
        **{f"topic_{at}": topic for at, topic in enumerate(rules.topics)},
    )


def _is_too_early(prompt: Any, person: User) -> bool:
    last_on = day_of(prompt.last_at, person.time_zone) if prompt.last_at else None
    return scheduling.is_too_early(prompt.tries or 0, last_on, person.today)


def _in_words(why: Why, prompt: Prompt) -> str:
    facts = {"kind": prompt.get_item_type_display(), "held": why.held, "asked": why.asked}
    if why.name == "again":
        return str((AGAIN if why.days else TODAY) % {**facts, "days": why.days})
    return str(REASONS[why.name]) % facts
