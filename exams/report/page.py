"""What the report of a sitting prints: made here, so that the template decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from exams import labels
from exams.closing import NoLevel
from exams.counted import items_of_test_before
from exams.models import Attempt, AttemptItem, AttemptResult, OfficialLevel, Status
from exams.outcomes import ItemOutcome, Outcome, outcome_of, skipped_sentence, unrated_counts
from exams.report.delivery_panel import DeliveryPanel, WordsPanel, panel_for, words_panel_for
from exams.report.suggestions import Suggestion, suggestions_for
from exams.report.timeline import Timeline, timeline_of
from exams.tasks import queue_closing
from exams.what_report_holds import ReportKind, kind_of
from opic.lib.levels import DEFAULT_TARGET, Level, range_name, step_code
from opic.lib.unrated_texts import Cause, unrated_sentence
from scoring.display import polling
from scoring.display.rating import CRITERIA, SURE, held_step, level_text

Text = str | Promise
SHOWN_QUOTES = 3
# seconds to the next look: an answer or the closing is at work, is on its way, waits for something
ONE_AT_WORK, ONE_ON_ITS_WAY, ONE_WAITS = 1.0, 5.0, 60.0

OBSTACLES: dict[str, Text] = {
    "intermediate": gettext_lazy(
        "What has to hold everywhere does not yet: %(weakest)s, over different topics and kinds of"
        " question."
    ),
    "advanced": gettext_lazy(
        "In the questions that look for more (stories, comparisons, problems), %(weakest)s does not"
        " hold often enough yet."
    ),
    "function": gettext_lazy("One kind of task does not hold yet at Advanced: %(weakest)s."),
    "cap": gettext_lazy(
        "Steps %(steps)s cannot show more than %(cap)s, however well one answers. Choose a higher"
        " step next time."
    ),
    "not_tested": gettext_lazy(
        "Not tested: fewer than two rated answers speak to what the next level asks for."
    ),
    "": gettext_lazy("Nothing: this is the highest level the exam reports."),
}
HOLDS: tuple[Text, ...] = (
    gettext_lazy("not yet"),
    gettext_lazy("in part"),
    gettext_lazy("holds"),
)


@dataclass(frozen=True)
class Bar:
    """One criterion: its mean at each standard in percent, and the words for it."""

    label: str
    lower: int  # per cent
    upper: int | None
    lower_words: str
    upper_words: str
    before: str  # how it was in the sitting before, in words


@dataclass(frozen=True)
class Line:
    """One item of the sitting, as the report lists it."""

    item: AttemptItem
    level: str
    note: str
    outcome: str
    seconds: int
    obstacle: str
    quotes: Sequence[str]
    words: WordsPanel | None  # what was heard, where nothing was rated
    detail: str  # what the answer's own page has


@dataclass(frozen=True)
class Report:
    """Everything that the report of a sitting prints."""

    attempt: Attempt
    result: AttemptResult | None
    kind: ReportKind
    delivery: DeliveryPanel | None  # where there is no level
    steps: str
    low: Level | None
    high: Level | None
    level: str
    sure: str
    heading: str  # of what stands in the way
    obstacle: str
    quotes: Sequence[tuple[int, str]]
    floor: str
    ceiling: str
    floor_items: str
    ceiling_items: str
    bars: Sequence[Bar]
    lines: Sequence[Line]
    time: Timeline
    suggestions: Sequence[Suggestion]
    marks: Sequence[str]
    unrated: str  # how many answers lack what they could have, why, and whether it may still come
    skipped: str  # how many questions count as skipped
    rated_ranges: Sequence[tuple[int, str]]  # number and range, where there is no level
    no_level: str  # why there is none: a code of `NoLevel`
    waiting: int
    counts: tuple[int, int]  # rated, or done where nothing is rated; of all
    next_look: str
    before: str
    asks_official: bool
    target: Level | None

    @property
    def polls(self) -> bool:
        """Return whether the page asks again."""
        return bool(self.next_look)

    @property
    def rates(self) -> bool:
        """Return whether answers are rated here, so that words about ratings are true."""
        return self.kind is ReportKind.LEVEL

    @property
    def ladder(self) -> list[tuple[str, bool, bool]]:
        """Return the nine levels: name, whether inside the range, whether the target."""
        low, high = self.low or Level.AL, self.high or Level.NL
        return [(level.name, low <= level <= high, level == self.target) for level in Level]


def report_for(attempt: Attempt) -> Report:
    """Return everything that the report prints; queue the closing where it is due.

    `attempt` is loaded by `for_page`.
    """
    items = list(attempt.items.for_report())
    if getattr(attempt, "is_due", False):
        queue_closing(attempt)
    result = attempt.result
    stored = result.report if result else {}
    outcomes = [outcome_of(item) for item in items]
    kind = kind_of(attempt.candidate, items, outcomes)
    lines = [_line(*pair, stored, kind) for pair in zip(items, outcomes, strict=True)]
    open_items = [item for item in items if item.is_open]
    has_level = bool(result and result.level)
    last, target = _last_before(attempt) if has_level else None, _target(attempt)
    return Report(
        attempt=attempt,
        result=result,
        kind=kind,
        delivery=_delivery(attempt, items, target) if result and not has_level else None,
        steps=step_code(attempt.assessment.step, attempt.assessment.second_step),
        low=Level(result.level_low) if result and result.level_low else None,
        high=Level(result.level_high) if result and result.level_high else None,
        level=_level_words(result) if result else "",
        sure=str(SURE.get(result.sureness, SURE["not"])) if result and has_level else "",
        heading=_heading(result, target),
        obstacle=_obstacle(attempt, stored) if has_level else "",
        quotes=_quotes(lines, stored),
        floor=str(labels.MAJORS.get(stored.get("floor", ""), "")),
        ceiling=str(labels.MAJORS.get(stored.get("ceiling", ""), "")),
        floor_items=_numbers(stored.get("floor_items", [])),
        ceiling_items=_numbers(stored.get("ceiling_items", [])),
        bars=_bars(stored, last.report if last else {}),
        lines=lines,
        time=timeline_of(attempt, items),
        suggestions=suggestions_for(items, stored),
        marks=_marks(attempt, items),
        unrated=_unrated(outcomes, result, kind),
        skipped=skipped_sentence(outcomes) if result else "",
        rated_ranges=[(line.item.number, line.level) for line in lines if line.level],
        no_level=_no_level(stored) if result and not has_level else "",
        waiting=len(open_items),
        counts=_counts(lines, open_items, kind),
        next_look=_next_look(attempt, open_items),
        before=_compared(result, last),
        asks_official=kind is ReportKind.LEVEL and _asks_official(attempt),
        target=target,
    )


def _delivery(
    attempt: Attempt, items: Sequence[AttemptItem], target: Level | None
) -> DeliveryPanel:
    before = items_of_test_before(attempt)
    has_goal = target is not None
    return panel_for(items, target or DEFAULT_TARGET, has_goal=has_goal, before=list(before))


def _counts(
    lines: Sequence[Line], open_items: Sequence[AttemptItem], kind: ReportKind
) -> tuple[int, int]:
    if kind is ReportKind.LEVEL:
        return sum(1 for line in lines if line.level), len(lines)
    return len(lines) - len(open_items), len(lines)


def _unrated(
    outcomes: Sequence[ItemOutcome], result: AttemptResult | None, kind: ReportKind
) -> str:
    """Return the sentence of what has no rating; not for what every sitting waits for at first."""
    counts = unrated_counts(outcomes)
    if result is None and not counts.keys() - {Cause.AT_WORK, Cause.DEVICE}:
        return ""
    return unrated_sentence(counts, len(outcomes), has_ratings=kind is ReportKind.LEVEL)


def _no_level(stored: dict[str, Any]) -> str:
    # results of earlier releases say no reason; they had a level from the first rated answer on
    return str(stored.get("no_level") or NoLevel.UNHEARD)


def _target(attempt: Attempt) -> Level | None:
    goal = getattr(attempt.candidate, "goal", None)
    return Level(goal.target) if goal else None


def _last_before(attempt: Attempt) -> AttemptResult | None:
    mine = Attempt.objects.taken_by(attempt.candidate).filter(status=Status.RATED)
    earlier = mine.filter(made_at__lt=attempt.made_at).exclude(result__level=None)
    earlier_result = earlier.select_related("result").order_by("-made_at").first()
    return earlier_result.result if earlier_result else None


def _level_words(result: AttemptResult) -> str:
    if result.level_low is None or result.level_high is None or result.level is None:
        return ""
    ends = {"low": Level(result.level_low).name, "high": Level(result.level_high).name}
    return gettext("About %(low)s to %(high)s") % ends


def _compared(now: AttemptResult | None, last: AttemptResult | None) -> str:
    if now is None or last is None or not now.level_low or not last.level_low:
        return ""
    text = gettext("Last time: %(before)s. This time: %(now)s.")
    names = [
        range_name(Level(row.level_low or 1), Level(row.level_high or 1)) for row in (last, now)
    ]
    return text % {"before": names[0], "now": names[1]}


def _obstacle(attempt: Attempt, stored: dict[str, Any]) -> str:
    weakest = stored.get("weakest", "")
    label = CRITERIA.get(weakest) or labels.FUNCTIONS.get(weakest) or ""
    text = str(OBSTACLES.get(stored.get("reason", ""), ""))
    steps = step_code(attempt.assessment.step, attempt.assessment.second_step)
    return text % {"weakest": f"“{label}”", "steps": steps, "cap": stored.get("cap", "")}


def _heading(result: AttemptResult | None, target: Level | None) -> str:
    """Return what the obstacle keeps one from: the target while it is not reached for certain."""
    level = result.level if result else None
    if result is None or level is None:
        return ""
    if target and level < target:
        return gettext("What keeps you below %(level)s") % {"level": target.name}
    if target and (result.level_low or level) < target:
        return gettext("What would make %(level)s certain") % {"level": target.name}
    if level < Level.AL:
        return gettext("What keeps you below %(level)s") % {"level": Level(level + 1).name}
    return gettext("What keeps you below the next level")


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _line(
    item: AttemptItem, outcome: ItemOutcome, stored: dict[str, Any], kind: ReportKind
) -> Line:
    response = item.response
    rating = response.shown_rating if response else None
    obstacle = rating.advice.get("obstacle", {}) if rating else {}
    words = words_panel_for(item)
    level = level_text(rating)
    return Line(
        item=item,
        level=level,
        note=_note(item, outcome, stored, kind),
        outcome=outcome.outcome.value,
        seconds=round(response.length_seconds) if response else 0,
        obstacle=str(obstacle.get("text", "")),
        quotes=list(obstacle.get("quotes", [])),
        words=words,
        detail=_detail(has_level=bool(level), has_words=words is not None),
    )


def _detail(*, has_level: bool, has_words: bool) -> str:
    """Return what one finds on the answer's own page."""
    if has_level:
        return gettext("Transcript, evidence and advice")
    return gettext("All your words, and advice") if has_words else gettext("Figures and advice")


