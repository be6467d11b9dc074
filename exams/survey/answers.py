"""The survey as a person fills it in: a part as it is shown and saved, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext, ngettext

from accounts.models import User
from exams.models import BackgroundSurvey
from exams.survey import labels as survey_labels
from exams.survey import rules as survey_rules
from materials import picked_topics
from opic.lib.stores.first_rows import save_row

LAST_PART = survey_rules.PARTS[-1]


@dataclass(frozen=True)
class Choice:
    """One choice of a question or list, with its words."""

    value: str
    label: str
    is_picked: bool


@dataclass(frozen=True)
class Asked:
    """One question of parts 1-3, or one list of part 4."""

    name: str
    label: str
    choices: Sequence[Choice]
    least: int = 0


@dataclass(frozen=True)
class Part:
    """A part as the page shows it."""

    number: int
    asked: Sequence[Asked]
    errors: Sequence[str] = field(default_factory=tuple)
    picked: int = 0
    least: int = 0

    @property
    def is_last(self) -> bool:
        """Return whether this is the part with the four lists."""
        return self.number == LAST_PART


def survey_of(candidate: User) -> BackgroundSurvey:
    """Return the candidate's survey, or an empty one that is not saved yet."""
    saved = BackgroundSurvey.objects.filter(candidate=candidate).first()
    return saved or BackgroundSurvey(candidate=candidate, version=survey_rules.lists().version)


def first_open_part(survey: BackgroundSurvey) -> int:
    """Return the first part that still needs something; the last when all are complete."""
    open_parts = [
        part for part in survey_rules.PARTS if _missing_in(part, survey.answers, survey.picked)
    ]
    return open_parts[0] if open_parts else LAST_PART


def _missing_in(part: int, answers: Mapping[str, str], picked: Mapping[str, Any]) -> list[str]:
    if part != LAST_PART:
        return survey_rules.missing(part, answers, variants())
    return survey_rules.too_few(picked, least_in_all=settings.OPIC_SURVEY_LEAST)


def read(part: int, posted: QueryDict, survey: BackgroundSurvey) -> list[str]:
    """Read what was posted into the survey, unsaved; return names of what is still missing.

    Fields of no question are not looked at.
    """
    if part == LAST_PART:
        chosen = {name: posted.getlist(name) for name in survey_labels.LISTS}
        survey.picked = survey_rules.existing_only(chosen, variants())
    else:
        mine = {question.name for question in survey_rules.QUESTIONS if question.part == part}
        given = {name: str(posted[name]) for name in mine if name in posted}
        others = {name: value for name, value in survey.answers.items() if name not in mine}
        survey.answers = survey_rules.valid_answers({**others, **given}, variants())
    survey.before_preset = None  # what was changed since is not to be undone with it
    _note_state(survey)
    return _missing_in(part, survey.answers, survey.picked)


def take_preset(candidate: User, name: str, *, replaces_all: bool = False) -> BackgroundSurvey:
    """Save a ready set as the candidate's own, and what stood before for `undo_preset`.

    It fills part 4. Parts 1-3 stay where they are complete, unless `replaces_all`: who works would
    else be asked as somebody who never did. Raises KeyError.
    """
    survey = survey_of(candidate)
    before = {"answers": survey.answers, "picked": survey.picked}
    answers, picked = survey_rules.preset(name)
    if not replaces_all and has_answers(survey):
        answers = survey.answers
    if before == {"answers": answers, "picked": picked}:
        return survey  # a second press: what stood before the first can still be put back
    survey.answers, survey.picked, survey.before_preset = answers, picked, before
    _note_state(survey)
    save(survey)
    return survey


def undo_preset(candidate: User) -> bool:
    """Put back what stood before the last ready set; False where there is nothing to undo."""
    survey = survey_of(candidate)
    before = survey.before_preset
    if not before:
        return False
    survey.answers, survey.picked, survey.before_preset = before["answers"], before["picked"], None
    _note_state(survey)
    save(survey)
    return True


