"""Day summaries: made anew from the answers of one day, read for a stretch of days.

A task may run twice and two may run at once: the row is locked before the answers are read, so
the last one to write has seen everything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import DateField, JSONField, Max, Min, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import Activity, User
from opic.lib.clock import day_of
from opic.lib.stores.prepared import Fetched, Given, PreparedQuery
from scoring.models import DaySummary, Rating, Response, Status
from scoring.summaries import board
from scoring.summaries.board import Spoken
from scoring.summaries.facts import FACTS_VERSION, ResponseFacts, facts_of

EAST, WEST = timedelta(hours=14), timedelta(hours=12)  # the ends of the world's time zones
STRETCH_DAYS = 31  # of one transaction of a rebuild
STRETCH = timedelta(days=STRETCH_DAYS)
READ = (
    "pk",
    "recorded_at",
    "time_zone",
    "voiced_ms",
    "is_first",
    "measures",
    "revision__prompt__item_type",
    "revision__prompt__topic__slug",
    "shown_rating__kind",
    "shown_rating__source",
    "shown_rating__level",
    "shown_rating__points",
    "shown_rating__is_weak",
    "shown_rating__criteria",
    "shown_rating__facts__is_understood",
    "shown_rating__facts__tasks",
    "shown_rating__facts__words",
    "shown_rating__advice__stretches",
)
COLUMNS = ("answers", "first_takes", "voiced_ms", "facts", "board", "made_at")
Row = dict[str, Any]
DayRow = tuple[date, int, dict[str, Any] | None]


def day_of_response(response: Response) -> date:
    """Return the day on which it was recorded, where it was recorded."""
    return day_of(response.recorded_at, response.time_zone)


def recount(response: Response) -> None:
    """Write the summary of the day this answer was given, in the caller's transaction."""
    recount_day(response.speaker_id, day_of_response(response))


@transaction.atomic
def recount_day(speaker_id: UUID, day: date) -> None:
    """Write one day of one speaker, from its answers. Its row stays when the last of them is
    deleted: who waits for the lock must find it.
    """
    DaySummary.objects.get_or_create(speaker_id=speaker_id, day=day)
    existing = DaySummary.objects.select_for_update().filter(speaker_id=speaker_id, day=day)
    list(existing.values_list("pk"))
    near = _near(speaker_id, day, day + timedelta(days=1)).values(*READ)
    existing.update(**_columns([row for row in near if _day(row) == day]))


def _with_result() -> QuerySet[Response]:
    """With something to look at, or none to come."""
    return Response.objects.filter(Q(shown_rating__isnull=False) | Q(status=Status.UNRATABLE))


def _near(speaker_id: UUID, start: date, end: date) -> QuerySet[Response]:
    """Answers that may lie on these days, whatever the zone they were given in; oldest first."""
    return (
        _with_result()
        .filter(
            speaker=speaker_id,
            recorded_at__gte=datetime.combine(start, time(), tzinfo=UTC) - EAST,
            recorded_at__lt=datetime.combine(end, time(), tzinfo=UTC) + WEST,
        )
        .order_by("recorded_at", "pk")
    )


def _day(row: Row) -> date:
    return day_of(row["recorded_at"], row["time_zone"])


def _columns(rows: list[Row]) -> dict[str, Any]:
    made = board.board_of([_spoken(row) for row in rows])
    return {
        "answers": len(rows),
        "first_takes": sum(row["is_first"] for row in rows),
        "voiced_ms": sum(row["voiced_ms"] for row in rows),
        "facts": facts_of([_response_facts(row) for row in rows], board.pairs_of(made)),
        "board": made,
        "made_at": timezone.now(),
    }


def _response_facts(row: Row) -> ResponseFacts:
    is_rated = row["shown_rating__kind"] == Rating.Kind.RATING
    return ResponseFacts(
        item_type=row["revision__prompt__item_type"],
        topic=row["revision__prompt__topic__slug"],
        is_first=row["is_first"],
        is_weak=bool(row["shown_rating__is_weak"]),
        by_person=row["shown_rating__source"] == Rating.Source.PERSON,
        level=row["shown_rating__level"] if is_rated else None,
        points=row["shown_rating__points"] if is_rated else None,
        criteria=(row["shown_rating__criteria"] or {}) if is_rated else {},
        measures=row["measures"] or {},
    )


def _spoken(row: Row) -> Spoken:
    is_rated = row["shown_rating__kind"] == Rating.Kind.RATING
    return Spoken(
        response=str(row["pk"]),
        topic=row["revision__prompt__topic__slug"],
        item_type=row["revision__prompt__item_type"],
        moment=row["recorded_at"].timestamp(),
        is_weak=bool(row["shown_rating__is_weak"]),
        measures=row["measures"] or {},
        tasks=row["shown_rating__facts__tasks"] or {},
        words=row["shown_rating__facts__words"] or (),
        is_understood=bool(row["shown_rating__facts__is_understood"]),
        criteria=(row["shown_rating__criteria"] or {}) if is_rated else {},
        stretches=row["shown_rating__advice__stretches"] or (),
    )


