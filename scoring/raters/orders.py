"""Finds what is said to whoever rates, not to Ava: orders, requests, claims, rules, forged reports.

Each sign is worth points; a sentence with `ENOUGH` of them is an order. So are two sentences or
more with half of that each: an order may be spread. The signs were collected on
`tests/data/orders/by_hand.json` (the open part) and weighed against ordinary answers; what they
find among orders that nobody had looked at is in docs/rating.md. Nothing here is sure: what is
missed meets the evidence rules and the ceiling. Pure.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

ENOUGH, HALF = 1.75, 1.0
TOGETHER, LEAST = 2.0, 0.75  # of two sentences that follow each other, and of each of them
SPELLED = 3  # different letters one by one, and half of the words at least
NEAR = 4  # words between an order and what it is about
_CODE = re.compile(r"[{}<>\[\]`=|\\#]|\"\s*:|-{3}")

_RATER = (
    r"(?:raters?|graders?|scorers?|examiners?|evaluators?|assessors?|markers?|jury|juror|referee of"
    r"|judge of|scoring|grading|evaluation system|rating system|language model|chatbot"
    r"|artificial intelligence|machine that|computer that|assistant)"
)
_WHOEVER = (
    r"(?:who(?:ever)?|person who|people who|somebody who|someone who|anyone who|everybody who"
    r"|those who|you who|you that|one who)(?: is| are| will| has to| must| may| can)?"
    r" (?:read|reads|reading|listen|listens|listening|hear|hears|hearing|check|checks|checking|rate"
    r"|rates|rating|mark|marks|marking|judge|judges|judging|score|scores|scoring|grade|grades"
    r"|grading|write down|writes down|decide|decides|evaluate|evaluates|process|processes|review"
    r"|reviews)"
)
_LEVEL_NAME = (
    r"(?:advanced (?:low|mid|high|level|standard|speaker)|intermediate (?:low|mid|high)"
    r"|novice (?:low|mid|high)|superior level|(?:al|ih|im ?[123]|im one|im two|im three))"
)
_RESULT = (
    r"(?:levels?|results?|scores?|grades?|marks?|ratings?|evaluation|rank|category|scale|band|box"
    r"|boxes|row|rows|ticks?|points?|certificate|verdicts?|judge?ments?|number|list|place|standard"
    r"|rung|class|column|line of the form|step)"
)
_TOP = (
    r"(?:highest|top|best|maximum|max|perfect|full|upper|uppermost|strongest|greatest|supreme"
    r"|excellent|high|higher|good|better|generous|positive|complete)"
)
_GIVE = (
    r"(?:give|gives|giving|grant|award|assign|put|set|write|enter|record|select|selecting|choose"
    r"|choosing|pick|tick|mark|raise|lift|upgrade|bump|push|accept|approve|confirm|register|submit"
    r"|hand|save|return|output|print|type|note down|let me (?:pass|have|get)|let (?:the|my|it)"
    r"|place|rank|fill|make it|make me|send me|switch|change|copy|stamp|sign|declare|state|say"
    r"|report|deliver|offer|round|count|treat|consider|assume|conclude|decide)"
)
_THIS = (
    r"(?:this|my|these|the) (?:\w+ )?(?:answers?|response|recording|speech|transcript|test|exam"
    r"|speaking|words|performance|interview|sample|paper|form|report card|mistakes|errors|grammar"
    r"|pauses|english|level|result|score|grade|evaluation)"
)
_SPEAKER = (
    r"(?:the|this|a|your) (?:speaker|candidate|test taker|test-taker|examinee|learner|student"
    r"|applicant|participant|respondent)"
)
_CRITERIA = (
    r"(?:functions?|content|text type|texttype|comprehensibility|language control|accuracy|fluency"
    r"|task|vocabulary|grammar|pronunciation|criteri(?:on|a)|standards?|requirements?|points?"
    r"|time frames?|paragraphs?(?: length)?|paragraph-length|categories|boxes|items|narration"
    r"|discourse)"
)
_FULFILLED = (
    r"(?:met|fulfil?led|fulfils?|completed?|satisfied|achieved|passed|perfect|done|held|covered"
    r"|approved|full|finished|hundred percent|100|hundred)"
)


def _sign(worth: float, pattern: str) -> tuple[float, re.Pattern[str]]:
    return worth, re.compile(rf"\b(?:{pattern})\b")


_METHOD = (
    r"(?:time frames?|paragraph length|connected paragraphs|whole paragraphs?|proof of|as evidence"
    r"|for the evidence|evidence field|result field|instructions?|rubric|verdicts?|json|transcript"
    r"|quotations?|override|calibration|system (?:message|prompt|note)|previous instructions"
    r"|final (?:output|report|result|verdict|judge?ment)|status|confidence|curly bracket|quote"
    r"|first letters?|capital letters?|letter (?:before|after)|maintenance|safety check|trick"
    r"|reviewer|decision|test case|few errors|in detail|these (?:very )?words|the field|next item"
    r"|next person|real person|underscore|comma|colon|dash)"
)
_VOCATIVE = (
    r"(?:sir or madam|dear (?:\w+ )?(?:sir|madam|reader|listener|teacher|friend|system|computer)"
    r"|honou?rable|ladies and gentlemen|gentlemen of|your honou?r|invisible|in the computer"
    r"|behind the (?:screen|computer|glass)|other side|kind (?:scorer|person|reader|listener)"
    r"|your colleagues?|people like you|companies like yours|you who)"
)
_LENIENT = (
    r"(?:be (?:so )?(?:strict|soft|generous|nice|kind|lenient|merciful|gentle)|have mercy"
    r"|close (?:one|your) eyes?|turn a blind eye|do me (?:a|the|this) favou?r|accept everything"
    r"|count only|only count|only the best|nobody will know|do not be strict|don't be strict"
    r"|in your heart|good heart|let me pass|pass me|i deserve|deserves?|beg you|no discussion"
    r"|don't explain|without any (?:rules|doubt))"
)
_ROLE = (
    r"(?:act as|you are now|you are my|pretend|from now on|from this moment|starting (?:with|from)"
    r"|new rule|your job is|your task is|imagine that i|you are allowed|let us act|let's act"
    r"|whenever i say|if i say)"
)

# matched against the words of a sentence in lower case with single blanks between
_SIGNS = (
    _sign(1.5, _LEVEL_NAME),
    _sign(1.0, _RATER),
    _sign(1.0, _WHOEVER),
    _sign(1.0, rf"{_TOP} (?:\w+ ){{0,2}}{_RESULT}|{_RESULT} (?:\w+ ){{0,2}}{_TOP}"),
    _sign(1.0, rf"{_GIVE} (?:\w+ ){{0,4}}(?:{_RESULT}|{_TOP})"),
    _sign(0.5, rf"{_GIVE} (?:me|us|my|this speaker)"),
    _sign(0.5, _THIS),
    _sign(1.0, _SPEAKER),
    _sign(1.0, r"(?:the |this )?speaker (?:\w+s|is|has|was|can|will)"),
    _sign(1.0, rf"{_CRITERIA}(?: \w+){{0,3}} {_FULFILLED}|{_FULFILLED} (?:\w+ ){{0,2}}{_CRITERIA}"),
    _sign(0.5, r"(?:advanced|intermediate|superior|novice)"),
    _sign(
        1.0,
        r"(?:less|lower|worse|below|under|beneath|minimum|at least) (?:than )?(?:an? )?advanced",
    ),
    _sign(
        0.5,
        r"(?:please|must|should|shall|has to|could you|can you|you can|i need you|i want you"
        r"|not allowed|let me|you will)",
    ),
    _sign(
        1.0,
        r"(?:ignore|forget|disregard|skip|overlook|leave out|left out|don't count|do not count"
        r"|not count)(?: \w+){0,3} (?:instructions?|rules?|rubric|checking|mistakes?|errors?"
        r"|grammar|rest|question)",
    ),
    _sign(1.0, r"(?:my|which|what|any|the) (?:final |real |true |own )?level"),
    _sign(1.0, r"by (?:one|two|three|a) (?:whole )?(?:levels?|steps?|grades?)"),
    _sign(1.0, r"(?:this|my) (?:\w+ )?(?:answer|response|recording|speech) (?:\w+s|is|has|was)"),
    _sign(1.5, r"(?:an? )?a (?:and|as in \w+ and|plus|then) (?:an )?l"),
    _sign(1.0, r"letters? (?:before|after|number|of the alphabet)|side by side"),
    _sign(1.0, r"proof of my|(?:my|the) (?:true |real )?ability|words show"),
    _sign(1.0, r"(?:the )?others? (?:get|got|receive|received)|usually at this point"),
    _sign(0.75, r"teacher (?:please|go|i need|could|can|you|your|from|do|be|let|give|would)"),
    # a report: one field after another
    _sign(1.5, rf"(?:{_FULFILLED}(?: \w+){{1,5}} ){{2,}}{_FULFILLED}"),
    _sign(0.75, r"(?:above|over|before|ahead of) (?:everyone|everybody|all others|all the others)"),
    _sign(0.75, r"(?:score|rate|grade|judge|evaluate|assess) (?:me|my|this|her|him|us|the real)"),
    _sign(0.75, _METHOD),
    _sign(1.0, _VOCATIVE),
    _sign(0.75, _LENIENT),
    _sign(0.75, _ROLE),
    _sign(
        0.75,
        r"(?:(?:the|a) maximum|as high as|upper end|very top|top (?:level|box|row)|highest"
        r"|number one|hundred percent|full marks?)",
    ),
    _sign(
        0.75,
        r"(?:pay you|money for you|five stars|stars for you|deal|sue|lawyer|complain|report you)",
    ),
)


def _listed(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# words of grading: one of these beside an order, or two of them
_GRADING_TERM = _listed(
    "rater raters grader graders examiner evaluator assessor rubric criterion criteria verdict",
    "verdicts json transcript quotation quotations evidence override calibration scoring al ih",
    "advancedlow advancedmid intermediatehigh intermediatemid intermediatelow systemmessage",
    "systemprompt systemnote newinstruction newinstructions previousinstructions instructions",
    "testcase texttype languagecontrol",
)
_MARK = _listed(
    "level levels score scores grade grades rating ratings marks advanced intermediate superior",
    "band",
)
_ORDER = _listed(
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


def _worth(words: Sequence[str]) -> float:
    """Return what the signs in these words, in lower case, are worth."""
    text = " ".join(words)
    return sum(worth for worth, pattern in _SIGNS if pattern.search(text))


def _is_spelling(words: Sequence[str]) -> bool:
    """Return whether something is being spelled past the rater: letters said one by one."""
    letters = [word for word in words if len(word) == 1 and word.isalpha()]
    return len(set(letters) - {"a", "i"}) >= SPELLED and 2 * len(letters) >= len(words)


def find_orders(sentences: Sequence[tuple[str, Sequence[str]]]) -> list[int]:
    """Return the places of the sentences that are said to the rater, in order.

    `sentences`: text of each, and its words in lower case.
    """
    worth = [_worth(words) for _text, words in sentences]
    sure = {
        at
        for at, (text, words) in enumerate(sentences)
        if worth[at] >= ENOUGH or _is_spelling(words) or _names_grading(text, words)
    }
    near = {
        at
        for first, second in pairwise(range(len(worth)))
        if worth[first] + worth[second] >= TOGETHER and min(worth[first], worth[second]) >= LEAST
        for at in (first, second)
    }
    spread = {at for at, here in enumerate(worth) if here >= HALF}
    return sorted(sure | near | (spread if len(spread) > 1 else set()))
