"""The cards of home that say where someone stands: level, streak, the weeks up to the exam."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from accounts import streaks
from accounts.models import Streak
from exams import labels
from opic.lib.clock import day_of
from opic.lib.levels import Level, cap_for
from opic.pages.home import charts, study_plan
from opic.pages.home.charts import Calendar
from opic.pages.home.study_plan import Plan
from opic.pages.home.trends import day_label
from practice.learner import LearnerContext
from scoring.display.rating import SURE
from scoring.levels import target_gap
from scoring.summaries.current_level import LEAST_KINDS, LOOK_BACK, LevelNow, level_now
from scoring.summaries.days import Day
from scoring.summaries.facts import rows_shown

DAY = timedelta(days=1)
STRIP_BEFORE = 6  # days of the strip that lie behind today
LEAST_CELLS = 28  # of the strip: a few days do not fill the card
STREAK = ("length", "longest", "started_on", "last_on", "last_free_on")

NO_LEVEL: dict[str, str | Promise] = {
    "abroad": gettext_lazy(
        "No level, because you have not agreed to processing abroad. You can agree in the settings."
    ),
}
GAPS: dict[str, str | Promise] = {
    "held": gettext_lazy(
        "%(function)s held in %(held)d of your last %(asked)d; %(level)s needs %(share)s."
    ),
    "none": gettext_lazy("%(function)s: not asked lately; %(level)s needs it."),
}


@dataclass(frozen=True)
class LevelCard:
    """Where they stand by now: a range on the ladder, or why there is none yet."""

    text: str
    sure: str
    basis: str
    why_not: str
    ladder: Sequence[tuple[str, bool, bool]]
    gaps: Sequence[tuple[str, bool]]  # sentence, and whether it is enough
    target: str


@dataclass(frozen=True)
class StreakCard:
    """Days in a row, and a year of days as a map and as a table."""

    days: str
    longest: str
    note: str
    today: str
    year: Calendar
    months: Sequence[tuple[str, str]]  # x and name
    summary: str
    rows: Sequence[tuple[str, str, str]]  # month, days, minutes


@dataclass(frozen=True)
class PlanRow:
    """One week of the plan: what was done of it and what it asks for, in words."""

    label: str
    days: str
    sittings: str
    note: str
    is_this: bool


@dataclass(frozen=True)
class PlanCard:
    """The weeks up to the exam, as a strip of days and as a table."""

    title: str
    exam_on: str
    strip: Calendar
    summary: str
    rows: Sequence[PlanRow]
    has_more: bool


def level_card(
    learner_context: LearnerContext, days: Sequence[Day], today: date, *, last_step: int | None
) -> LevelCard:
    """Return the level by now; `last_step` is that of the last sitting."""
    shown = rows_shown(day.facts for day in days if day.day > today - LOOK_BACK)
    now = level_now(shown, cap_for(learner_context.step, last_step))
    low, high = now.low or Level.AL, now.high or Level.NL
    return LevelCard(
        text=_range(now),
        sure=str(SURE.get(now.sureness, "")) if now.low else "",
        basis=_basis(now),
        why_not="" if now.low else _why_no_level(learner_context, now),
        ladder=[
            (
                level.name,
                low <= level <= high,
                learner_context.has_goal and level == learner_context.target,
            )
            for level in Level
        ],
        gaps=_gaps(learner_context, days) if shown or now.low else [],
        target=learner_context.target.name if learner_context.has_goal else "",
    )


def _range(now: LevelNow) -> str:
    if now.low is None or now.high is None:
        return ""
    ends = {"low": now.low.name, "high": now.high.name, "level": now.low.name}
    is_one = now.low == now.high
    return (gettext("About %(level)s") if is_one else gettext("About %(low)s to %(high)s")) % ends


def _basis(now: LevelNow) -> str:
    text = ngettext(
        "From %(count)d first answer of the last three weeks, tests included.",
        "From %(count)d first answers of the last three weeks, tests included.",
        now.answers,
    )
    return text % {"count": now.answers}


def _why_no_level(learner_context: LearnerContext, now: LevelNow) -> str:
    if not now.answers and not learner_context.goes_abroad:
        return str(NO_LEVEL["abroad"])
    text = gettext("Not enough yet: %(kinds)d of %(least)d kinds of question in three weeks.")
    return text % {"kinds": now.kinds, "least": LEAST_KINDS}


def _gaps(learner_context: LearnerContext, days: Sequence[Day]) -> list[tuple[str, bool]]:
    """Only against a target that was chosen."""
    if not learner_context.has_goal:
        return []
    marks = target_gap.marks_of(day.facts for day in days)
    return [
        (_gap_text(one, learner_context.target), one.is_enough)
        for one in target_gap.gaps_to(learner_context.target, marks)
    ]


def _gap_text(one: target_gap.Gap, target: Level) -> str:
    facts = {
        "function": capfirst(str(labels.FUNCTIONS[one.function])),
        "held": one.held,
        "asked": one.asked,
        "level": target.name,
        "share": labels.SHARES[one.needs],
    }
    return str(GAPS["held" if one.asked else "none"]) % facts


def streak_card(streak: Streak | None, days: Sequence[Day], today: date) -> StreakCard:
    """Return how many days in a row they spoke, and the year up to today."""
    status = streaks.status(streak, today)
    minutes = {day.day: day.voiced_ms / 60_000 for day in days}
    year = charts.year_map(minutes, today)
    days_text = ngettext("%(count)d day in a row", "%(count)d days in a row", status.days)
    longest = ngettext("longest: %(count)d day", "longest: %(count)d days", status.longest)
    summary = ngettext(
        "In the last year you spoke on %(count)d day, %(minutes)d minutes in all.",
        "In the last year you spoke on %(count)d days, %(minutes)d minutes in all.",
        len(days),
    )
    return StreakCard(
        days=days_text % {"count": status.days},
        longest=longest % {"count": status.longest},
        note=_streak_note(status),
        today=_clock(minutes.get(today, 0.0)),
        year=year,
        months=[(x, _month(day, get_language() or "en")) for x, day in year.marks],
        summary=summary % {"count": len(days), "minutes": round(sum(minutes.values()))},
        rows=_months(days),
    )


def _streak_note(status: streaks.StreakStatus) -> str:
    if status.spoke_today:
        return gettext("Today counts already.")
    if status.ends_tonight:
        return gettext("It ends tonight unless you speak.")
    if status.is_free_today:
        return gettext("Today may stay silent: one free day a week.")
    return gettext("Speak today and a new row begins.")


@lru_cache(maxsize=256)
def _month(day: date, language: str) -> str:
    """Short enough for four weeks' room: `Nov`, `11월`, `T11`."""
    return date_format(day, r"\Tn" if language.startswith("vi") else "M")


