"""The delivery report of a test in words: figures by question, averages, what to do next week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from exams.labels import Text
from exams.models import AttemptItem
from exams.outcomes import Outcome, facts_of, outcome_of
from exams.report import delivery as report_rules
from exams.report.delivery import (
    LENGTH,
    PACE,
    PAUSES,
    RUNS,
    Average,
    DeliveryReport,
    Figure,
    Question,
    Spoken,
    Step,
    delivery_report,
)
from exams.report.suggestions import Suggestion, list_url, usual_suggestions
from materials.models import ItemType
from opic.lib.levels import Level
from scoring.display.measure_rows import unbroken_range

NO_BREAK_SPACE = "\u00a0"
LONGEST_BAR = 150.0  # seconds across the drawn scale
SHOWN_WORDS = 30  # of an answer, in short
UNITS: dict[str, tuple[Text, Text, int]] = {
    LENGTH: (gettext_lazy("Length"), gettext_lazy("%s s"), 0),
    PACE: (gettext_lazy("Pace"), gettext_lazy("%s words/min"), 0),
    PAUSES: (gettext_lazy("Pauses"), gettext_lazy("%s s"), 1),
    RUNS: (gettext_lazy("Without a pause"), gettext_lazy("%s s"), 1),
}
FALLS_SHORT: dict[str, Text] = {
    LENGTH: gettext_lazy("too short"),
    PACE: gettext_lazy("too slow"),
    PAUSES: gettext_lazy("too long"),
    RUNS: gettext_lazy("too short"),
}
CHANGES: dict[str, Text] = {
    "holds": gettext_lazy("fine both times"),
    "same": gettext_lazy("as last time"),
    "better": gettext_lazy("better than last time"),
    "worse": gettext_lazy("weaker than last time"),
}
STEPS: dict[str, Text] = {
    report_rules.SKIPPED: gettext_lazy(
        "Say something to every question: to %(count)d of %(of)d we heard no answer. Begin with"
        " question %(number)d."
    ),
    "length": gettext_lazy(
        "Say more: %(count)d of %(of)d answers are too short. Begin with question %(number)d: add"
        " one example, and why it matters to you."
    ),
    "pauses_inside": gettext_lazy(
        "Pause for less time: in %(count)d of %(of)d answers the pauses are too long. Begin with"
        " question %(number)d: finish the sentence, then stop to think."
    ),
    "runs": gettext_lazy(
        "Stop less often: in %(count)d of %(of)d answers you speak too briefly between two pauses."
        " Begin with question %(number)d: join two sentences with “because” or “so”."
    ),
    "pace": gettext_lazy(
        "Speak a little faster: %(count)d of %(of)d answers are too slow. Begin with question"
        " %(number)d: the words come quicker the second time."
    ),
    "points": gettext_lazy(
        "Answer every part: in %(count)d of %(of)d answers we did not hear a part of what was asked"
        " for. Begin with question %(number)d."
    ),
    "time_frame_past": gettext_lazy(
        "Tell what happened: in %(count)d of %(of)d answers we are not sure of any past. Begin with"
        " question %(number)d."
    ),
    "time_frame_future": gettext_lazy(
        "Say what will be: in %(count)d of %(of)d answers we are not sure of any future. Begin with"
        " question %(number)d."
    ),
    "questions": gettext_lazy(
        "Ask three or four questions: in %(count)d of %(of)d answers we heard fewer. Begin with"
        " question %(number)d."
    ),
    "links": gettext_lazy(
        "Link your sentences, with “because” or “but”: in %(count)d of %(of)d answers we heard one"
        " kind of linking word at most. Begin with question %(number)d."
    ),
    "repeats": gettext_lazy(
        "Say it once: in %(count)d of %(of)d answers you begin again and again. Begin with question"
        " %(number)d."
    ),
    "correction": gettext_lazy(
        "Say it right: in %(count)d of %(of)d answers there is a sentence to correct. Begin with"
        " question %(number)d."
    ),
    "": gettext_lazy(
        "Answer question %(number)d again, with the advice on it: the same holds for %(count)d of"
        " %(of)d answers."
    ),
}
FRAMES: dict[str, Text] = {
    "past": gettext_lazy("past %(n)d×"),
    "present": gettext_lazy("present %(n)d×"),
    "future": gettext_lazy("future %(n)d×"),
}


@dataclass(frozen=True)
class Cell:
    """A figure in words: a verdict only where it falls short; the row's worst is marked."""

    label: str
    text: str
    verdict: str
    is_worst: bool


