"""The weeks up to an exam: on how many days to speak, and where sittings go. No database.

Counted back from the exam: a sitting in each of the two weeks before its own, before that every
other week; none in the week itself unless it is still days away and there was none lately. The day
before is for rest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK = timedelta(days=1), timedelta(days=7)
DAYS_A_WEEK = 5
MOST_WEEKS = 6
STRIP_DAYS = 42
# so long before the exam; later ones only tire
LAST_SITTING = timedelta(days=4)


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, cut at today and at the exam. `spoken`: days of it already spoken on."""

    first: date
    last: date
    days: int
    spoken: int
    sittings: int
    sat: bool
    is_this: bool
    is_exam: bool


@dataclass(frozen=True)
class Plan:
    """The weeks up to the exam, at most MOST_WEEKS of them."""

    exam_on: date
    days_left: int
    weeks: tuple[Week, ...]
    has_more: bool  # weeks between the shown ones and the exam


def plan_for(
    today: date, exam_on: date, *, spoken: Collection[date] = (), last_sat_on: date | None = None
) -> Plan | None:
    """Return the plan from today on; None once the exam is over.

    `spoken` are days already spoken on.
    """
    if exam_on < today:
        return None
    monday = today - DAY * today.weekday()
    ends_with = exam_on - DAY * exam_on.weekday()
    count = (ends_with - monday).days // 7 + 1
    weeks = tuple(
        _week(monday + WEEK * at, count - 1 - at, today, exam_on, spoken, last_sat_on)
        for at in range(min(count, MOST_WEEKS))
    )
    return Plan(exam_on, (exam_on - today).days, weeks, has_more=count > MOST_WEEKS)


def _week(
    monday: date,
    before_exam: int,
    today: date,
    exam_on: date,
    spoken: Collection[date],
    last_sat_on: date | None,
) -> Week:
    """Return the week that lies so many before that of the exam."""
    last = min(monday + WEEK - DAY, exam_on)
    sat = last_sat_on is not None and monday <= last_sat_on <= last
    done = sum(monday <= day <= last for day in spoken)
    ahead = [day for day in _days(max(monday, today), last) if day < exam_on - DAY]
    is_this = monday <= today <= last
    wanted = _sittings(before_exam, today, exam_on, last_sat_on, is_this=is_this)
    return Week(
        first=monday,
        last=last,
        days=min(DAYS_A_WEEK, done + sum(day not in spoken for day in ahead)),
        spoken=done,
        sittings=1 if sat else wanted,
        sat=sat,
        is_this=is_this,
        is_exam=before_exam == 0,
    )


def _sittings(
    before_exam: int, today: date, exam_on: date, last_sat_on: date | None, *, is_this: bool
) -> int:
    is_late = is_this and exam_on - today < LAST_SITTING
    if before_exam == 0:
        sat_lately = last_sat_on is not None and today - last_sat_on < WEEK
        return int(is_this and not is_late and not sat_lately)
    return int(not is_late and (before_exam <= 2 or before_exam % 2 == 0))


def _days(first: date, last: date) -> list[date]:
    return [first + DAY * at for at in range((last - first).days + 1)]
