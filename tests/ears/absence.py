"""What the built-in judge's pages say was not heard, and how often the text that was spoken has it.

One row for each sentence that the pages can show. Whether a text has something is said by the judge
itself, of the text as it was written and every word sure; whether a correct text speaks of what was
and will be, by the hand that wrote it (tests/ears/texts.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

from materials.packs_reader import read_bank
from scoring.raters.builtin import flow, questions
from scoring.raters.builtin.advice import ASKING, LEAST_KINDS, LINKED_WORDS, QUESTIONS, TELLING
from scoring.raters.builtin.facts import Asked, facts_of
from scoring.raters.builtin.lexicon import words_of
from scoring.raters.builtin.relevance import is_on_question, points_in
from scoring.raters.builtin.speech import Speech, parse_speech
from tests.ears.judged import facts_about

Row = dict[str, Any]
FRAMES = ("past", "present", "future")
QUESTION_STEP = 8  # every so many questions of the bank are asked of a text


@dataclass(frozen=True)
class Take:
    """One answer as it was heard or as it was written, with the facts about it."""

    file: Row
    speech: Speech
    facts: Row

    @cached_property
    def points(self) -> Mapping[str, bool]:
        """Return the points of the bank that its text has, and whether each came up here."""
        rows = points_in(self.speech, points_in_text(self.file["text"]))
        return {row["text"]: row["is_touched"] for row in rows}


@dataclass(frozen=True)
class Absence:
    """A sentence that says what was not heard. `missing_in` and `had_by`: the things it is about,
    of an answer as it was heard, and of the same as it was written.
    """

    sentence: str
    missing_in: Callable[[Take], Iterable[str]]
    had_by: Callable[[Take], Iterable[str]]


@dataclass(frozen=True)
class Count:
    """`had`: things that the texts have. `reported`: times one is reported as not heard; `untrue`:
    those of one that the text has.
    """

    had: int = 0
    reported: int = 0
    untrue: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.had + other.had, self.reported + other.reported, self.untrue + other.untrue
        )


def heard_take(file: Row) -> Take:
    """Return what was heard of a made recording."""
    words = file["details"]["words"]
    return Take(file, parse_speech(words, file["measures"]), facts_about(file))


def written_take(file: Row) -> Take:
    """Return the text that was spoken, as if each of its words had been heard clearly."""
    rows = [[word, at, at + 0.9, 0.95] for at, word in enumerate(file["text"].split())]
    asked = Asked(item_type=file.get("item_type", ""), prompt_text=file.get("prompt", ""))
    measures = {"pauses": _stops(file["text"]), "runs": [[0.0, float(len(rows))]]}
    return Take(file, parse_speech(rows, measures), dict(facts_of(rows, measures, asked)))


def _stops(text: str) -> list[list[float]]:
    """Return a silence behind each sentence of a text whose words begin a second apart."""
    pairs = pairwise(text.split())
    return [[at + 0.9, 0.6] for at, (word, _next) in enumerate(pairs) if word[-1] in ".?!"]


@cache
def _prompts() -> Sequence[Any]:
    return list(read_bank().prompts.values())


@cache
def points_in_text(text: str) -> tuple[str, ...]:
    """Return the points of the bank's questions that a text as written surely has."""
    asked = dict.fromkeys(point for prompt in _prompts() for point in prompt.points)
    speech = parse_speech([[word, at, at + 0.9, 1.0] for at, word in enumerate(text.split())], {})
    return tuple(row["text"] for row in points_in(speech, asked) if row["is_touched"])


@cache
def questions_of_text(text: str) -> tuple[int, ...]:
    """Return the places of the bank's questions, every eighth, that a text as written is on."""
    speech = parse_speech([[word, at, at + 0.9, 1.0] for at, word in enumerate(text.split())], {})
    return tuple(
        at
        for at, prompt in enumerate(_prompts()[::QUESTION_STEP])
        if is_on_question(speech, prompt.text, prompt.points)
    )


