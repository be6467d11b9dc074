"""What an answer holds of the tasks a level needs, each with its own words. Pure.

Only what is surely there: a cell of the board is filled by it. Nothing rests on a final sound.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opic.lib.levels import Level
from scoring.levels.delivery import TYPICAL
from scoring.raters.builtin.frames import TimeWord, is_past_verb
from scoring.raters.builtin.lexicon import words_of
from scoring.raters.builtin.speech import Fact, Speech

STORY_CLAUSES = 3
QUESTIONS = 3
SIGNS = 2  # of a comparison, of a routine
DESCRIBING = 4  # signs of a description, of two sorts
LEAST_WORDS = 30  # of an answer that holds a task other than questions
MOST_QUOTES = 5
APART = 3  # words between two clauses of a story
_WHERE = (("on", "the", "left"), ("on", "the", "right"), ("in", "front", "of"), ("next", "to"))
_NOW = (("these", "days"), ("now", "i"), ("now", "we"), ("now", "it"), ("but", "now"))
_NUMBER = re.compile(r"\d")
_NO = frozenset(("no", "not", "never", "any", "without"))
_OFFERS = (("could", "you"), ("can", "you"), ("how", "about"), ("can", "i"), ("could", "i"))


TASKS = (
    "past_story",
    "comparison",
    "questions",
    "complication",
    "description",
    "routine",
    "length",
)


@dataclass(frozen=True)
class Spoken:
    """What the tasks are looked for in: the words, the time words, the questions asked."""

    speech: Speech
    times: Sequence[TimeWord]
    questions: Sequence[Fact]
    target: Level


def tasks_in(spoken: Spoken) -> dict[str, list[Fact]]:
    """Return for each task the quotations that show it; an empty list where it is not sure."""
    speech = spoken.speech
    is_long = len(speech.bare) >= LEAST_WORDS
    return {
        "past_story": _story(spoken) if is_long else [],
        "comparison": _comparison(spoken) if is_long else [],
        "questions": list(spoken.questions) if len(spoken.questions) >= QUESTIONS else [],
        "complication": _complication(speech) if is_long else [],
        "description": _description(speech) if is_long else [],
        "routine": _routine(spoken) if is_long else [],
        "length": _length(spoken),
    }


def _quotes(speech: Speech, spans: Iterable[tuple[int, int]], least: int) -> list[Fact]:
    """Return the quotations of the spans that were clearly heard; none with fewer than `least`."""
    quotes = [
        speech.quote_bare(max(first, 0), min(last, len(speech.bare)))
        for first, last in spans
        if speech.is_sure_bare(first, last)
    ]
    return quotes[:MOST_QUOTES] if len(quotes) >= least else []


def _story(spoken: Spoken) -> list[Fact]:
    """Return the clauses of a story: three irregular pasts in order, a time word of the past."""
    speech = spoken.speech
    times = [time for time in spoken.times if time.frame == "past"]
    verbs: list[int] = []
    for at in range(len(speech.cores)):
        if is_past_verb(speech, at) and (not verbs or at - verbs[-1] >= APART):
            verbs.append(at)
    quotes = _quotes(speech, ((at - 1, at + 4) for at in verbs), STORY_CLAUSES)
    kinds = {speech.cores[at] for at in verbs} - {"was", "were"}
    return quotes if times and len(kinds) >= SIGNS else []


def _comparison(spoken: Spoken) -> list[Fact]:
    """Return two things set against each other: two signs of it, one of them sure by itself."""
    cores = spoken.speech.cores
    sure: list[tuple[int, int]] = []
    for at, core in enumerate(cores):
        if core == "than" and _is_compared(cores, at):
            sure.append((at - 3, at + 3))
        elif core in ("different", "similar") and cores[at + 1 : at + 2] in (("from",), ("to",)):
            sure.append((at - 2, at + 5))
        elif core == "compared" and cores[at + 1 : at + 2] in (("to",), ("with",)):
            sure.append((at, at + 5))
        elif core == "whereas":
            sure.append((at - 3, at + 5))
    more = _then_and_now(spoken)
    if more or (sure and len(sure) >= SIGNS):
        return _quotes(spoken.speech, sorted([*sure, *more]), SIGNS)
    return []


def _is_compared(cores: Sequence[str], at: int) -> bool:
    before, after = cores[max(at - 4, 0) : at], cores[at + 1 : at + 2]
    if not after or after[0] in words_of("number") or _NUMBER.match(after[0]):
        return False
    compared = words_of("comparative") | {"more", "less"}
    return not compared.isdisjoint(before) and before[-1] not in ("more", "rather", "other", "less")


def _then_and_now(spoken: Spoken) -> list[tuple[int, int]]:
    """Return what used to be, and what is now, where both are told."""
    cores = spoken.speech.cores
    then = [
        at
        for at in range(1, len(cores) - 2)
        if cores[at : at + 2] == ("used", "to") and cores[at - 1] in words_of("subject")
    ]
    now = [at for at in range(len(cores) - 2) if cores[at : at + 2] in _NOW]
    if then and now and now[-1] > then[0]:
        return [(then[0] - 1, then[0] + 5), (now[-1], now[-1] + 5)]
    return []


def _complication(speech: Speech) -> list[Fact]:
    """Return what went wrong, and behind it what was done or offered."""
    cores = speech.cores
    wrong = [
        at
        for at, core in enumerate(cores)
        if core in words_of("problem") and _NO.isdisjoint(cores[max(at - 2, 0) : at])
    ]
    if not wrong:
        return []
    solved = [at for at in range(wrong[0] + 3, len(cores)) if _solves(speech, at)]
    if not solved:
        return []
    return _quotes(speech, [(wrong[0] - 3, wrong[0] + 3), (solved[0] - 2, solved[0] + 5)], 2)


def _solves(speech: Speech, at: int) -> bool:
    cores = speech.cores
    if cores[at] in words_of("solving"):
        return True
    begins = cores[at : at + 2]
    if begins in _OFFERS:
        return cores[at - 1] not in words_of("subject")
    return begins == ("so", "i") and at + 2 < len(cores) and is_past_verb(speech, at + 2)


def _description(speech: Speech) -> list[Fact]:
    """Return what there is, where it stands and what it is like: four signs of two sorts."""
    cores = speech.cores
    there, where, like = [], [], []
    for at, core in enumerate(cores):
        after = cores[at + 1 : at + 2]
        if core == "there" and after and after[0] in ("is", "are", "was", "were"):
            there.append((at, at + 5))
        elif cores[at : at + 2] in _WHERE or cores[at : at + 3] in _WHERE:
            where.append((at, at + 5))
        elif core in words_of("adjective") and cores[max(at - 1, 0)] in (
            *("very", "is", "are", "was", "were", "really", "it's", "so"),
        ):
            like.append((at - 1, at + 2))
    sorts = [rows for rows in (there, where, like) if rows]
    if len(sorts) < SIGNS or not (there or where) or sum(map(len, sorts)) < DESCRIBING:
        return []
    return _quotes(speech, sorted([*there, *where, *like]), DESCRIBING)


def _routine(spoken: Spoken) -> list[Fact]:
    """Return how often something is done: two signs, no time of the past, no questions."""
    if len(spoken.questions) >= SIGNS or any(time.frame == "past" for time in spoken.times):
        return []
    speech = spoken.speech
    signs = [(time.first, time.last) for time in spoken.times if time.frame == "present"]
    words = {speech.cores[first:last] for first, last in signs}
    if len(words) < SIGNS or any(is_past_verb(speech, at) for at in range(len(speech.cores))):
        return []
    return _quotes(speech, ((first - 1, last + 4) for first, last in signs), SIGNS)


def _length(spoken: Spoken) -> list[Fact]:
    """Return the whole answer where it lasts as long as answers of the target do."""
    speech = spoken.speech
    if not speech.bare or speech.span_seconds < TYPICAL[spoken.target].length_seconds[0]:
        return []
    return [speech.quote_bare(0, len(speech.bare))]
