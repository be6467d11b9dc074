"""The background survey: its questions, its rules, and which topics an answer opens. Pure.

Source: exam facts A3. Parts 1-3 are questions of which some follow from others; part 4 is four
lists. The lists are data (materials/packs/survey-map.json), versioned; screens that differ (art
galleries, croquet, military service) are variants, switched by name.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from materials.packs_reader import SURVEY_MAP

MINIMUMS = {"leisure": 2, "hobbies": 1, "sports": 1, "travel": 1}
LEAST_IN_ALL = 12
NO_EXERCISE = "no-exercise"
MILITARY = "military"
PARTS = (1, 2, 3, 4)
Answers = Mapping[str, str]
Picked = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Question:
    """One choice of parts 1-3. `when`: every named answer is one of these, else it is not asked."""

    name: str
    part: int
    choices: tuple[str, ...]
    when: tuple[tuple[str, frozenset[str]], ...] = ()

    def is_asked(self, answers: Answers) -> bool:
        """Return whether somebody with these answers is asked it."""
        return all(answers.get(name) in wanted for name, wanted in self.when)


def _when(**wanted: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(values.split())) for name, values in wanted.items())


_COURSES = ("degree", "lifelong", "language")
QUESTIONS: tuple[Question, ...] = (
    Question("work", 1, ("company", "home-business", "teacher", MILITARY, "none")),
    Question("teaches", 1, ("university", "school", "lifelong"), _when(work="teacher")),
    Question("has_job", 1, ("yes", "no"), _when(work="company home-business teacher")),
    Question(
        "how_long",
        1,
        ("first-short", "first-long", "experienced"),
        _when(work="company home-business", has_job="yes"),
    ),
    Question(
        "how_long_teaching",
        1,
        ("first-short", "other-before", "long"),
        _when(work="teacher", has_job="yes"),
    ),
    Question(
        "manages",
        1,
        ("yes", "no"),
        _when(work="company home-business", has_job="yes", how_long="first-long experienced"),
    ),
    Question(
        "manages_teachers",
        1,
        ("yes", "no"),
        _when(work="teacher", has_job="yes", how_long_teaching="long"),
    ),
    Question("student", 2, ("yes", "no")),
    Question("course", 2, _COURSES, _when(student="yes")),
    Question("last_course", 2, (*_COURSES, "over-five-years"), _when(student="no")),
    Question("dwelling", 3, ("alone", "friends", "family", "dormitory", "barracks")),
)


@dataclass(frozen=True)
class Lists:
    """The four lists of part 4: item -> topic slug; and what parts 1-3 open."""

    version: str
    items: Mapping[str, Mapping[str, str]]
    identity: Mapping[str, tuple[str, ...]]
    presets: Mapping[str, Mapping[str, Any]]


@cache
def lists(variants: frozenset[str] = frozenset()) -> Lists:
    """Return the four lists, with what these variants add or put in another's place."""
    data: dict[str, Any] = json.loads(SURVEY_MAP.read_text(encoding="utf-8"))
    items = {name: dict(row) for name, row in data["lists"].items()}
    for name in sorted(variants & set(data["variants"])):
        variant = data["variants"][name]
        items[variant["list"]].pop(variant.get("instead_of", ""), None)
        items[variant["list"]][name] = variant["topic"]
    identity = {name: tuple(slugs) for name, slugs in data["identity"].items()}
    return Lists(data["version"], items, identity, data["presets"])


def variant_names() -> frozenset[str]:
    """Return all names that `OPIC_SURVEY_VARIANTS` may have."""
    data: dict[str, Any] = json.loads(SURVEY_MAP.read_text(encoding="utf-8"))
    return frozenset(data["variants"]) | {MILITARY}


def questions(
    part: int, answers: Answers, variants: frozenset[str] = frozenset()
) -> Iterator[tuple[Question, tuple[str, ...]]]:
    """Yield what a part asks of somebody with these answers: question and choices."""
    for question in QUESTIONS:
        if question.part == part and question.is_asked(answers):
            hidden = set() if MILITARY in variants else {MILITARY, "barracks"}
            yield question, tuple(one for one in question.choices if one not in hidden)


def valid_answers(answers: Answers, variants: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the answers that are a choice of a question that is asked.

    An answer to a question that is not asked any more is dropped.
    """
    valid: dict[str, str] = {}
    for part in PARTS[:3]:
        while True:
            before = len(valid)
            for question, choices in questions(part, valid, variants):
                if answers.get(question.name) in choices:
                    valid[question.name] = answers[question.name]
            if len(valid) == before:
                break
    return valid


def missing(part: int, answers: Answers, variants: frozenset[str] = frozenset()) -> list[str]:
    """Return the names of a part's questions that still need an answer."""
    return [
        question.name
        for question, _choices in questions(part, answers, variants)
        if question.name not in answers
    ]


def existing_only(picked: Picked, variants: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return what was picked and is on the lists: each once, in the lists' order."""
    return {
        name: [item for item in items if item in set(picked.get(name, ()))]
        for name, items in lists(variants).items.items()
    }


def too_few(picked: Picked, *, least_in_all: int = LEAST_IN_ALL) -> list[str]:
    """Return why part 4 is not complete: names of lists, `total`, `no-exercise`."""
    short = [name for name, least in MINIMUMS.items() if len(set(picked.get(name, ()))) < least]
    if sum(len(set(items)) for items in picked.values()) < least_in_all:
        short.append("total")
    sports = set(picked.get("sports", ()))
    if NO_EXERCISE in sports and len(sports) > 1:
        short.append(NO_EXERCISE)
    return short


def works(answers: Answers) -> bool:
    """Return whether somebody with these answers is asked about work."""
    return answers.get("has_job") == "yes" or answers.get("work") == MILITARY


def studies(answers: Answers) -> bool:
    """Return whether somebody with these answers is asked about school."""
    return answers.get("student") == "yes"


def topics_of(
    picked: Picked,
    *,
    works: bool,
    studies: bool,
    variants: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Return the slugs of the topics that a survey opens; those of work only for who works."""
    existing = lists(variants)
    slugs = {existing.items[name][item] for name, items in picked.items() for item in items}
    slugs |= set(existing.identity["home"])
    slugs |= set(existing.identity["work"]) if works else set()
    slugs |= set(existing.identity["school"]) if studies else set()
    return frozenset(slugs)


def preset(name: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return a ready set of answers: parts 1-3, and the four lists. Raises KeyError."""
    row = lists().presets[name]
    return dict(row["answers"]), {key: list(items) for key, items in row["picked"].items()}


def preset_names() -> Sequence[str]:
    """Return the names of the ready sets of answers."""
    return tuple(lists().presets)
