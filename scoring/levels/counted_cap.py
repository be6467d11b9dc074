"""The highest level that so much speech can show, whoever judges it: counted, never judged. Pure.

A model that was talked to, or that dreams, cannot lift an answer above what its words can carry.
The bounds are loose: they follow what the weakest honest answers of a level have at least, in the
graded examples and in the samples of the bank, and leave a margin below that. What is counted are
the words that count as an answer: nothing said to the rater, nothing in another language, nothing
of the question, and what was said before only once.

Source of the amounts: exam facts E5 (words an answer), of the kinds: B1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opic.lib.levels import Level
from scoring.levels.word_lists import listed


@dataclass(frozen=True)
class Cap:
    """The highest level that an answer can show, and what it is that bounds it.

    `by`: words (how many), variety (of words), links (between sentences), time (forms of the past
    or of what will or would be), item (the kind of question shows no more).
    """

    level: Level
    by: str = ""


LINKS = listed(
    "because so but although though when while if unless until since after before then which who"
    " where whose however therefore instead besides whenever once finally first second later"
    " afterwards meanwhile otherwise anyway whereas"
)
PAST = listed(
    "was were had did went came got made said told took gave found thought knew felt saw heard"
    " began became left kept brought bought built caught chose cut drank drove ate fell fought flew"
    " forgot froze grew hid hit held hurt laid led lent let lost meant met paid put ran rode rose"
    " sat sang sent set shook shone shot shut slept spoke spent stood stole stuck swam swept swung"
    " taught threw understood woke won wore wrote could would used been done gone seen taken given"
    " broke broken lay lit read rang sold sought wasn't weren't hadn't didn't couldn't wouldn't"
)
AHEAD = listed("will would could might won't going i'll we'll it'll they'll he'll she'll i'd we'd")
_PAST_ENDING = re.compile(r"[a-z]{2,}ed")
LEAST_WORDS = 5  # with fewer nothing can be said
RUN = 4  # words, that are counted once however often they are said

# level -> the least of each count that can show it
_WORDS = {
    Level.NH: 6,
    Level.IL: 11,
    Level.IM1: 22,
    Level.IM2: 33,
    Level.IM3: 52,
    Level.IH: 75,
    Level.AL: 97,
}
_VARIETY = {Level.IM1: 14, Level.IM2: 20, Level.IM3: 30, Level.IH: 40, Level.AL: 50}
_LINKS = {Level.IM3: 1, Level.IH: 2, Level.AL: 3}
_TIME = {Level.AL: 2}
_TIME_OF_STORIES = {Level.IH: 3, Level.AL: 5}
STORIES = frozenset({"PAST", "MEM", "RP_EXP", "CHG"})
EASY_MOST = Level.IM3  # what a question that does not probe Advanced can show
# kinds in which little is said even by those who can: this share of words and variety is enough
_SHORT = dict.fromkeys(("DET", "RP_ASK", "ASK_AVA"), 0.6)


def count_once(words: Sequence[str]) -> list[str]:
    """Return the words without those that end a run of `RUN` words which was said before."""
    seen: set[tuple[str, ...]] = set()
    once = []
    for at, word in enumerate(words):
        run = tuple(words[at - RUN + 1 : at + 1]) if at >= RUN - 1 else ()
        if not run or run not in seen:
            once.append(word)
        seen.add(run)
    return once


def is_past(word: str) -> bool:
    """Return whether a word, in lower case, is a form of the past."""
    return word in PAST or bool(_PAST_ENDING.fullmatch(word))


def _most(count: int, least: Mapping[Level, int], part: float = 1.0) -> Level:
    """Return the highest level that asks for no more than this; below its first it asks nothing."""
    return max(level for level in Level if count >= part * _asked(level, least))


def _asked(level: Level, least: Mapping[Level, int]) -> int:
    return max((number for at, number in least.items() if at <= level), default=0)


def counted_cap(counted: Sequence[str], item_type: str, *, probes_advanced: bool) -> Cap:
    """Return the highest level that these words can show in an answer to this kind of question.

    `counted` are the words that count as an answer, in lower case and in their order.
    """
    words = count_once(counted)
    part = _SHORT.get(item_type, 1.0)
    past = sum(map(is_past, words))
    is_story = item_type in STORIES
    time = past if is_story else past + sum(word in AHEAD for word in words)
    bounds = [
        Cap(Level.AL if probes_advanced else EASY_MOST, "item"),
        Cap(_most(len(words), _WORDS, part), "words"),
        Cap(_most(len(set(words)), _VARIETY, part), "variety"),
        Cap(_most(sum(word in LINKS for word in words), _LINKS), "links"),
        Cap(_most(time, _TIME_OF_STORIES if is_story else _TIME), "time"),
    ]
    # the first of equals: what the kind of question shows at most is said before what was counted
    return min(bounds, key=lambda bound: bound.level)
