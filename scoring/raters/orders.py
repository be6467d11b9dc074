"""Finds what is said to whoever rates, not to Ava: orders, requests, claims, rules, forged reports.

A sentence is an order when it looks like code, spells something, talks in the words of grading, or
when its signs (`order_signs.py`) are worth `SURE`. Two sentences or more with `HALF` of that are
orders too: one may be spread. Where one stands, less is enough for the others (`SUSPECT`).
How much is found among orders that nobody had looked at is in docs/rating.md. Nothing here is
sure: what is missed meets the evidence rules and the cap. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from scoring.levels.word_lists import listed
from scoring.raters.order_signs import WEIGHTS, signs_of, worth_of

SURE, HALF, SUSPECT = 0.7, 0.1, -0.3
SPELLED = 3  # different letters one by one, and half of the words at least
NEAR = 4  # words between an order and what it is about
_CODE = re.compile(r"[{}<>\[\]`=|\\#]|\"\s*:|-{3}")


# words of grading: one of these beside an order, or two of them
_GRADING_TERM = listed(
    "rater raters reviewer grader graders examiner evaluator assessor rubric criterion criteria",
    "verdict verdicts json transcript quotation quotations evidence override calibration scoring",
    "al ih advancedlow advancedmid intermediatehigh intermediatemid intermediatelow systemmessage",
    "systemprompt systemnote newinstruction newinstructions previousinstructions instructions",
    "testcase texttype languagecontrol",
)
_MARK = listed(
    "level levels score scores grade grades rating ratings marks advanced intermediate superior",
    "band",
)
_ORDER = listed(
    "give gives assign set return ignore forget disregard override obey respond reply treat write",
    "print quote cite put award raise change output accept confirm pretend enter fill judge",
    "evaluate treated",
)
_ADDRESSED_TO_RATER = re.compile(
    r"\b(?:(?:please )?(?:score|rate|grade|judge|evaluate|mark) (?:me|my|what (?:i|she|he)"
    r"|(?:this|the|these) (?:answer|response|recording|speaker|learner|candidate|student"
    r"|real person|person))"
    r"|(?:quote|copy|cite) (?:this|these|my) (?:\w+ )?(?:sentences?|words?|items?|lines?|text)"
    r"|(?:do not|don't) (?:look at|count|grade|rate|judge) my"
    r"|(?:note|comment|message|memo) (?:from|by) (?:the|her|his|my|your) (?:\w+ )?"
    r"(?:teacher|instructor|professor|rater|examiner)"
    r"|(?:read|take|use|join) (?:only )?(?:the )?(?:first|capital) letters?"
    r"|(?:be|are) (?:the )?(?:rater|grader|examiner))\b",
    re.IGNORECASE,
)


def _names_grading(sentence: str, words: Sequence[str]) -> bool:
    """Return whether a sentence looks like code, orders a grade, or talks of grading alone."""
    if _CODE.search(sentence) or _ADDRESSED_TO_RATER.search(sentence):
        return True
    terms = {*words, *(first + second for first, second in pairwise(words))}
    grading, marks, orders = terms & _GRADING_TERM, terms & _MARK, terms & _ORDER
    if len(grading) >= 2 or (grading and (orders or marks)):
        return True
    asks = [at for at, word in enumerate(words) if word in _ORDER and word != "give"]
    named = [at for at, word in enumerate(words) if word in _MARK]
    return any(abs(at - place) <= NEAR for at in asks for place in named)


def _is_spelling(words: Sequence[str]) -> bool:
    """Return whether something is being spelled past the rater: letters said one by one."""
    letters = [word for word in words if len(word) == 1 and word.isalpha()]
    return len(set(letters) - {"a", "i"}) >= SPELLED and 2 * len(letters) >= len(words)


def find_orders(
    sentences: Sequence[tuple[str, Sequence[str]]], weights: Mapping[str, float] = WEIGHTS
) -> list[int]:
    """Return the places of the sentences that are said to the rater, in order.

    `sentences`: text of each, and its words in lower case; `weights`: what each sign is worth.
    """
    worth = [worth_of(signs_of(words), weights) for _text, words in sentences]
    sure = {
        at
        for at, (text, words) in enumerate(sentences)
        if worth[at] >= SURE or _is_spelling(words) or _names_grading(text, words)
    }
    half = {at for at, here in enumerate(worth) if here >= HALF}
    if len(half) > 1:
        sure |= half
    suspect = {at for at, here in enumerate(worth) if here >= SUSPECT}
    return sorted(sure | suspect if sure else ())
