"""What home prints: made here, so that the template decides nothing.

Four queries, whatever the history: the person with goal, streak and sittings; the days; the last
answers; the question to take up next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import caches
from django.db.models import F, Func, JSONField, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext

from accounts.models import Streak, User
from exams.counted import counted
from exams.models import Attempt
from materials.models import Topic, name_column
from opic.lib.stores.prepared import Fetched, Given, PreparedQuery
from opic.pages.exam_day import ExamDayCard, card_for
from opic.pages.home import charts, trends
from opic.pages.home.cards import (
    STREAK,
    LevelCard,
    PlanCard,
    StreakCard,
    level_card,
    plan_card,
    streak_card,
)
from opic.pages.home.trends import Minutes, Strength, Trend, Week
from practice import next_prompt, prompt_order
from practice.learner import LearnerContext, context_of, counts_ratings, learner_rows
from practice.next_prompt import FACTS_DAYS, LAST, NextStep
from practice.prompt_order import PromptRules
from scoring.display.rating import level_text, withhold_level
from scoring.models import Response
from scoring.raters.base import fills_board, is_embedded
from scoring.rating import budget
from scoring.summaries import days as day_summaries
from scoring.summaries.days import Day, DaysRead

YEAR = timedelta(days=7 * charts.WEEKS)
FACTS = timedelta(days=FACTS_DAYS)


@dataclass(frozen=True)
class Row:
    """One of the last answers."""

    response: Response
    title: str
    kind: str
    note: str


class TextPairs(Func):
    """Two columns of all rows as one JSON object, the first as its keys."""

    function = "JSON_GROUP_OBJECT"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_OBJECT_AGG", **context)


def topic_names(column: str) -> Subquery:
    """Return an annotation: slug -> the name in this column, of every topic."""
    names = TextPairs(F("slug"), F(column))
    return Subquery(Topic.objects.order_by().annotate(names=names).values("names"))


@dataclass(frozen=True)
class Standing:
    """Where a learner stands: consent and goal, streak and sittings, and what the topics are
    called.
    """

    learner: LearnerContext
    streak: Streak | None
    open_attempt: UUID | None
    last_sat_at: datetime | None
    last_step: int | None
    topic_names: dict[str, str]  # by slug, in the reader's language


def _standing_rows(counts: bool, name: str) -> QuerySet[User, Any]:
    mine = Attempt.objects.filter(candidate=OuterRef("pk")).order_by("-made_at")
    steps = Greatest(
        F("assessment__step"), Coalesce(F("assessment__second_step"), F("assessment__step"))
    )
    return learner_rows(
        *(f"streak__{column}" for column in STREAK),
        counts_ratings=counts,
        topic_names=topic_names(name),
        open_attempt=Subquery(mine.open().values("pk")[:1]),
        last_sat_at=Subquery(counted(mine).values("submitted_at")[:1]),
        last_step=Subquery(mine.over().annotate(shown=steps).values("shown")[:1]),
    )


_STANDING: PreparedQuery[dict[str, Any]] = PreparedQuery(_standing_rows)
# the newest of both modes, with the sitting they belong to
_LAST_RESPONSES: PreparedQuery[Response] = PreparedQuery(
    lambda: (
        Response.objects.spoken_by(Given("person", UUIDField()))
        .for_list()
        .order_by("-recorded_at")
        .annotate(attempt=F("attempt_item__attempt"))[:LAST]
    )
)


def _standing_of(person: User, row: dict[str, Any]) -> Standing:
    streak = {column: row[f"streak__{column}"] for column in STREAK}
    return Standing(
        learner=context_of(person, row),
        streak=Streak(**streak) if streak["length"] is not None else None,
        open_attempt=row["open_attempt"],
        last_sat_at=row["last_sat_at"],
        last_step=row["last_step"],
        topic_names=row["topic_names"] or {},
    )


@dataclass(frozen=True)
class Home:
    """Home of one person: what was read for it, and what the page prints of that.

    `key` names all of it. The page's parts are rendered, and what is below is worked out, only
    where no page with this key was rendered yet.
    """

    key: str
    standing: Standing
    person: User
    read: DaysRead
    responses: Fetched[Response]
    choose: Callable[[], NextStep | None]

    @property
    def is_new(self) -> bool:
        """Return whether nothing was spoken yet."""
        return not self.read and not self.responses

    @cached_property
    def lately(self) -> list[Day]:
        since = self.person.today - FACTS
        return [day for day in self.read.days if day.day >= since]

    @cached_property
    def weeks(self) -> list[Week]:
        return trends.weeks_of(self.lately, self.person.today)

    @cached_property
    def step(self) -> NextStep | None:
        return self.choose() if self.standing.learner.may_record else None

    @cached_property
    def exam_day(self) -> ExamDayCard | None:
        return card_for(self.person, self.standing.learner.exam_on)

    @cached_property
    def level(self) -> LevelCard:
        learner, today = self.standing.learner, self.person.today
        return level_card(learner, self.lately, today, last_step=self.standing.last_step)

    @property
    def gives_levels(self) -> bool:
        """Return whether answers get levels here; the embedded raters give none."""
        return not is_embedded()

    @property
    def has_board(self) -> bool:
        """Return whether anything fills a board here."""
        return fills_board()

    @property
    def has_level_card(self) -> bool:
        """Return whether there is anything to say of a level: one, or why there is none yet."""
        return self.gives_levels or bool(self.level.text or self.level.gaps)

    @cached_property
    def streak(self) -> StreakCard:
        return streak_card(self.standing.streak, self.read.days, self.person.today)

    @cached_property
    def plan(self) -> PlanCard | None:
        person, exam_on = self.person, self.standing.learner.exam_on
        sat_at = self.standing.last_sat_at
        return plan_card(
            exam_on, self.read.days, person.today, person.time_zone, last_sat_at=sat_at
        )

    @cached_property
    def week_labels(self) -> list[str]:
        return [week.label for week in self.weeks]

    @cached_property
    def minutes(self) -> Minutes:
        return trends.minutes_of(self.weeks)

    @cached_property
    def criteria(self) -> list[Trend]:
        return trends.criteria_of(self.weeks)

    @cached_property
    def measures(self) -> list[Trend]:
        return trends.measures_of(self.weeks, self.standing.learner.target)

    @cached_property
    def types(self) -> list[Strength]:
        return trends.types_of(self.lately, self.standing.learner.target)

    @cached_property
    def topics(self) -> list[Strength]:
        return trends.topics_of(
            self.lately, self.standing.learner.target, self.standing.topic_names
        )

    @cached_property
    def rows(self) -> list[Row]:
        since = self.standing.learner.embargo_start
        return [_row(withhold_level(response, since)) for response in self.responses.rows]


def home_of(person: User) -> Home:
    """Read home of a person in four queries, whatever the history."""
    name, today = name_column(), person.today
    day_start = budget.day_start(person.time_zone)
    fetched = _STANDING.fetch(counts_ratings(), name, person=person.pk, day_start=day_start)
    standing = _standing_of(person, fetched.rows[0])
    read = day_summaries.read(person, spoken_since=today - YEAR, facts_since=today - FACTS)
    responses = _LAST_RESPONSES.fetch(person=person.pk)
    # the person too: what to ask next is drawn for each
    keys = (fetched.key, read.key, responses.key)
    seen = (person.pk, keys, settings.OPIC_RATER, today, person.time_zone, get_language())
    if not standing.learner.may_record:
        return Home(_digest(seen), standing, person, read, responses, lambda: None)
    rules = _rules(_digest(seen), standing, person, read, responses)
    fitting = prompt_order.fetch(person, standing.learner.step, rules)
    return Home(
        _digest((seen, fitting.key)),
        standing,
        person,
        read,
        responses,
        lambda: next_prompt.chosen(fitting, rules, person),
    )


def _digest(seen: object) -> str:
    return sha256(repr(seen).encode()).hexdigest()


def _rules(
    key: str, standing: Standing, person: User, read: DaysRead, responses: Fetched[Response]
) -> PromptRules:
    """What to ask next, worked out once for all that was read."""
    cache = caches["template_fragments"]
    rules: PromptRules | None = cache.get(f"rules:{key}")
    if rules is None:
        since = person.today - FACTS
        lately = [day for day in read.days if day.day >= since]
        topics = [response.revision.prompt.topic_id for response in responses.rows]
        rules = next_prompt.rules_for(lately, topics, person, standing.learner)
        cache.set(f"rules:{key}", rules, None)
    return rules


def _row(response: Response) -> Row:
    prompt = response.revision.prompt
    kind = prompt.get_item_type_display()
    is_sat = getattr(response, "attempt", None) is not None
    return Row(
        response=response,
        title=prompt.topic.name,
        kind=f"{kind} · {gettext('Test')}" if is_sat else kind,
        note=level_text(response.shown_rating) or response.get_status_display(),
    )
