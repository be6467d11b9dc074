"""The shape of the reply that judges, read with as much patience as is safe. Pure.

What a level is made of is a contract: every judgement asked for, once, in the allowed words. All
else is a gift: lists are cut, texts shortened, and what is absent or of another type is empty.
"""

from functools import partial
from itertools import takewhile
from typing import Annotated, Any, Literal

from pydantic import Field

from scoring.levels.verdicts import Criterion, Verdict
from scoring.model_clients.replies import (
    TEXT_SCHEMA,
    ReplyPart,
    flag_of,
    list_schema,
    object_schema,
    read_by,
    rows_of,
    text_of,
    texts_of,
    word_of,
)

Word = Literal["not", "partly", "met"]
CRITERIA = tuple(criterion.value for criterion in Criterion)
VERDICTS = tuple(verdict.value for verdict in Verdict)
STANDARDS = {"i": "I", "intermediate": "I", "a": "A", "advanced": "A"}
AREAS = ("grammar", "vocabulary", "fluency")
MOST_SPOKEN = 12_000  # characters
MOST_QUOTES, MOST_POINTS, MOST_CORRECTIONS, MOST_NEXT, MOST_ORDERS = 6, 8, 12, 4, 20


# --- what is read of one field --------------------------------------------------------------------


def _judgements(value: Any) -> list[dict[str, Any]]:
    """Return each criterion once at each standard, for which one allowed verdict was given.

    Two different verdicts on the same place are none. Raises ValueError for what is no list.
    """
    if value is not None and not isinstance(value, list):
        raise ValueError("no list")
    places: dict[tuple[str, str], tuple[set[str], list[str]]] = {}
    for row in rows_of(value):
        place = word_of(row.get("c")), STANDARDS.get(word_of(row.get("s")), "")
        words, quotes = places.setdefault(place, (set(), []))
        words.add(word_of(row.get("v")))
        quotes += [quote for quote in _quotes(row.get("q")) if quote not in quotes]
    return [
        {"c": criterion, "s": standard, "v": words.pop(), "q": quotes[:MOST_QUOTES]}
        for (criterion, standard), (words, quotes) in places.items()
        if criterion in CRITERIA and standard and len(words) == 1 and words <= set(VERDICTS)
    ]


def _points(value: Any) -> list[dict[str, Any]]:
    """Return verdicts up to the first that cannot be read: they belong to points by their place."""
    rows = value if isinstance(value, list) else []
    words = [word_of(row.get("v") if isinstance(row, dict) else row) for row in rows]
    return [{"v": word} for word in takewhile(VERDICTS.__contains__, words)][:MOST_POINTS]


def _corrections(value: Any) -> list[dict[str, Any]]:
    rows = [
        row for row in rows_of(value) if text_of(row.get("quote")) and text_of(row.get("better"))
    ]
    return rows[:MOST_CORRECTIONS]


def _areas(value: Any) -> list[dict[str, Any]]:
    """Return the first row of each area that says something."""
    areas: dict[str, dict[str, Any]] = {}
    for row in rows_of(value):
        name = word_of(row.get("area"))
        if name in AREAS and (text_of(row.get("good")) or text_of(row.get("mend"))):
            areas.setdefault(name, {**row, "area": name})
    return list(areas.values())


def _obstacle(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"text": value}


_quotes = partial(texts_of, most=MOST_QUOTES)


Text = Annotated[str, read_by(text_of)]
Spoken = Annotated[str, read_by(text_of, most=MOST_SPOKEN)]
Quotes = Annotated[list[str], read_by(_quotes)]
Flag = Annotated[bool, read_by(flag_of)]


class Judgement(ReplyPart):
    """One verdict (v) on a criterion (c) at a standard (s), with its quotations (q)."""

    c: Literal["functions", "content", "text_type", "comprehensibility", "language_control"]
    s: Literal["I", "A"]
    v: Word
    q: Quotes = Field(default_factory=list)


class Point(ReplyPart):
    """The verdict (v) on one point of a good answer."""

    v: Word


class Correction(ReplyPart):
    """Words that were said, better ones, and why."""

    quote: Text
    better: Text
    why: Text = ""


class Area(ReplyPart):
    """What is good in one area and what to improve, each with a quotation."""

    area: Literal["grammar", "vocabulary", "fluency"]
    good: Text = ""
    good_quote: Text = ""
    mend: Text = ""
    mend_quote: Text = ""


class Obstacle(ReplyPart):
    """What keeps the response below the next level, with quotations."""

    text: Text = ""
    quotes: Quotes = Field(default_factory=list)


class RateReply(ReplyPart):
    """The reply of the call that judges."""

    judgements: Annotated[list[Judgement], read_by(_judgements)] = Field(default_factory=list)
    points: Annotated[list[Point], read_by(_points)] = Field(default_factory=list)
    corrections: Annotated[list[Correction], read_by(_corrections)] = Field(default_factory=list)
    areas: Annotated[list[Area], read_by(_areas)] = Field(default_factory=list)
    obstacle: Annotated[Obstacle, read_by(_obstacle)] = Field(default_factory=Obstacle)
    upgraded: Spoken = ""
    next: Annotated[list[str], read_by(texts_of, most=MOST_NEXT)] = Field(default_factory=list)
    orders: Annotated[list[str], read_by(texts_of, most=MOST_ORDERS, longest=MOST_SPOKEN)] = Field(
        default_factory=list
    )
    recited: Flag = False
    off_topic: Flag = False


def is_whole(reply: RateReply) -> bool:
    """Return whether every criterion is judged at both standards."""
    wanted = {(name, standard) for name in CRITERIA for standard in ("I", "A")}
    return wanted <= {(row.c, row.s) for row in reply.judgements}


_VERDICT = {"type": "string", "enum": ["not", "partly", "met"]}

RATE_SCHEMA = object_schema(
    judgements=list_schema(
        object_schema(
            c={"type": "string", "enum": list(CRITERIA)},
            s={"type": "string", "enum": ["I", "A"]},
            v=_VERDICT,
            q=list_schema(TEXT_SCHEMA),
        )
    ),
    points=list_schema(object_schema(v=_VERDICT)),
    corrections=list_schema(object_schema(quote=TEXT_SCHEMA, better=TEXT_SCHEMA, why=TEXT_SCHEMA)),
    areas=list_schema(
        object_schema(
            area={"type": "string", "enum": list(AREAS)},
            good=TEXT_SCHEMA,
            good_quote=TEXT_SCHEMA,
            mend=TEXT_SCHEMA,
            mend_quote=TEXT_SCHEMA,
        )
    ),
    obstacle=object_schema(text=TEXT_SCHEMA, quotes=list_schema(TEXT_SCHEMA)),
    upgraded=TEXT_SCHEMA,
    next=list_schema(TEXT_SCHEMA),
    orders=list_schema(TEXT_SCHEMA),
    recited={"type": "boolean"},
    off_topic={"type": "boolean"},
)
