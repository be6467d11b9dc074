"""The board: what a target needs by topic, each cell filled by the speaker's own words. Pure.

A day keeps what its answers hold (`board_of`, stored in `DaySummary.board`): the newest of each
topic, task and source, and whether that answer was long; of the length the longest. `filled` puts
days together. No level stands in any of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from accounts.level_embargo import is_withheld
from materials.models import ItemType
from opic.lib.levels import Level
from scoring.levels.delivery import TYPICAL
from scoring.levels.speech_functions import standard_of
from scoring.levels.verdicts import Criterion, Verdict

# raise it with every change of what a day holds: boards of another version are made anew when read
BOARD_VERSION = 1
BOARD_DAYS = 366  # what was held before is no evidence of today

DESCRIPTION, ROUTINE, LENGTH = "description", "routine", "length"
STORY, COMPARISON, QUESTIONS, COMPLICATION = (
    "past_story",
    "comparison",
    "questions",
    "complication",
)
ADVANCED_FROM = Level.IM3  # targets from here on need stories, comparisons and problems to hold
ITEM_TYPES: Mapping[str, tuple[str, ...]] = {
    DESCRIPTION: (ItemType.DESC,),
    ROUTINE: (ItemType.ROUT,),
    STORY: (ItemType.PAST, ItemType.MEM),
    COMPARISON: (ItemType.CMP, ItemType.CHG),
    QUESTIONS: (ItemType.RP_ASK, ItemType.ASK_AVA),
    COMPLICATION: (ItemType.RP_SOLVE, ItemType.RP_EXP),
    LENGTH: tuple(ItemType.values),
}
ASKED_BY = {
    item_type: task
    for task, item_types in ITEM_TYPES.items()
    if task != LENGTH
    for item_type in item_types
}
FACTS, VERDICT, MEASURE = "f", "v", "m"  # sources
LONG = TYPICAL[Level.AL].length_seconds[0]

MOST_CHARACTERS = 90  # of a piece
LEAST_WORDS = 4  # of a piece, before the end of a clause ends it
CLAUSE_ENDS = (".", "?", "!", ";", ":", ",")


def tasks_for(target: Level) -> tuple[str, ...]:
    """Return what a target needs, in the order of the board's columns."""
    if target < ADVANCED_FROM:
        return DESCRIPTION, ROUTINE, QUESTIONS, LENGTH
    return STORY, COMPARISON, QUESTIONS, COMPLICATION, LENGTH


def least_seconds(target: Level) -> float:
    """Return how long an answer of the target lasts at least."""
    return TYPICAL[target].length_seconds[0]


class Held(NamedTuple):
    """One thing that one answer holds, with its own words; stored as a list in this order.

    `moment`: seconds since 1970 at which it was recorded. `at`, `until`: seconds in its sound, None
    where no time can be believed. `seconds`: from the first to the last sound of the answer.
    """

    topic: str
    task: str
    source: str
    response: str
    moment: float
    seconds: float
    text: str
    at: float | None
    until: float | None

    @property
    def recorded_at(self) -> datetime:
        """Return when it was recorded."""
        return datetime.fromtimestamp(self.moment, UTC)

    @property
    def age_key(self) -> tuple[float, str]:
        """Return what sorts it by age, the newest last."""
        return self.moment, self.response


@dataclass(frozen=True)
class Spoken:
    """One answer as the board reads it. `words` and `tasks` are a judge's facts, `stretches` those
    of a rater's advice.
    """

    response: str
    topic: str
    item_type: str
    moment: float
    is_weak: bool = False
    measures: Mapping[str, Any] = field(default_factory=dict)
    tasks: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    words: Sequence[Sequence[Any]] = ()
    is_understood: bool = False
    criteria: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stretches: Sequence[Mapping[str, Any]] = ()


class Piece(NamedTuple):
    """A few words and where they are in the sound."""

    text: str
    at: float | None
    until: float | None


# --- one answer -----------------------------------------------------------------------------------


def held_in(spoken: Spoken) -> list[Held]:
    """Return all that one answer holds, whatever the target."""
    return [
        Held(
            spoken.topic,
            task,
            source,
            spoken.response,
            spoken.moment,
            spoken_seconds(spoken.measures),
            *piece,
        )
        for task, source, piece in (*_by_facts(spoken), *_by_verdict(spoken), *_length(spoken))
    ]


def spoken_seconds(measures: Mapping[str, Any]) -> float:
    """Return the seconds from the first to the last sound; of the whole where runs are missing."""
    runs = measures.get("runs")
    if runs:
        (first, _length_of_first), (last, length) = runs[0], runs[-1]
        return float(last + length - first)
    return float(measures.get("length_seconds", 0))


def _by_facts(spoken: Spoken) -> Iterator[tuple[str, str, Piece]]:
    for task, quotes in spoken.tasks.items():
        if task in ITEM_TYPES and task != LENGTH and quotes and spoken.words:
            yield task, FACTS, _piece_of_words(spoken.words, int(quotes[0]["start"]))