def _months(days: Sequence[Day]) -> list[tuple[str, str, str]]:
    """The same as a table: newest month first."""
    months: dict[tuple[int, int], tuple[date, int, float]] = {}
    for day in days:
        first, count, minutes = months.get((day.day.year, day.day.month), (day.day, 0, 0.0))
        key = (day.day.year, day.day.month)
        months[key] = (first, count + 1, minutes + day.voiced_ms / 60_000)
    return [
        (date_format(first, "YEAR_MONTH_FORMAT"), str(count), str(round(minutes)))
        for first, count, minutes in reversed(months.values())
    ]


def _clock(minutes: float) -> str:
    """`4:05`, minutes and seconds of real speech."""
    whole, seconds = divmod(int(60 * minutes + 0.5), 60)
    return f"{whole}:{seconds:02}"


def plan_card(
    exam_on: date | None,
    days: Sequence[Day],
    today: date,
    zone: str,
    *,
    last_sat_at: datetime | None,
) -> PlanCard | None:
    """Return the plan up to the exam; None without a date, or when it is over.

    `zone` is the learner's, `last_sat_at` the end of their last sitting.
    """
    first = today - DAY * STRIP_BEFORE  # no later than the Monday of this week
    spoken = {day.day for day in days if day.day >= first}
    sat_on = day_of(last_sat_at, zone) if last_sat_at else None
    plan = (
        study_plan.plan_for(today, exam_on, spoken=spoken, last_sat_on=sat_on) if exam_on else None
    )
    if plan is None:
        return None
    last = min(plan.exam_on, today + DAY * (study_plan.STRIP_DAYS - 1))
    most = max((last - first).days + 1, LEAST_CELLS)
    left = ngettext("%(count)d day to the exam", "%(count)d days to the exam", plan.days_left)
    title = left % {"count": plan.days_left} if plan.days_left else gettext("Today is the exam")
    return PlanCard(
        title=title,
        exam_on=date_format(plan.exam_on, "DATE_FORMAT"),
        strip=charts.strip(first, last, today, plan.exam_on, spoken, most),
        summary=_strip_summary(plan, spoken, first, today),
        rows=[_plan_row(week, plan) for week in plan.weeks],
        has_more=plan.has_more,
    )


def _strip_summary(plan: Plan, spoken: set[date], first: date, today: date) -> str:
    count = sum(first <= day <= today for day in spoken)
    text = gettext("Of the last seven days you spoke on %(count)d.")
    return text % {"count": count}


def _plan_row(week: study_plan.Week, plan: Plan) -> PlanRow:
    days = gettext("%(done)d of %(days)d") if week.is_this else "%(days)d"
    sittings = gettext("done") if week.sat else str(week.sittings or "–")
    note = ""
    if week.is_exam:
        note = gettext("exam on %(day)s; rest the day before") % {"day": day_label(plan.exam_on)}
    elif week.is_this:
        note = gettext("this week")
    return PlanRow(
        label=f"{day_label(week.first)}–{day_label(week.last)}",
        days=days % {"done": week.spoken, "days": max(week.days, week.spoken)},
        sittings=sittings,
        note=note,
        is_this=week.is_this,
    )