def _note(item: AttemptItem, outcome: ItemOutcome, stored: dict[str, Any], kind: ReportKind) -> str:
    is_usual = outcome.outcome is Outcome.MEASURED and kind is not ReportKind.LEVEL
    notes = [outcome.note] if outcome.note and not is_usual else []
    if item.number in stored.get("weak", []):
        notes.append(gettext("sounds learnt by heart: half the weight"))
    remarks = {
        gettext("heard twice"): item.heard_twice,
        gettext("with a hint"): item.used_hint,
        gettext("came after the time"): item.is_late,
    }
    return " · ".join([*notes, *(text for text, holds in remarks.items() if holds)])


def _quotes(lines: Sequence[Line], stored: dict[str, Any]) -> list[tuple[int, str]]:
    """Return words of the speaker from the items on which the next level breaks down."""
    numbers = stored.get("ceiling_items", [])
    quotes = [(line.item.number, quote) for line in lines for quote in line.quotes[:1]]
    return [pair for pair in quotes if pair[0] in numbers][:SHOWN_QUOTES]


def _words_of(mean: float | None) -> str:
    if mean is None:
        return ""
    return str(HOLDS[held_step(mean)])


def _bars(stored: dict[str, Any], last: dict[str, Any]) -> list[Bar]:
    means, before = stored.get("means", {}), last.get("means", {})
    return [
        Bar(
            label=str(CRITERIA[name]),
            lower=round(100 * means[name][0]),
            upper=None if means[name][1] is None else round(100 * means[name][1]),
            lower_words=_words_of(means[name][0]),
            upper_words=_words_of(means[name][1]),
            before=_change(means[name], before[name]) if name in before else "",
        )
        for name in CRITERIA
        if name in means
    ]


