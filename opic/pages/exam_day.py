"""The page for exam day and the day before it.

It shows the day, the person's own choices, what goes wrong most often, the best responses to hear
again and a short warm-up. It shows no level: nothing new is to be learnt that day.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.level_embargo import is_near
from accounts.models import Goal, User
from exams.models import BackgroundSurvey, SelfAssessment
from exams.survey import labels as survey_labels
from exams.survey import rules as survey_rules
from materials.models import ItemType, Prompt
from opic.lib.levels import DEFAULT_STEP, step_code
from practice.cards import deck
from practice.cards.matching import slips
from scoring.models import Rating
from scoring.raters.base import is_embedded

# exam facts A1
ORIENTATION_MINUTES = 20
SLIPS_SHOWN = 5
TAKES_SHOWN = 3
# what opens a test, and asks for least
WARM_UP = (ItemType.INTRO, ItemType.DESC, ItemType.ROUT)
WARM_UPS_LOOKED_AT = 300


@dataclass(frozen=True)
class ExamDayCard:
    """What home shows on the day before the exam and on exam day."""

    exam_on: date
    is_today: bool


def card_for(person: User, exam_on: date | None) -> ExamDayCard | None:
    """Return a card only when the exam is today or tomorrow, on the person's own calendar."""
    if exam_on is None or not is_near(person, exam_on):
        return None
    return ExamDayCard(exam_on, exam_on == person.today)


@dataclass(frozen=True)
class Chosen:
    """What a person chose in the survey and at the self-assessment, in words."""

    goal: Goal | None
    step: str
    answers: Sequence[tuple[str, str]]
    lists: Sequence[tuple[str, str]]
    topics: frozenset[str]
    own_step: int

    @property
    def has_survey(self) -> bool:
        """Return whether the survey is filled in."""
        return bool(self.lists)


def chosen_by(person: User) -> Chosen:
    """Return goal, survey and the last self-assessment, in one query."""
    sat = SelfAssessment.objects.filter(attempt__candidate=OuterRef("pk"))
    last = sat.order_by("-attempt__made_at")
    row = (
        User.objects.select_related("goal", "survey")
        .annotate(
            first_step=Subquery(last.values("step")[:1]),
            second_step=Subquery(last.values("second_step")[:1]),
        )
        .get(pk=person.pk)
    )
    goal, survey = getattr(row, "goal", None), getattr(row, "survey", None)
    own = row.first_step or (goal.step if goal else DEFAULT_STEP)
    step = step_code(own, row.second_step) if goal or row.first_step else ""
    return Chosen(goal, step, *_survey_in_words(survey), own)


def _survey_in_words(survey: BackgroundSurvey | None) -> tuple[Any, Any, frozenset[str]]:
    """Return survey answers, lists and the topics they open; what is gone is left out."""
    if survey is None:
        return (), (), frozenset()
    picked = survey_rules.existing_only(survey.picked)
    answers = [
        (str(survey_labels.QUESTIONS[question.name]), str(choices[survey.answers[question.name]]))
        for question in survey_rules.QUESTIONS
        if survey.answers.get(question.name) in (choices := survey_labels.CHOICES[question.name])
    ]
    lists = [
        (
            str(survey_labels.LISTS[name]),
            ", ".join(str(survey_labels.ITEMS[item]) for item in items),
        )
        for name, items in picked.items()
        if items
    ]
    works, studies = survey_rules.works(survey.answers), survey_rules.studies(survey.answers)
    return answers, lists, survey_rules.topics_of(picked, works=works, studies=studies)


@dataclass(frozen=True)
class Slip:
    """A mistake, how often it came up, and one of the person's own sentences corrected."""

    original: str
    meant: str
    count: int
    quote: str
    better: str


def slips_in(ratings: Iterable[Rating]) -> list[Slip]:
    """Return the SLIPS_SHOWN mistakes that came up most; of equals those that come first.

    With ratings newest first these are the newest.
    """
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], dict[str, Any]] = {}
    for rating in ratings:
        for row in deck.corrections_of(rating):
            for slip in slips(row["quote"], row["better"]):
                counts[slip] += 1
                examples.setdefault(slip, row)
    common: list[Slip] = []
    for slip, count in counts.most_common():
        row = examples[slip]
        if len(common) < SLIPS_SHOWN and all(row["quote"] != one.quote for one in common):
            common.append(Slip(*slip, count, row["quote"], row["better"]))
    return common


def best_takes(ratings: Iterable[Rating]) -> list[Rating]:
    """Return the TAKES_SHOWN best responses that still have sound, one a prompt.

    Recited ones do not count.
    """
    heard = [row for row in ratings if row.response.audio and not row.is_weak]
    heard.sort(key=lambda row: (row.level_low or 0, row.level_high or 0), reverse=True)
    by_prompt: dict[Any, Rating] = {}
    for rating in heard:
        by_prompt.setdefault(rating.response.revision.prompt_id, rating)
    return list(by_prompt.values())[:TAKES_SHOWN]


def warm_up_for(person: User, chosen: Chosen) -> list[Prompt]:
    """Return one easy prompt of each type in WARM_UP, on the person's own topics if possible.

    The choice is the same all day.
    """
    fitting = Prompt.objects.published().at_step(chosen.own_step)
    easy = fitting.filter(item_type__in=WARM_UP).select_related("topic").order_by("key")
    rows = list(easy[:WARM_UPS_LOOKED_AT])
    draw = random.Random(f"{person.pk} {person.today}")
    prompts = []
    for kind in WARM_UP:
        of_kind = [row for row in rows if row.item_type == kind]
        familiar = [row for row in of_kind if row.topic.slug in chosen.topics]
        if of_kind:
            prompts.append(draw.choice(familiar or of_kind))
    return prompts


@require_safe
def exam_day_page(request: HttpRequest) -> HttpResponse:
    """Show the page; it can be opened on any day."""
    person = cast(User, request.user)
    chosen = chosen_by(person)
    newest = deck.newest_ratings(person).select_related("response__revision__prompt__topic")
    ratings = list(deck.last_of_each(newest))
    context = {
        "chosen": chosen,
        "exam_day": card_for(person, chosen.goal.exam_on if chosen.goal else None),
        "exam_on": chosen.goal.exam_on if chosen.goal else None,
        "orientation_minutes": ORIENTATION_MINUTES,
        "test_minutes": settings.OPIC_EXAM_SECONDS // 60,
        "slips": slips_in(ratings),
        "has_corrections": not is_embedded(),
        "takes": best_takes(ratings),
        "warm_up": warm_up_for(person, chosen),
    }
    return render(request, "exam_day/exam_day.html", context)
