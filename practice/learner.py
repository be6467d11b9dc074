"""What pages need to know of a learner, read at once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, QuerySet, UUIDField

from accounts.level_embargo import embargo_start
from accounts.models import Consent, User
from materials.models import PickedTopic
from opic.lib.levels import DEFAULT_STEP, DEFAULT_TARGET, Level
from opic.lib.stores.prepared import Given, PreparedQuery
from scoring.raters.base import is_embedded
from scoring.rating import budget

COLUMNS = ("may_record", "has_survey", "goal__target", "goal__step", "goal__exam_on")


@dataclass(frozen=True)
class LearnerContext:
    """Consent and goal of a learner, read together because every page of practice needs both.

    `rated_left` is how many answers a model may still rate today, None where it rates none;
    `has_survey` says that topics were picked.
    """

    may_record: bool
    goes_abroad: bool
    rated_left: int | None
    exam_on: date | None
    embargo_start: datetime | None
    has_goal: bool
    has_survey: bool
    target: Level
    step: int


def counts_ratings() -> bool:
    """Return whether a model rates here, so that what is left of it is of interest."""
    return not is_embedded()


def learner_rows(*columns: str, counts_ratings: bool, **asked: Any) -> QuerySet[Any, Any]:
    """Return the row that a context is made of, for a prepared query given `person` and
    `day_start`; with further columns over people and annotations.
    """
    consent = Consent.objects.in_force().filter(kind=Consent.Kind.RECORDING)
    usage = budget.with_usage(Given("day_start", DateTimeField())) if counts_ratings else {}
    picked = PickedTopic.objects.filter(person=OuterRef("pk"))
    rows: QuerySet[Any, Any] = User.objects.filter(pk=Given("person", UUIDField())).annotate(
        may_record=Exists(consent.filter(person=OuterRef("pk"))),
        has_survey=Exists(picked),
        **usage,
        **asked,
    )
    return rows.values(*COLUMNS, *columns, *usage, *asked)


def context_of(person: User, row: dict[str, Any]) -> LearnerContext:
    """Make a context of such a row."""
    may_record, exam_on = bool(row["may_record"]), row["goal__exam_on"]
    is_counted = may_record and "rated_today" in row
    return LearnerContext(
        may_record=may_record,
        goes_abroad=bool(row.get("goes_abroad")),
        rated_left=budget.remaining(row) if is_counted else None,
        exam_on=exam_on,
        embargo_start=embargo_start(person, exam_on),
        has_goal=row["goal__target"] is not None,
        has_survey=bool(row["has_survey"]),
        target=Level(row["goal__target"] or DEFAULT_TARGET),
        step=row["goal__step"] or DEFAULT_STEP,
    )


_LEARNER: PreparedQuery[dict[str, Any]] = PreparedQuery(
    lambda counts: learner_rows(counts_ratings=counts)
)


def read_learner(person: User) -> LearnerContext:
    """Read the context of a learner in one query."""
    [row] = _LEARNER.rows(
        counts_ratings(), person=person.pk, day_start=budget.day_start(person.time_zone)
    )
    return context_of(person, row)