def _change(now: Sequence[float | None], before: Sequence[float | None]) -> str:
    """Return in words how a criterion moved, as last time where it is no more than noise."""
    gaps = [one - two for one, two in zip(now, before, strict=True) if one is not None and two]
    gap = max(gaps, key=abs, default=0.0)
    if abs(gap) < 0.1:
        return gettext("as last time")
    return gettext("better than last time") if gap > 0 else gettext("weaker than last time")


def _marks(attempt: Attempt, items: Sequence[AttemptItem]) -> list[str]:
    """Return what a reader should know of how this sitting went."""
    marks = [str(attempt.get_mode_display())]
    if attempt.break_seconds:
        marks.append(_break(attempt))
    if attempt.is_overdue:
        marks.append(gettext("the time ran out"))
    thin = sum(1 for item in items if item.fallback)
    if thin:
        marks.append(gettext("%(n)d questions were not quite what the test wanted") % {"n": thin})
    return marks


def _break(attempt: Attempt) -> str:
    """Return how long the clock stood still: a pause of one's own, or a break given back."""
    n = attempt.break_seconds
    if attempt.is_real:
        return gettext("a break of %(n)d s was given back") % {"n": n}
    if n < 60:
        return ngettext("paused for %(n)d second", "paused for %(n)d seconds", n) % {"n": n}
    n = round(n / 60)
    return ngettext("paused for %(n)d minute", "paused for %(n)d minutes", n) % {"n": n}


