"""Where a learner stands in practice, and what to take up next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.models import User
from materials.models import ItemType, Prompt
from opic.lib.clock import day_of
from opic.lib.levels import DEFAULT_STEP
from opic.lib.stores.prepared import Fetched
from practice import prompt_order, scheduling
from practice.learner import LearnerContext
from practice.prompt_order import PromptRules
from practice.scheduling import Source, Why
from scoring.models import Response
from scoring.raters.base import fills_board
from scoring.summaries import days as day_summaries
from scoring.summaries.board import tasks_for
from scoring.summaries.days import Day

LAST = 5  # answers whose topics are left alone for a while
FACTS_DAYS = 60
GAP_EVERY = 3  # of three answers of a day one is to a question that fills the board
AHEAD = 400  # prompts to choose from for a day without a network

REASONS: dict[str, str | Promise] = {
    "first": gettext_lazy("A good start: say who you are."),
    "weak": gettext_lazy("Why this one: “%(kind)s” held in %(held)d of your last %(asked)d."),
    "new": gettext_lazy("Why this one: you have not answered “%(kind)s” lately."),
    "gap": gettext_lazy("Why this one: it fills an empty place of your board."),
    "other": gettext_lazy("Why this one: you have not had this question lately."),
    Source.SURVEY: gettext_lazy("Why this one: from your survey."),
    Source.UNEXPECTED: gettext_lazy("Why this one: one of the surprise topics."),
    Source.FREQUENT: gettext_lazy("Why this one: tests often ask about this."),
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


def rules_for(
    days: Sequence[Day], topics: Sequence[int], person: User, learner_context: LearnerContext
) -> PromptRules:
    """Decide by what the last weeks say, away from the topics of the last answers (none: a
    newcomer).
    """
    today = person.today
    kinds = scheduling.kinds_of(days, learner_context.target)
    place = scheduling.responses_on(days, today)
    return PromptRules(
        order=scheduling.ranked(kinds, today, is_new=not topics),
        topics=topics,
        wants_old=scheduling.wants_old(days, today),
        kinds=kinds,
        sources=_sources(person, learner_context, place),
        has_few=scheduling.responses_in(days) < scheduling.FEW,
        wants_gap=bool(topics) and fills_board() and place % GAP_EVERY == 1,
        tasks=tasks_for(learner_context.target),
        held=frozenset((topic, task) for day in days for topic, task in day.facts.get("held", [])),
    )


def _sources(person: User, learner_context: LearnerContext, place: int) -> tuple[Source, ...]:
    seed, has_survey = prompt_order.seed_of(person), learner_context.has_survey
    return scheduling.sources_at(place, seed, has_survey=has_survey)


def chosen(
    fitting: Fetched[Prompt], rules: PromptRules, person: User, *, without: UUID | None = None
) -> NextStep | None:
    """Choose one of those that fit, but not the one `without`; None without any."""
    prompts = [one for one in fitting.rows if one.pk != without]
    if not prompts:
        return None
    fresh = [one for one in prompts if not _is_too_early(one, person)]
    if rules.wants_gap and (gaps := [one for one in fresh if rules.fills_gap(one)]):
        return NextStep(gaps[0], _in_words(Why("gap"), gaps[0]))
    prompt = (fresh or prompts)[0]
    return NextStep(prompt, _in_words(_why(prompt, rules, person), prompt))


def _why(prompt: Prompt, rules: PromptRules, person: User) -> Why:
    is_first = rules.is_new and prompt.item_type == ItemType.INTRO
    kind, source = rules.kinds[prompt.item_type], rules.source_of(prompt)
    return scheduling.why(kind, source, person.today, is_new=is_first, has_few=rules.has_few)


def next_step(
    person: User,
    learner_context: LearnerContext,
    days: Sequence[Day],
    topics: Sequence[int],
    *,
    without: UUID | None = None,
) -> NextStep | None:
    """Choose from all of that at once."""
    rules = rules_for(days, topics, person, learner_context)
    fitting = prompt_order.fetch(person, learner_context.step, rules)
    return chosen(fitting, rules, person, without=without)


def _read(person: User) -> tuple[Sequence[Day], list[int]]:
    """Return the last weeks, and the topics of the last answers."""
    since = person.today - timedelta(days=FACTS_DAYS)
    read = day_summaries.read(person, spoken_since=since, facts_since=since)
    responses = Response.objects.spoken_by(person).order_by("-recorded_at")
    return read.days, list(responses.values_list("revision__prompt__topic", flat=True)[:LAST])


def next_for(
    person: User, learner_context: LearnerContext, *, without: UUID | None = None
) -> NextStep | None:
    """Choose the same, read afresh; not the one `without`, which they have just had."""
    days, topics = _read(person)
    return next_step(person, learner_context, days, topics, without=without)


def ahead(person: User, learner_context: LearnerContext) -> Iterator[UUID]:
    """Yield the ids of the prompts to come, the next first, as if each were answered: by the same
    rules, another kind and another topic each time as long as there are any.
    """
    days, topics = _read(person)
    rules = rules_for(days, topics, person, learner_context)
    first = next_step(person, learner_context, days, topics)
    if first is None:
        return
    yield first.prompt.pk
    used, place = _Used(first.prompt), scheduling.responses_on(days, person.today)
    step, left = learner_context.step, {}
    while True:
        place += 1
        sources = _sources(person, learner_context, place)
        if sources not in left:
            of_these = replace(rules, sources=sources, topics=topics or [first.prompt.topic_id])
            left[sources] = prompt_order.fetch(person, step, of_these, AHEAD).rows
        fresh = [one for one in left[sources] if one.pk not in used.ids]
        if not fresh:
            return
        prompt = min(fresh, key=used.place_of)
        used.add(prompt)
        yield prompt.pk


class _Used:
    """Prompts that are taken already, with how often their kinds and topics were."""

    def __init__(self, prompt: Prompt) -> None:
        self.ids: set[UUID] = set()
        self.kinds: Counter[str] = Counter()
        self.topics: Counter[int] = Counter()
        self.add(prompt)

    def add(self, prompt: Prompt) -> None:
        self.ids.add(prompt.pk)
        self.kinds[prompt.item_type] += 1
        self.topics[prompt.topic_id] += 1

    def place_of(self, prompt: Any) -> tuple[bool, int, int, int]:
        """Return the sort key: not tried yet, a source that fits, then what was taken least."""
        kind, topic = self.kinds[prompt.item_type], self.topics[prompt.topic_id]
        return (prompt.last_at is not None, prompt.fit, topic, kind)


def _is_too_early(prompt: Any, person: User) -> bool:
    last_on = day_of(prompt.last_at, person.time_zone) if prompt.last_at else None
    return scheduling.is_too_early(prompt.tries or 0, last_on, person.today)


def _in_words(why: Why, prompt: Prompt) -> str:
    facts = {"kind": prompt.get_item_type_display(), "held": why.held, "asked": why.asked}
    if why.name == "again":
        return str((AGAIN if why.days else TODAY) % {**facts, "days": why.days})
    return str(REASONS[why.name]) % facts