def _questions_off(take: Take) -> list[str]:
    prompts = _prompts()[::QUESTION_STEP]
    return [
        prompts[at].key
        for at in questions_of_text(take.file["text"])
        if is_on_question(take.speech, prompts[at].text, prompts[at].points) is False
    ]


def _questions_on(take: Take) -> list[str]:
    prompts = _prompts()[::QUESTION_STEP]
    return [prompts[at].key for at in questions_of_text(take.file["text"])]


def _frame(name: str) -> Absence:
    def had(take: Take) -> bool:
        by_hand = take.file.get(name)
        return bool(take.facts["time_frames"][name]) if by_hand is None else bool(by_hand)

    return Absence(
        f"{name.capitalize()}: none we are sure of",
        lambda take: [name] * (not take.facts["time_frames"][name]),
        lambda take: [name] * had(take),
    )


def _advice(key: str, sentence: str, lacks: Callable[[Take], bool]) -> Absence:
    return Absence(
        sentence,
        lambda take: [key] * (take.facts["advice"]["key"] == key),
        lambda take: [key] * (not lacks(take)),
    )


def _lacks_past(take: Take) -> bool:
    return take.file.get("item_type") in TELLING and not flow.hears_a_past(take.speech)


def _lacks_future(take: Take) -> bool:
    return words_of("future_sign").isdisjoint(take.speech.cores)


def _lacks_questions(take: Take) -> bool:
    is_asked = take.file.get("item_type") in ASKING
    return is_asked and questions.may_ask(take.speech) < QUESTIONS


def _lacks_links(take: Take) -> bool:
    kinds = {row["kind"] for row in take.facts["links"]}
    return len(take.speech.bare) >= LINKED_WORDS and len(kinds) < LEAST_KINDS


def _task(name: str, label: str) -> Absence:
    return Absence(
        f"{label} heard yet (the board)",
        lambda take: [name] * (not take.facts["tasks"][name]),
        lambda take: [name] * bool(take.facts["tasks"][name]),
    )


ABSENCES = (
    Absence(
        "a part of the question: not heard in the answer",
        lambda take: [text for text, is_touched in take.points.items() if not is_touched],
        lambda take: points_in_text(take.file["text"]),
    ),
    Absence("We heard few words of the question", _questions_off, _questions_on),
    *map(_frame, FRAMES),
    Absence(
        "Words that link: None was heard",
        lambda take: ["links"] * (not take.facts["links"]),
        lambda take: ["links"] * bool(take.facts["links"]),
    ),
    Absence(
        "We did not hear the ending of ...",
        lambda take: [row["word"] for row in take.facts["endings"]],
        lambda take: [core for core in take.speech.cores if core.endswith("ed")],
    ),
    _advice("time_frame_past", "Next: We are not sure of any past", _lacks_past),
    _advice(
        "time_frame_future", "Next: We are not sure of anything about the future", _lacks_future
    ),
    _advice("questions", "Next: we heard fewer than three questions", _lacks_questions),
    _advice("links", "Next: We heard one kind of linking word at most", _lacks_links),
    _task("description", "No description"),
    _task("routine", "No routine"),
    _task("past_story", "No story"),
    _task("comparison", "No comparison"),
    _task("questions", "No questions"),
    _task("complication", "No solved problem"),
)


def counts_of(files: Iterable[Row]) -> dict[str, Count]:
    """Count each sentence over recordings that were understood."""
    counts = {absence.sentence: Count() for absence in ABSENCES}
    for file in files:
        heard = heard_take(file)
        if heard.facts["is_understood"]:
            written = written_take(file)
            for absence in ABSENCES:
                counts[absence.sentence] += count(absence, heard, written)
    return counts


def count(absence: Absence, heard: Take, written: Take) -> Count:
    """Count what one sentence says of one recording."""
    missing, had = set(absence.missing_in(heard)), set(absence.had_by(written))
    return Count(len(had), len(missing), len(missing & had))