def _next_look(attempt: Attempt, open_items: Sequence[AttemptItem]) -> str:
    """Return the seconds to the page's next look; empty when the report is complete."""
    result, now = attempt.result, timezone.now()
    is_due = getattr(attempt, "is_due", False)
    at_work = [item.response for item in open_items if item.response]
    if attempt.status == Status.SUBMITTED or is_due or at_work:
        soonest, most = ONE_AT_WORK, polling.MOST_AT_WORK
    elif open_items:
        soonest, most = ONE_ON_ITS_WAY, polling.FAR
    elif result is None or not result.is_complete:
        soonest, most = ONE_WAITS, polling.FAR
    else:
        return ""
    news = [attempt.submitted_at or attempt.made_at, *(one.received_at for one in at_work)]
    waited = (now - max(news)).total_seconds()
    look = polling.next_look_at_many(waited, soonest=soonest, most=most)
    if at_work and not is_due and len(at_work) == len(open_items):
        look = max(look, polling.until_due([one.not_before_at for one in at_work], now))
    return f"{look:.1f}"


def _asks_official(attempt: Attempt) -> bool:
    """Return whether to ask for the official level: after the day of the exam, until it is told."""
    candidate = attempt.candidate
    goal = getattr(candidate, "goal", None)
    if goal is None or goal.exam_on is None or goal.exam_on >= candidate.today:
        return False
    return not OfficialLevel.objects.filter(candidate=candidate).exists()