@dataclass(frozen=True)
class Row:
    """A question in the table: its bar in percent of the drawn scale, and its figures."""

    number: int
    kind: str
    cells: Sequence[Cell]
    bar: str
    note: str  # why there are no figures
    is_weakest: bool


@dataclass(frozen=True)
class AverageRow:
    """A measure over the whole test, beside what is typical and beside the last test."""

    label: str
    text: str
    typical: str
    verdict: str
    is_short: bool
    before: str
    change: str
    change_code: str


@dataclass(frozen=True)
class DeliveryPanel:
    """Everything that a report without a level prints of how its answers were spoken."""

    target: str
    has_goal: bool
    count: int  # answers with figures
    rows: Sequence[Row]
    averages: Sequence[AverageRow]
    has_before: bool
    band: tuple[str, str]  # x and width of the typical length, in percent
    weakest: Suggestion | None  # kind of question
    steps: Sequence[Suggestion]


@dataclass(frozen=True)
class WordsPanel:
    """What was heard of one answer, in short."""

    text: str
    facts: Sequence[str]
    asked_for: Sequence[str]
    had: Sequence[str]
    is_understood: bool


def spoken_of(item: AttemptItem) -> Spoken:
    """Return a question as the delivery report takes it."""
    response = item.response
    rating = response.shown_rating if response else None
    measures = response.measures if response and rating else None
    return Spoken(
        number=item.number,
        item_type=item.item_type,
        measures=measures if measures and measures.get("is_heard") else None,
        facts=facts_of(item),
        is_skipped=outcome_of(item).outcome is Outcome.SKIPPED,
    )


def panel_for(
    items: Sequence[AttemptItem],
    target: Level,
    *,
    has_goal: bool,
    before: Sequence[AttemptItem] = (),
) -> DeliveryPanel:
    """Return the panel of a test's items beside those of the test before; `items` by number."""
    report = delivery_report(
        [spoken_of(item) for item in items], target, before=[spoken_of(one) for one in before]
    )
    by_number = {item.number: item for item in items}
    weakest = _weakest(report)
    return DeliveryPanel(
        target=target.name,
        has_goal=has_goal,
        count=sum(bool(row.figures) for row in report.questions),
        rows=[_row(row, by_number[row.spoken.number]) for row in report.questions],
        averages=[_average(one) for one in report.averages],
        has_before=any(one.change for one in report.averages),
        band=_band(report),
        weakest=weakest,
        steps=_steps(report, by_number, weakest),
    )


def _percent(seconds: float) -> float:
    return round(100 * min(seconds / LONGEST_BAR, 1), 1)


def _band(report: DeliveryReport) -> tuple[str, str]:
    if not report.averages:
        return "0%", "0%"
    low, high = (_percent(end) for end in report.averages[0].typical)
    return f"{low}%", f"{round(high - low, 1)}%"


def _in_words(name: str, value: float) -> str:
    _label, unit, places = UNITS[name]
    return str(unit) % number_format(round(value, places), places)


def _cell(figure: Figure) -> Cell:
    # the unit stands at the head of its column
    places = UNITS[figure.name][2]
    return Cell(
        label=str(UNITS[figure.name][0]),
        text=number_format(round(figure.value, places), places),
        verdict=str(FALLS_SHORT[figure.name]) if figure.falls_short else "",
        is_worst=figure.is_worst,
    )