def rebuild(person: User) -> Iterator[int]:
    """Rebuild all days of a person from all their answers, a stretch at a time; yield how many it
    had.
    """
    responses = _with_result().filter(speaker=person)
    ends = responses.aggregate(first=Min("recorded_at"), last=Max("recorded_at"))
    summaries = DaySummary.objects.of_person(person)
    summary_ends = summaries.aggregate(first=Min("day"), last=Max("day"))
    firsts, lasts = [summary_ends["first"]], [summary_ends["last"]]
    if ends["first"]:
        firsts.append((ends["first"] - WEST).date())
        lasts.append((ends["last"] + EAST).date())
    first = min(filter(None, firsts), default=None)
    last = max(filter(None, lasts), default=None)
    if first and last:
        yield from _rebuild_between(person.pk, first, last)


def _rebuild_between(speaker_id: UUID, first: date, last: date) -> Iterator[int]:
    """A stretch at a time, the last day included; how many days each had."""
    while first <= last:
        yield _rebuild_stretch(speaker_id, first, min(first + STRETCH, last + timedelta(days=1)))
        first += STRETCH


@transaction.atomic
def _rebuild_stretch(speaker_id: UUID, start: date, end: date) -> int:
    """As `recount_day`, for many days at once: a row for each, locked before answers are read."""
    near = _near(speaker_id, start, end)
    moments = near.values_list("recorded_at", "time_zone")
    spoken = {day_of(recorded_at, zone) for recorded_at, zone in moments}
    rows = [DaySummary(speaker_id=speaker_id, day=day) for day in spoken if start <= day < end]
    DaySummary.objects.bulk_create(rows, ignore_conflicts=True)
    existing = DaySummary.objects.select_for_update().filter(
        speaker_id=speaker_id, day__gte=start, day__lt=end
    )
    summaries = list(existing.order_by("day"))
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in near.values(*READ) if summaries else []:
        by_day[_day(row)].append(row)
    for summary in summaries:
        for name, value in _columns(by_day[summary.day]).items():
            setattr(summary, name, value)
    DaySummary.objects.bulk_create(
        summaries, update_conflicts=True, unique_fields=["speaker", "day"], update_fields=COLUMNS
    )
    return len(summaries)


def _is_stale(facts: dict[str, Any] | None) -> bool:
    """Did another version of the product make these? What they hold is not known then."""
    return facts is not None and facts.get("v") != FACTS_VERSION


class Day(NamedTuple):
    """A day on which something was said: how long, and what it came to where that is asked for."""

    day: date
    voiced_ms: int
    facts: dict[str, Any]


def _day_rows() -> QuerySet[Any, Any]:
    person = Given("person", UUIDField())
    spoken = Activity.objects.filter(person=person, day__gte=Given("spoken_since", DateField()))
    summaries = DaySummary.objects.of_person(person).since(Given("facts_since", DateField()))
    nothing = Cast(Value(None), JSONField())
    return (
        spoken.annotate(found=nothing)
        .values_list("day", "voiced_ms", "found")
        .union(summaries.values_list("day", "voiced_ms", "facts"), all=True)
    )


_DAYS: PreparedQuery[DayRow] = PreparedQuery(_day_rows)


@dataclass(frozen=True)
class DaysRead:
    """Days of one person as they were read, not decoded yet."""

    speaker_id: UUID
    _find: Callable[[], Fetched[DayRow]]
    _fetched: Fetched[DayRow]

    @property
    def key(self) -> str:
        """Return the same text for the same rows."""
        return self._fetched.key

    def __bool__(self) -> bool:
        return bool(self._fetched)

    @cached_property
    def days(self) -> list[Day]:
        """Return them oldest first. Facts of another version are made anew first, once."""
        rows = self._fetched.rows
        if stale := [day for day, _ms, facts in rows if _is_stale(facts)]:
            list(_rebuild_between(self.speaker_id, min(stale), max(stale)))
            rows = self._find().rows
        days: dict[date, Day] = {}
        for day, voiced_ms, facts in rows:
            if other := days.get(day):
                voiced_ms, facts = max(voiced_ms, other.voiced_ms), facts or other.facts
            days[day] = Day(day, voiced_ms, facts or {})
        return [days[day] for day in sorted(days)]


def read(person: User, *, spoken_since: date, facts_since: date) -> DaysRead:
    """Read days in one query: days spoken on, and the facts of the later ones.

    The days come from `Activity` too: what was deleted since is no fact any more, but a day on
    which someone spoke stays one.
    """
    find = partial(
        _DAYS.fetch, person=person.pk, spoken_since=spoken_since, facts_since=facts_since
    )
    return DaysRead(person.pk, find, find())


def read_boards(person: User, since: date) -> list[dict[str, Any]]:
    """Read the boards of the days since then, newest first, in one query. Those of another version
    are made anew first, once.
    """
    rows = DaySummary.objects.of_person(person).since(since).order_by("-day")
    boards = list(rows.values_list("day", "board"))
    if stale := [day for day, one in boards if board.is_stale(one)]:
        list(_rebuild_between(person.pk, min(stale), max(stale)))
        boards = list(rows.values_list("day", "board"))
    return [one for _day_of_it, one in boards]
