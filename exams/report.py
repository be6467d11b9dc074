"""What the report of a sitting prints: made here, so that the template decides nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from exams import labels
from exams.closing import NoLevel
from exams.models import Attempt, AttemptItem, AttemptResult, OfficialLevel, Status
from exams.outcomes import ItemOutcome, outcome_of, skipped_sentence, unrated_counts
from exams.sitting.blueprint import Source
from exams.tasks import queue_closing
from materials.models import ItemType
from opic.lib.levels import Level, range_name, step_code
from opic.lib.unrated_texts import Cause, unrated_sentence
from scoring.display import polling
from scoring.display.rating import CRITERIA, SURE, held_step, level_text
from scoring.levels.sitting import State

Text = str | Promise
SHOWN_QUOTES = 3
SUGGESTIONS = 3
TIMELINE = 1000  # units across
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
ADVICE: dict[str, Text] = {
    "functions": gettext_lazy("Do the whole task: say what happened, how it ended, what followed."),
    "content": gettext_lazy("Give each answer two facts nobody else could give: a name, a number."),
    "text_type": gettext_lazy("Link sentences: because, so that, although, after we had …"),
    "comprehensibility": gettext_lazy("Speak in short stretches that end, and finish your words."),
    "language_control": gettext_lazy("Keep one tense to the end of the story, verb by verb."),
}


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


@dataclass(frozen=True)
class Stretch:
    """A piece of the timeline, in thousandths of the whole."""

    x: float
    width: float
    voiced: float
    number: int


@dataclass(frozen=True)
class Suggestion:
    """Something to practise; `query` filters the practice list for it."""

    text: str
    query: str


@dataclass(frozen=True)
class Report:
    """Everything that the report of a sitting prints."""

    attempt: Attempt
    result: AttemptResult | None
    steps: str
    low: Level | None
    high: Level | None
    level: str
    sure: str
    next_level: str
    obstacle: str
    quotes: Sequence[tuple[int, str]]
    floor: str
    ceiling: str
    floor_items: str
    ceiling_items: str
    bars: Sequence[Bar]
    lines: Sequence[Line]
    stretches: Sequence[Stretch]
    spoken: int
    silent: int
    unused: int
    minutes: int  # on the clock
    suggestions: Sequence[Suggestion]
    marks: Sequence[str]
    unrated: str  # how many answers have no rating, why, and whether one may still come
    skipped: str  # how many questions count as skipped
    rated_ranges: Sequence[tuple[int, str]]  # number and range, where there is no level
    no_level: str  # why there is none: a code of `NoLevel`
    waiting: int
    counts: tuple[int, int]  # rated, of all
    next_look: str
    before: str
    asks_official: bool
    target: Level | None

    @property
    def polls(self) -> bool:
        """Return whether the page asks again."""
        return bool(self.next_look)

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
    result, last = attempt.result, _last_before(attempt)
    stored = result.report if result else {}
    outcomes = [outcome_of(item) for item in items]
    lines = [_line(*pair, stored) for pair in zip(items, outcomes, strict=True)]
    open_items = [item for item in items if item.is_open]
    stretches, spoken, silent, unused = _timeline(attempt, items)
    has_level = bool(result and result.level)
    return Report(
        attempt=attempt,
        result=result,
        steps=step_code(attempt.assessment.step, attempt.assessment.second_step),
        low=Level(result.level_low) if result and result.level_low else None,
        high=Level(result.level_high) if result and result.level_high else None,
        level=_level_words(result) if result else "",
        sure=str(SURE.get(result.sureness, SURE["not"])) if result and has_level else "",
        next_level=_next_level(result),
        obstacle=_obstacle(attempt, stored) if has_level else "",
        quotes=_quotes(lines, stored),
        floor=str(labels.MAJORS.get(stored.get("floor", ""), "")),
        ceiling=str(labels.MAJORS.get(stored.get("ceiling", ""), "")),
        floor_items=_numbers(stored.get("floor_items", [])),
        ceiling_items=_numbers(stored.get("ceiling_items", [])),
        bars=_bars(stored, last.report if last else {}),
        lines=lines,
        stretches=stretches,
        spoken=round(spoken / 60),
        silent=round(silent / 60),
        unused=round(unused / 60),
        minutes=_minutes(attempt),
        suggestions=_suggestions(items, stored),
        marks=_marks(attempt, items),
        unrated=_unrated(outcomes, result),
        skipped=skipped_sentence(outcomes) if result else "",
        rated_ranges=[(line.item.number, line.level) for line in lines if line.level],
        no_level=_no_level(stored) if result and not has_level else "",
        waiting=len(open_items),
        counts=(sum(1 for line in lines if line.level), len(lines)),
        next_look=_next_look(attempt, open_items),
        before=_compared(result, last),
        asks_official=_asks_official(attempt),
        target=_target(attempt),
    )


def _unrated(outcomes: Sequence[ItemOutcome], result: AttemptResult | None) -> str:
    """Return the sentence of what has no rating; not for what every sitting waits for at first."""
    counts = unrated_counts(outcomes)
    if result is None and not counts.keys() - {Cause.AT_WORK, Cause.DEVICE}:
        return ""
    return unrated_sentence(counts, len(outcomes))


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


def _next_level(result: AttemptResult | None) -> str:
    """Return the name of the level above the decided one, which may lie inside the range."""
    level = result.level if result else None
    return Level(level + 1).name if level and level < Level.AL else ""


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _line(item: AttemptItem, outcome: ItemOutcome, stored: dict[str, Any]) -> Line:
    response = item.response
    rating = response.shown_rating if response else None
    obstacle = rating.advice.get("obstacle", {}) if rating else {}
    return Line(
        item=item,
        level=level_text(rating),
        note=_note(item, outcome, stored),
        outcome=outcome.outcome.value,
        seconds=round(response.length_seconds) if response else 0,
        obstacle=str(obstacle.get("text", "")),
        quotes=list(obstacle.get("quotes", [])),
    )


def _note(item: AttemptItem, outcome: ItemOutcome, stored: dict[str, Any]) -> str:
    notes = [outcome.note] if outcome.note else []
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


def _timeline(
    attempt: Attempt, items: Sequence[AttemptItem]
) -> tuple[list[Stretch], float, float, float]:
    """Return pieces of the clock; and seconds of speech, of silence in responses, and not used."""
    if attempt.started_at is None or attempt.deadline_at is None:
        return [], 0, 0, 0
    whole = max((attempt.deadline_at - attempt.started_at).total_seconds(), 1.0)
    stretches, spoken, silent = [], 0.0, 0.0
    for item in items:
        if item.response is None:
            continue
        begun = (item.response.recorded_at - attempt.started_at).total_seconds()
        length, voiced = item.response.length_seconds, item.response.voiced_ms / 1000
        spoken, silent = spoken + voiced, silent + max(0.0, length - voiced)
        x, width = TIMELINE * max(begun, 0) / whole, TIMELINE * length / whole
        share = voiced / length if length else 0
        stretches.append(
            Stretch(round(x, 1), round(width, 1), round(share * width, 1), item.number)
        )
    return stretches, spoken, silent, max(0.0, whole - spoken - silent)


def _minutes(attempt: Attempt) -> int:
    if attempt.started_at is None or attempt.deadline_at is None:
        return 0
    return round((attempt.deadline_at - attempt.started_at).total_seconds() / 60)


def _suggestions(items: Sequence[AttemptItem], stored: dict[str, Any]) -> list[Suggestion]:
    """Return what to practise: what broke most often, what was skipped, the weakest criterion."""
    suggestions = []
    ceiling, states = stored.get("ceiling_items", []), stored.get("states", {})
    broken = Counter(item.item_type for item in items if item.number in ceiling)
    for kind, _count in broken.most_common(1):
        text = gettext("Practise “%(kind)s”: this is where the next level broke most often.")
        suggestions.append(Suggestion(text % {"kind": ItemType(kind).label}, f"type={kind}"))
    silent = [item.item_type for item in items if states.get(str(item.number)) == State.SKIPPED]
    for kind, _count in Counter(silent).most_common(1):
        text = gettext("Say something to every “%(kind)s”: a skipped question counts as nothing.")
        suggestions.append(Suggestion(text % {"kind": ItemType(kind).label}, f"type={kind}"))
    means = stored.get("means", {})
    weakest = min(means, key=lambda name: sum(value or 0 for value in means[name]), default="")
    if weakest:
        suggestions.append(Suggestion(str(ADVICE[weakest]), ""))
    unexpected = [item for item in items if item.source == Source.UNEXPECTED]
    if unexpected:
        topic = unexpected[0].revision.prompt.topic
        text = gettext("Take the surprise out of it: three more questions on “%(topic)s”.")
        suggestions.append(Suggestion(text % {"topic": topic.name}, f"topic={topic.slug}"))
    text = gettext("Answer a story you know again, in one tense, aloud.")
    suggestions.append(Suggestion(text, "type=PAST"))
    return suggestions[:SUGGESTIONS]


def _marks(attempt: Attempt, items: Sequence[AttemptItem]) -> list[str]:
    """Return what a reader should know of how this sitting went."""
    marks = [str(attempt.get_mode_display())]
    if attempt.break_seconds:
        text = gettext("a break of %(n)d s was given back")
        marks.append(text % {"n": attempt.break_seconds})
    if attempt.is_overdue:
        marks.append(gettext("the time ran out"))
    thin = sum(1 for item in items if item.fallback)
    if thin:
        marks.append(gettext("%(n)d questions were not quite what the test wanted") % {"n": thin})
    return marks


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