def _row(row: Question, item: AttemptItem) -> Row:
    length = next((one.value for one in row.figures if one.name == LENGTH), 0.0)
    return Row(
        number=item.number,
        kind=str(ItemType(item.item_type).label),
        cells=[_cell(figure) for figure in row.figures],
        bar=f"{_percent(length)}%",
        note="" if row.figures else outcome_of(item).note or gettext("no figures"),
        is_weakest=row.is_weakest,
    )


def _average(one: Average) -> AverageRow:
    label, unit, places = UNITS[one.name]
    low, high = (number_format(round(end, places), places) for end in one.typical)
    is_short = one.shortfall > 0
    typical = str(unit) % unbroken_range(low, high)
    return AverageRow(
        label=str(label),
        text=_in_words(one.name, one.value),
        # a unit as short as “s” does not stand alone on the next line
        typical=typical if one.name == PACE else typical.replace(" ", NO_BREAK_SPACE),
        verdict=str(FALLS_SHORT[one.name]) if is_short else gettext("fine"),
        is_short=is_short,
        before="" if one.before is None else _in_words(one.name, one.before),
        change=str(CHANGES.get(one.change, "")),
        change_code=one.change,
    )


def _weakest(report: DeliveryReport) -> Suggestion | None:
    if not report.weakest_kind:
        return None
    label = ItemType(report.weakest_kind).label
    return Suggestion(str(label), list_url(f"type={report.weakest_kind}"))


def _steps(
    report: DeliveryReport, by_number: Mapping[int, AttemptItem], weakest: Suggestion | None
) -> list[Suggestion]:
    """Return three things to do: the greatest faults first, then what any test asks for."""
    steps = [_step(step, by_number[step.number]) for step in report.steps]
    if weakest:
        text = gettext("Practise “%(kind)s”: the weakest kind of question in this test.")
        steps.append(Suggestion(text % {"kind": weakest.text}, weakest.url))
    steps += usual_suggestions(list(by_number.values()))
    return steps[: report_rules.STEPS]


def _step(step: Step, item: AttemptItem) -> Suggestion:
    text = str(STEPS.get(step.key) or STEPS[""])
    values = {"count": step.count, "of": step.of, "number": step.number}
    return Suggestion(text % values, _start_url(item))


def _start_url(item: AttemptItem) -> str:
    """Return where to answer the question of an item again; its kind where it was retired."""
    prompt = item.revision.prompt
    if prompt.published_id is None or prompt.retired_at is not None:
        return list_url(f"type={item.item_type}")
    return reverse("practice:prompt-detail", args=[prompt.pk])


def words_panel_for(item: AttemptItem) -> WordsPanel | None:
    """Return what was heard of an answer, in short; None where nobody heard it."""
    facts = facts_of(item)
    if not facts:
        return None
    words = str(facts.get("transcript", "")).split()
    points = facts.get("points", []) if facts.get("is_understood") else []
    return WordsPanel(
        text=" ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else ""),
        facts=_facts(facts) if facts.get("is_understood") else [],
        asked_for=[str(point["text"]) for point in points],
        had=[str(point["text"]) for point in points if point["is_touched"]],
        is_understood=bool(facts.get("is_understood")),
    )


def _facts(facts: Mapping[str, Any]) -> list[str]:
    n = int(facts.get("word_count", 0))
    texts = [ngettext("%(n)d word", "%(n)d words", n) % {"n": n}]
    frames = facts.get("time_frames", {})
    texts += [
        str(text) % {"n": len(frames[name])} for name, text in FRAMES.items() if frames.get(name)
    ]
    if n := len(facts.get("links", [])):
        texts.append(ngettext("%(n)d linking word", "%(n)d linking words", n) % {"n": n})
    if n := len(facts.get("questions_asked", [])):
        texts.append(ngettext("%(n)d question asked", "%(n)d questions asked", n) % {"n": n})
    return texts
