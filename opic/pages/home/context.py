"""What home prints: made here, so that the template decides nothing.

Four queries, whatever the history: the person with goal, streak and sittings; the days; the last
answers; the question to take up next.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Func, JSONField, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext

from accounts.models import User
from exams.models import Attempt
from materials.models import Topic, name_column
from opic.pages.exam_day import card_for
from opic.pages.home import charts, trends
from opic.pages.home.cards import STREAK, level_card, plan_card, streak_card
from practice import next_prompt
from practice.learner import LearnerContext
from practice.next_prompt import FACTS_DAYS, LAST
from scoring.display.rating import level_text, withhold_level
from scoring.models import Response
from scoring.summaries import days as day_summaries

YEAR = timedelta(days=7 * charts.WEEKS)


@dataclass(frozen=True)
class Row:
    """One of the last answers."""

    response: Response
    title: str
    kind: str
    note: str


class _Pairs(Func):
    """Two columns of all rows as one JSON object."""

    function = "JSON_GROUP_OBJECT"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_OBJECT_AGG", **context)


def topic_names() -> Subquery:
    """Return an annotation: slug -> name in the reader's language, of every topic."""
    names = _Pairs(F("slug"), F(name_column()))
    return Subquery(Topic.objects.order_by().annotate(names=names).values("names"))


def read_learner(person: User) -> LearnerContext:
    """Read goal, consent, streak and sittings, and what the topics are called, in one query."""
    mine = Attempt.objects.filter(candidate=OuterRef("pk")).order_by("-made_at")
    steps = Greatest(
        F("assessment__step"), Coalesce(F("assessment__second_step"), F("assessment__step"))
    )
    return LearnerContext(
        person,
        *(f"streak__{name}" for name in STREAK),
        topic_names=topic_names(),
        open_attempt=Subquery(mine.open().values("pk")[:1]),
        last_sat_at=Subquery(mine.over().values("submitted_at")[:1]),
        last_step=Subquery(mine.over().annotate(shown=steps).values("shown")[:1]),
    )


def last_responses(person: User) -> list[Response]:
    """Return the newest of both modes, with the sitting they belong to."""
    responses = Response.objects.spoken_by(person).for_list().order_by("-recorded_at")
    return list(responses.annotate(attempt=F("attempt_item__attempt"))[:LAST])


def page_for(person: User) -> dict[str, Any]:
    learner_context, today = read_learner(person), person.today
    since = today - timedelta(days=FACTS_DAYS)
    days = day_summaries.read(person, spoken_since=today - YEAR, facts_since=since)
    lately = [day for day in days if day.day >= since]
    responses = last_responses(person)
    topics = [response.revision.prompt.topic_id for response in responses]
    step = (
        next_prompt.next_step(person, learner_context, lately, topics)
        if learner_context.may_record
        else None
    )
    page = {
        "learner_context": learner_context,
        "step": step,
        "open_attempt": learner_context.row["open_attempt"],
    }
    page["exam_day"] = card_for(person, learner_context.row["goal__exam_on"])
    if not days and not responses:
        return {**page, "is_new": True}
    weeks = trends.weeks_of(lately, today)
    return page | {
        "level": level_card(learner_context, lately, today),
        "streak": streak_card(learner_context, days, today),
        "plan": plan_card(learner_context, days, today, person.time_zone),
        "exam_on": learner_context.row["goal__exam_on"],
        "weeks": [week.label for week in weeks],
        "minutes": trends.minutes_of(weeks),
        "criteria": trends.criteria_of(weeks),
        "measures": trends.measures_of(weeks, learner_context.target),
        "types": trends.types_of(lately, learner_context.target),
        "topics": trends.topics_of(
            lately, learner_context.target, learner_context.row["topic_names"] or {}
        ),
        "rows": [
            _row(withhold_level(response, learner_context.embargo_start)) for response in responses
        ],
    }


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
