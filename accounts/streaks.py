"""Days in a row on which someone really spoke.

A day is the learner's own, by the time of recording (`Activity`). One day a calendar week, Monday
to Sunday, may stay silent without ending the row: it is free, and not counted. No page view ever
counts. What is stored on `Streak` is recomputed from the days at each new one, so that a late
upload mends a row as if it had come in time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.models import Activity, Streak, User
from opic.lib.clock import day_of, zone_or_default

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Run:
    """One row of days: how many were spoken, its ends, the last free day inside it."""

    length: int
    started_on: date
    last_on: date
    last_free_on: date | None


@dataclass(frozen=True)
class StreakStatus:
    """A streak as it is today: days, the longest ever, and what today is worth."""

    days: int
    longest: int
    spoke_today: bool
    is_free_today: bool  # silence today would use up the week's free day and no more
    ends_tonight: bool


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _between(first: date, last: date) -> list[date]:
    """The days strictly between two."""
    return [first + DAY * n for n in range(1, (last - first).days)]


def _bridged(missed: Sequence[date], last_free_on: date | None) -> bool:
    """Is each silent day the only free one of its week?"""
    weeks = [_week(day) for day in missed]
    used = [_week(last_free_on)] if last_free_on else []
    return len(set(weeks + used)) == len(weeks) + len(used)


def runs_of(days: Iterable[date]) -> list[Run]:
    """Return all streaks, oldest first. A longer silence than a week is never worth counting
    through.
    """
    runs: list[Run] = []
    for day in sorted(set(days)):
        last = runs[-1] if runs else None
        is_near = last is not None and (day - last.last_on).days <= 3
        missed = _between(last.last_on, day) if last and is_near else []
        if last and is_near and _bridged(missed, last.last_free_on):
            free = missed[-1] if missed else last.last_free_on
            runs[-1] = Run(last.length + 1, last.started_on, day, free)
        else:
            runs.append(Run(1, day, day, None))
    return runs


def status(streak: Streak | None, today: date) -> StreakStatus:
    """Return what the stored streak means today; one that has ended counts nothing."""
    if streak is None or streak.last_on is None:
        return StreakStatus(0, 0, spoke_today=False, is_free_today=False, ends_tonight=False)
    spoke_today = streak.last_on >= today
    missed = _between(streak.last_on, today)
    if len(missed) > 2 or not _bridged(missed, streak.last_free_on):
        return StreakStatus(0, streak.longest, False, False, False)
    is_free = not spoke_today and _bridged([*missed, today], streak.last_free_on)
    return StreakStatus(
        days=streak.length,
        longest=streak.longest,
        spoke_today=spoke_today,
        is_free_today=is_free,
        ends_tonight=not spoke_today and not is_free,
    )


def status_of(person: User) -> StreakStatus:
    return status(Streak.objects.filter(person=person).first(), person.today)


@transaction.atomic
def note(person: User, recorded_at: datetime, zone: str, voiced_ms: int) -> None:
    """Count one answer for its day. Deleting the answer later keeps the day."""
    day = day_of(recorded_at, zone_or_default(zone))
    row, is_new = Activity.objects.get_or_create(person=person, day=day)
    Activity.objects.filter(pk=row.pk).update(
        responses=F("responses") + 1, voiced_ms=F("voiced_ms") + voiced_ms
    )
    if is_new:
        recount(person)


@transaction.atomic
def recount(person: User) -> None:
    """Write the streak anew from the days. The row is locked before the days are read."""
    Streak.objects.get_or_create(person=person)
    streak = Streak.objects.select_for_update().get(person=person)
    runs = runs_of(Activity.objects.filter(person=person).values_list("day", flat=True))
    if not runs:
        return
    last = runs[-1]
    streak.length, streak.started_on = last.length, last.started_on
    streak.last_on, streak.last_free_on = last.last_on, last.last_free_on
    streak.longest = max(run.length for run in runs)
    streak.save()