def _by_verdict(spoken: Spoken) -> Iterator[tuple[str, str, Piece]]:
    """What was asked for was done, as a rater judged at the standard of that kind of question. What
    sounds learnt by heart fills nothing.
    """
    task = ASKED_BY.get(spoken.item_type)
    row = spoken.criteria.get(Criterion.FUNCTIONS, {})
    is_met = row.get(standard_of(spoken.item_type).value) == Verdict.MET
    if task and is_met and not spoken.is_weak and (quotes := row.get("quotes")):
        yield task, VERDICT, _piece_of_stretches(spoken.stretches, str(quotes[0]))


def _length(spoken: Spoken) -> Iterator[tuple[str, str, Piece]]:
    if spoken.words and spoken.is_understood:
        yield LENGTH, MEASURE, _piece_of_words(spoken.words, 0)
    elif text := " ".join(str(row["text"]) for row in spoken.stretches).strip():
        yield LENGTH, MEASURE, _piece_of_stretches(spoken.stretches, text)


def _piece_of_words(words: Sequence[Sequence[Any]], start: int) -> Piece:
    """Return the words from a character of the transcript on, up to the end of a clause."""
    end, first = -1, len(words) - 1
    for at, word in enumerate(words):
        end += 1 + len(word[0])
        if end > start:
            first = at
            break
    text, count = _cut([str(word[0]) for word in words[first:]])
    return Piece(text, float(words[first][1]), float(words[first + count - 1][2]))


def _piece_of_stretches(stretches: Sequence[Mapping[str, Any]], quote: str) -> Piece:
    """Return the beginning of a quotation. A rater's times are those of whole stretches."""
    text, _count = _cut(quote.split())
    transcript = " ".join(str(row["text"]) for row in stretches)
    start = transcript.find(quote)
    at: float | None = None
    place = 0
    for row in stretches if start >= 0 else ():
        time = row.get("at")
        if place <= start:
            at = None if time is None else float(time)
        elif place >= start + len(text) and at is not None and time is not None:
            return Piece(text, at, float(time))
        place += len(str(row["text"])) + 1
    return Piece(text, at, None)


def _cut(words: Sequence[str]) -> tuple[str, int]:
    """Return so many words as make a piece, and how many these are: one at least."""
    text = words[0][:MOST_CHARACTERS]
    for count, word in enumerate(words[1:], 1):
        if count >= LEAST_WORDS and text.endswith(CLAUSE_ENDS):
            return text, count
        if len(text) + len(word) + 2 > MOST_CHARACTERS:
            return f"{text}…", count
        text = f"{text} {word}"
    return text, len(words)


# --- one day --------------------------------------------------------------------------------------


def board_of(spoken: Sequence[Spoken]) -> dict[str, Any]:
    """Return the board of a day, for `DaySummary.board`."""
    best: dict[tuple[Any, ...], Held] = {}
    for held in (held for one in spoken for held in held_in(one)):
        if held.task == LENGTH:
            key: tuple[Any, ...] = (held.topic, held.task)
            is_better = key not in best or _length_key(held) > _length_key(best[key])
        else:
            key = held.topic, held.task, held.source, held.seconds >= LONG
            is_better = key not in best or held.age_key > best[key].age_key
        if is_better:
            best[key] = held
    topics = sorted({one.topic for one in spoken})
    return {"v": BOARD_VERSION, "topics": topics, "cells": [list(one) for one in best.values()]}


def pairs_of(board: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the (topic, task) pairs that a day's board holds, without the length."""
    held = [Held._make(row) for row in board["cells"]]
    return sorted({(one.topic, one.task) for one in held if one.task != LENGTH})


def _length_key(held: Held) -> tuple[float, float, str]:
    return held.seconds, *held.age_key


def is_stale(board: Mapping[str, Any]) -> bool:
    """Return whether another version of the product made this board of a day."""
    return board.get("v") != BOARD_VERSION


# --- many days ------------------------------------------------------------------------------------


def counts(held: Held, target: Level, since: datetime | None) -> bool:
    """Return whether this fills a cell for a target.

    For AL a story, a comparison and a solved problem have to stand in an answer of the target's
    length. A verdict on what was recorded since the embargo began (`since`) is withheld: it would
    tell of a rating.
    """
    if held.task == LENGTH:
        return held.seconds >= least_seconds(target)
    if held.source == VERDICT and is_withheld(held.recorded_at, since):
        return False
    return target < Level.AL or held.task == QUESTIONS or held.seconds >= LONG


def filled(
    boards: Iterable[Mapping[str, Any]], target: Level, since: datetime | None = None
) -> dict[tuple[str, str], Held]:
    """Return (topic, task) -> the newest that fills it, of the tasks that the target needs.

    Quickest where the newest board comes first: most rows are then older than what fills a cell.
    """
    tasks = tasks_for(target)
    cells: dict[tuple[str, str], Held] = {}
    for row in (row for board in boards for row in board.get("cells", [])):
        topic, task, _source, response, moment = row[:5]
        before = cells.get((topic, task))
        if task not in tasks or (before and (moment, response) <= before.age_key):
            continue
        held = Held._make(row)
        if counts(held, target, since):
            cells[topic, task] = held
    return cells


def topics_of(boards: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the slugs of topics that were answered, the newest first; boards newest day first."""
    return list(dict.fromkeys(topic for board in boards for topic in board.get("topics", [])))
