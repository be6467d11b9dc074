"""Streaks: days in a row on which a learner really spoke.

A day is the learner's own, by the time of recording (`Activity`). One day a calendar week, Monday
to Sunday, may be missed without ending the streak: it is free, and not counted. Opening a page
never counts. `Streak` is computed from all days whenever one is added, so that a late upload
repairs a streak as if it had come in time.
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
    """One streak: how many days were spoken on, its first and last day, the last free day in it."""

    length: int
    started_on: date
    last_on: date
    last_free_on: date | None


@dataclass(frozen=True)
class StreakStatus:
    """A streak as it is today: its days, the longest ever, and what today would change."""

    days: int
    longest: int
    spoke_today: bool
    # not speaking today would use up the week's free day, and no more
    is_free_today: bool
    ends_tonight: bool


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _between(first: date, last: date) -> list[date]:
    """Return the days strictly between two."""
    return [first + DAY * n for n in range(1, (last - first).days)]


def _bridged(missed: Sequence[date], last_free_on: date | None) -> bool:
    """Return whether each missed day is the only free one of its week."""
    weeks = [_week(day) for day in missed]
    used = [_week(last_free_on)] if last_free_on else []
    return len(set(weeks + used)) == len(weeks) + len(used)


def runs_of(days: Iterable[date]) -> list[Run]:
    """Return all streaks that these days make, oldest first."""
    runs: list[Run] = []
    for day in sorted(set(days)):
        last = runs[-1] if runs else None
        # two free days at most lie side by side: a Sunday and the Monday after it
        is_near = last is not None and (day - last.last_on).days <= 3
        missed = _between(last.last_on, day) if last and is_near else []
        if last and is_near and _bridged(missed, last.last_free_on):
            free = missed[-1] if missed else last.last_free_on
            runs[-1] = Run(last.length + 1, last.started_on, day, free)
        else:
            runs.append(Run(1, day, day, None))
    return runs


def status(streak: Streak | None, today: date) -> StreakStatus:
    """Return what the stored streak means on this day; one that has ended has no days."""
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
    """Return what the person's streak means on their own today."""
    return status(Streak.objects.filter(person=person).first(), person.today)


@transaction.atomic
def note(person: User, recorded_at: datetime, zone: str, voiced_ms: int) -> None:
    """Count one response for the day it was recorded on, in the time zone it was recorded in.

    Deleting the response later does not take the day away.
    """
    day = day_of(recorded_at, zone_or_default(zone))
    row, is_new = Activity.objects.get_or_create(person=person, day=day)
    Activity.objects.filter(pk=row.pk).update(
        responses=F("responses") + 1, voiced_ms=F("voiced_ms") + voiced_ms
    )
    if is_new:
        recount(person)


@transaction.atomic
def recount(person: User) -> None:
    """Compute the person's streak from all their days, and save it."""
    Streak.objects.get_or_create(person=person)
    # locked before the days are read: of two uploads at once the later one sees both days
    streak = Streak.objects.select_for_update().get(person=person)
    runs = runs_of(Activity.objects.filter(person=person).values_list("day", flat=True))
    if not runs:
        return
    last = runs[-1]
    streak.length, streak.started_on = last.length, last.started_on
    streak.last_on, streak.last_free_on = last.last_on, last.last_free_on
    streak.longest = max(run.length for run in runs)
    streak.save()