@transaction.atomic
def save(survey: BackgroundSurvey) -> None:
    """Save a survey, and with it which topics it opens, for practice; none before part 4."""
    save_row(survey.save)
    picked_topics.replace(survey.candidate, topics_opened(survey))


def topics_opened(survey: BackgroundSurvey) -> frozenset[str]:
    """Return the slugs of the topics that a survey opens; none while nothing is picked."""
    picked = survey_rules.existing_only(survey.picked, variants())
    if not any(picked.values()):
        return frozenset()
    works, studies = survey_rules.works(survey.answers), survey_rules.studies(survey.answers)
    return survey_rules.topics_of(picked, works=works, studies=studies, variants=variants())


def preset_texts(name: str, survey: BackgroundSurvey) -> tuple[str, str]:
    """Return what a ready set fills in, and the answers it would give to parts 1-3, in words."""
    answers, picked = survey_rules.preset(name)
    count = sum(len(items) for items in picked.values())
    text = gettext("Fills in part 4, %(n)d choices. Parts 1 to 3 stay as they are.")
    if not has_answers(survey):
        text = gettext("Fills in all four parts; change what is not true of you.")
    labels = (str(survey_labels.CHOICES[question][value]) for question, value in answers.items())
    words = [
        f"{survey_labels.QUESTIONS[question]} {label}"
        for question, label in zip(answers, labels, strict=True)
    ]
    return text % {"n": count}, " · ".join(words)


def has_answers(survey: BackgroundSurvey) -> bool:
    """Return whether parts 1-3 are complete."""
    return not any(
        _missing_in(part, survey.answers, survey.picked) for part in survey_rules.PARTS[:-1]
    )


def _note_state(survey: BackgroundSurvey) -> None:
    """Note the version of the questions, and whether all of them have an answer."""
    survey.version = survey_rules.lists().version
    survey.is_complete = not any(
        _missing_in(part, survey.answers, survey.picked) for part in survey_rules.PARTS
    )


def part_for(number: int, survey: BackgroundSurvey, errors: Sequence[str] = ()) -> Part:
    """Return a part for the page, with words for the names in `errors`."""
    messages = tuple(_in_words(number, error) for error in errors)
    if number == LAST_PART:
        count = sum(len(items) for items in survey.picked.values())
        return Part(number, _lists(survey.picked), messages, count, settings.OPIC_SURVEY_LEAST)
    asked = [
        Asked(
            question.name,
            str(survey_labels.QUESTIONS[question.name]),
            [
                Choice(
                    value,
                    str(survey_labels.CHOICES[question.name][value]),
                    survey.answers.get(question.name) == value,
                )
                for value in choices
            ],
        )
        for question, choices in survey_rules.questions(number, survey.answers, variants())
    ]
    return Part(number, asked, messages)


def _lists(picked: Mapping[str, Sequence[str]]) -> list[Asked]:
    return [
        Asked(
            name,
            str(survey_labels.LISTS[name]),
            [
                Choice(item, str(survey_labels.ITEMS[item]), item in picked.get(name, ()))
                for item in items
            ],
            least=survey_rules.MINIMUMS[name],
        )
        for name, items in survey_rules.lists(variants()).items.items()
    ]


def _in_words(part: int, error: str) -> str:
    if part != LAST_PART:
        return gettext("Please answer: %(question)s") % {"question": survey_labels.QUESTIONS[error]}
    if error == "total":
        return gettext("Pick at least %(n)d in all.") % {"n": settings.OPIC_SURVEY_LEAST}
    if error == survey_rules.NO_EXERCISE:
        return gettext("“I do no sport at all” goes with no other sport.")
    least = survey_rules.MINIMUMS[error]
    text = ngettext("%(list)s: pick at least %(n)d.", "%(list)s: pick at least %(n)d.", least)
    return text % {"list": survey_labels.LISTS[error], "n": least}


def variants() -> frozenset[str]:
    """Return the variants of the survey that are switched on."""
    return frozenset(settings.OPIC_SURVEY_VARIANTS)
