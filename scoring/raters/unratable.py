"""Why there is nothing to judge in what was heard: asked before any model judges it. Pure.

Silence, another language, a handful of words, the question said again, counting aloud, words in no
order: none of these gets a level, whatever a model would make of it.
"""

from collections.abc import Sequence
from itertools import pairwise

from scoring.ears.base import Heard
from scoring.levels.counted_cap import LEAST_WORDS
from scoring.levels.word_lists import listed, tokens
from scoring.raters import evidence
from scoring.raters.evidence import Transcript
from scoring.reasons import Reason

OWN_WORDS = 6  # different ones that are not the question's, which an answer has at least
MOST_LISTED = 0.5  # share of the words that are numbers, letters, days or months
# share of the pairs below that no sentence has, from so many pairs on; honest: up to .14 and .08
MOST_BROKEN = {8: 0.18, 30: 0.12}
WORDLESS = 0.12  # share of small words: talk has a third and more, a list of nouns hardly any
LEAST_FOR_SHARE = 20  # words


_SMALL = listed(
    "a an the my your his her our their this that these those i you he she it we they me him us"
    " them is are was were am be been have has had do does did can could will would should may"
    " might must of to in on at for with from by about into over after before and but or so"
    " because if when while than as not no very there then just also it's i'm don't that's"
)
_DETERMINERS = listed("a an the my your his our their every")
_PREPOSITIONS = listed("of at for with from into in on")
_SUBJECTS = listed("i he she we they")
_VERBS = listed("is are was were am has does did will would can could")
_JOINING = listed("and but because or if")
# what cannot stand behind each of these in a sentence; restarts make a few such pairs in any talk
_NEVER_BEHIND = (
    (_DETERMINERS, _DETERMINERS | _PREPOSITIONS | _SUBJECTS | _VERBS | _JOINING),
    (_PREPOSITIONS, _SUBJECTS | _VERBS | _JOINING | _PREPOSITIONS),
    (_SUBJECTS, _DETERMINERS | _PREPOSITIONS | _SUBJECTS | _JOINING),
    (listed("to very"), _SUBJECTS | _VERBS | _JOINING | _PREPOSITIONS),
    (listed("can could will would did does do"), _PREPOSITIONS | _JOINING | listed("is are was")),
    (listed("because if"), _VERBS | _JOINING | listed("of for")),
    (listed("me him us them"), _SUBJECTS | listed("me him us them of")),
)
_LISTS = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    " hundred thousand monday tuesday wednesday thursday friday saturday sunday january february"
    " march april june july august september october november december b c d e f g h j k l m n o p"
    " q r s t u v w x y z"
)


def why_unratable(heard: Heard, asked: tuple[str, ...]) -> str:
    """Return the `Reason` for which this is not judged; empty where it is.

    `asked`: the question first, and earlier ones.
    """
    if heard.language == "none":
        return Reason.NOT_HEARD
    if heard.language in {"other", "mixed"}:
        return Reason.WRONG_LANGUAGE
    spoken = evidence.parse_transcript(heard.transcript, asked)
    if spoken.is_foreign:
        return Reason.WRONG_LANGUAGE
    words = [word for word in spoken.counted_words if word not in evidence.FILLERS]
    if _only_repeats(spoken, words, asked):
        return Reason.ONLY_QUESTION
    if spoken.counted < LEAST_WORDS:
        return Reason.TOO_SHORT
    return Reason.NO_SENTENCES if _makes_no_sentences(words) else ""


def _only_repeats(spoken: Transcript, words: Sequence[str], asked: Sequence[str]) -> bool:
    """Return whether it holds hardly a word that is not the question's."""
    theirs = {word for question in asked for word in tokens(question)}
    own = {word for word in words if word not in theirs and word not in _SMALL}
    share = sum(word in theirs for word in spoken.words) / max(len(spoken.words), 1)
    return bool(spoken.repeated) and len(own) < OWN_WORDS and share > 1 / 2


def _makes_no_sentences(words: Sequence[str]) -> bool:
    if len(words) < LEAST_FOR_SHARE:
        return _share(words, _LISTS) > MOST_LISTED
    tested = [
        second in never
        for first, second in pairwise(words)
        for opening, never in _NEVER_BEHIND
        if first in opening and first != second
    ]
    is_shuffled = any(
        len(tested) >= least and sum(tested) > most * len(tested)
        for least, most in MOST_BROKEN.items()
    )
    return is_shuffled or _share(words, _LISTS) > MOST_LISTED or _share(words, _SMALL) < WORDLESS


def _share(words: Sequence[str], of: frozenset[str]) -> float:
    return sum(word in of or word.isdecimal() for word in words) / max(len(words), 1)
