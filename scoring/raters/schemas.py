"""The shape of a model's replies, read with as much patience as is safe. Pure.

What a level is made of is a contract: every judgement asked for, once, in the allowed words; every
word of a transcript. All else is a gift: lists are cut, texts shortened, and what is absent or of
another type is empty. The JSON schemas are plain (types, enums, required), because services refuse
finer keywords.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import takewhile
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from scoring.levels.verdicts import Criterion, Verdict

Word = Literal["not", "partly", "met"]
CRITERIA = tuple(criterion.value for criterion in Criterion)
VERDICTS = tuple(verdict.value for verdict in Verdict)
STANDARDS = {"i": "I", "intermediate": "I", "a": "A", "advanced": "A"}
AREAS = ("grammar", "vocabulary", "fluency")
# what models write though other words were asked for
OTHER_LANGUAGES = frozenset({"ko", "kor", "korean", "vi", "vie", "vietnamese"})
MOST_TEXT, MOST_SPOKEN, MOST_HEARD = 2400, 12_000, 60_000  # characters
MOST_QUOTES, MOST_POINTS, MOST_CORRECTIONS, MOST_NEXT, MOST_ORDERS = 6, 8, 12, 4, 20
LONGEST_SECONDS = 7200
# a name in quotation marks and a colon: a brace in a sentence is no object
_OBJECT_START = re.compile(r'\{\s*"(?:[^"\\]|\\.)*"\s*:')
_BETWEEN = re.compile(r"[\s-]+")


class MalformedError(ValueError):
    """A reply that cannot be used. Its text names fields, never what was said.

    `may_pass`: it broke off or has another shape, so that another try may bring a whole one.
    Otherwise it is whole and cannot be believed, because of `reason` (of
    `scoring.reasons.Reason`; empty: the reply itself).
    """

    def __init__(self, text: str, *, may_pass: bool = False, reason: str = "") -> None:
        super().__init__(text)
        self.may_pass, self.reason = may_pass, reason


# --- what is read of one value --------------------------------------------------------------------


def _text(value: Any, most: int = MOST_TEXT) -> str:
    """Return a text that can be stored, cut after a word; empty for all that is no text."""
    if not isinstance(value, str):
        return ""
    # models write NULs for noise at times, and PostgreSQL stores neither them nor half characters
    clean = value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if len(clean) <= most:
        return clean
    return clean[: most + 1].rsplit(None, 1)[0][:most]


def _texts(value: Any, *, most: int, longest: int = MOST_TEXT) -> list[str]:
    rows = value if isinstance(value, list) else [value]
    return [text for one in rows if (text := _text(one, longest))][:most]


def _word(value: Any) -> str:
    """Return a word of ours in whatever case and with whatever blanks it was written."""
    return _BETWEEN.sub("_", value.strip().lower()) if isinstance(value, str) else ""


def _flag(value: Any) -> bool:
    return value is True or _word(value) in {"true", "yes"}


def _seconds(value: Any) -> float:
    """Return a time; infinity, which is in no recording, where there is none."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else math.inf
    except (ValueError, OverflowError):
        return math.inf
    return seconds if 0 <= seconds <= LONGEST_SECONDS else math.inf


def _rows(value: Any) -> Iterator[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return (row for row in rows if isinstance(row, dict))


# --- what is read of one field --------------------------------------------------------------------


def _judgements(value: Any) -> list[dict[str, Any]]:
    """Return each criterion once at each standard, for which one allowed verdict was given.

    Two different verdicts on the same place are none. Raises ValueError for what is no list.
    """
    if value is not None and not isinstance(value, list):
        raise ValueError("no list")
    places: dict[tuple[str, str], tuple[set[str], list[str]]] = {}
    for row in _rows(value):
        place = _word(row.get("c")), STANDARDS.get(_word(row.get("s")), "")
        words, quotes = places.setdefault(place, (set(), []))
        words.add(_word(row.get("v")))
        quotes += [quote for quote in _quotes(row.get("q")) if quote not in quotes]
    return [
        {"c": criterion, "s": standard, "v": words.pop(), "q": quotes[:MOST_QUOTES]}
        for (criterion, standard), (words, quotes) in places.items()
        if criterion in CRITERIA and standard and len(words) == 1 and words <= set(VERDICTS)
    ]


def _points(value: Any) -> list[dict[str, Any]]:
    """Return verdicts up to the first that cannot be read: they belong to points by their place."""
    rows = value if isinstance(value, list) else []
    words = [_word(row.get("v") if isinstance(row, dict) else row) for row in rows]
    return [{"v": word} for word in takewhile(VERDICTS.__contains__, words)][:MOST_POINTS]


def _corrections(value: Any) -> list[dict[str, Any]]:
    rows = [row for row in _rows(value) if _text(row.get("quote")) and _text(row.get("better"))]
    return rows[:MOST_CORRECTIONS]


def _areas(value: Any) -> list[dict[str, Any]]:
    """Return the first row of each area that says something."""
    areas: dict[str, dict[str, Any]] = {}
    for row in _rows(value):
        name = _word(row.get("area"))
        if name in AREAS and (_text(row.get("good")) or _text(row.get("mend"))):
            areas.setdefault(name, {**row, "area": name})
    return list(areas.values())


def _obstacle(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"text": value}


def _language(value: Any) -> str:
    word = _word(value)
    if word.startswith("english") or word in {"en", "eng", "en_us", "en_gb"}:
        return "english"
    return "other" if word in OTHER_LANGUAGES else word


def _clearness(value: Any) -> str:
    word = _word(value)
    return word if word in {"clear", "effort", "unclear"} else "clear"


def _stretches(value: Any) -> list[dict[str, Any]]:
    """Return the pieces of speech. Raises ValueError where words would be lost."""
    if not isinstance(value, list):
        raise ValueError("no list")
    rows = [{"text": row} if isinstance(row, str) else row for row in value if row is not None]
    if not all(isinstance(row, dict) and isinstance(row.get("text", ""), str) for row in rows):
        raise ValueError("no text")
    if sum(len(row.get("text", "")) for row in rows) > MOST_HEARD:
        raise ValueError("too long")
    return rows


_quotes = partial(_texts, most=MOST_QUOTES)


def _read_by(read: Callable[..., Any], **named: Any) -> BeforeValidator:
    return BeforeValidator(partial(read, **named) if named else read)


Text = Annotated[str, _read_by(_text)]
Spoken = Annotated[str, _read_by(_text, most=MOST_SPOKEN)]
Quotes = Annotated[list[str], _read_by(_quotes)]
Flag = Annotated[bool, _read_by(_flag)]
Seconds = Annotated[float, _read_by(_seconds)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Stretch(_Part):
    """A piece of speech between pauses; seconds from the start of the recording, or infinity."""

    at: Seconds = math.inf
    to: Seconds = math.inf
    text: Annotated[str, _read_by(_text, most=MOST_HEARD)] = ""
    clear: Annotated[Literal["clear", "effort", "unclear"], _read_by(_clearness)] = "clear"


class HearReply(_Part):
    """The reply of the call that hears."""

    language: Annotated[Literal["english", "mixed", "other", "none"], _read_by(_language)]
    stretches: Annotated[list[Stretch], _read_by(_stretches)]


class Judgement(_Part):
    """One verdict (v) on a criterion (c) at a standard (s), with its quotations (q)."""

    c: Literal["functions", "content", "text_type", "comprehensibility", "language_control"]
    s: Literal["I", "A"]
    v: Word
    q: Quotes = Field(default_factory=list)


class Point(_Part):
    """The verdict (v) on one point of a good answer."""

    v: Word


class Correction(_Part):
    """Words that were said, better ones, and why."""

    quote: Text
    better: Text
    why: Text = ""


class Area(_Part):
    """What is good in one area and what to improve, each with a quotation."""

    area: Literal["grammar", "vocabulary", "fluency"]
    good: Text = ""
    good_quote: Text = ""
    mend: Text = ""
    mend_quote: Text = ""


class Obstacle(_Part):
    """What keeps the response below the next level, with quotations."""

    text: Text = ""
    quotes: Quotes = Field(default_factory=list)


class RateReply(_Part):
    """The reply of the call that judges."""

    judgements: Annotated[list[Judgement], _read_by(_judgements)] = Field(default_factory=list)
    points: Annotated[list[Point], _read_by(_points)] = Field(default_factory=list)
    corrections: Annotated[list[Correction], _read_by(_corrections)] = Field(default_factory=list)
    areas: Annotated[list[Area], _read_by(_areas)] = Field(default_factory=list)
    obstacle: Annotated[Obstacle, _read_by(_obstacle)] = Field(default_factory=Obstacle)
    upgraded: Spoken = ""
    next: Annotated[list[str], _read_by(_texts, most=MOST_NEXT)] = Field(default_factory=list)
    orders: Annotated[list[str], _read_by(_texts, most=MOST_ORDERS, longest=MOST_SPOKEN)] = Field(
        default_factory=list
    )
    recited: Flag = False
    off_topic: Flag = False


Reply = TypeVar("Reply", HearReply, RateReply)


def read(text: str, kind: type[Reply]) -> Reply:
    """Read a reply of this kind, whatever stands around its JSON. Raises MalformedError."""
    try:
        return kind.model_validate(_object_in(text))
    except ValidationError as exc:
        places = {".".join(map(str, row["loc"])) for row in exc.errors()}
        raise MalformedError(", ".join(sorted(places)[:5]), may_pass=True) from None


def _object_in(text: str) -> dict[str, Any]:
    """Return the outermost JSON object of a text, the first of several. Raises MalformedError."""
    start = _OBJECT_START.search(text)
    if start is None:
        raise MalformedError("no JSON", may_pass=True)
    try:
        made, _end = _DECODER.raw_decode(text, start.start())
    except (ValueError, RecursionError):
        # what lies inside of a broken object is not the reply
        raise MalformedError("JSON that breaks off", may_pass=True) from None
    return dict(made)


def _joined(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which a name may stand twice: lists are joined, other values dropped."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        before = made.get(name, value)
        if isinstance(before, list) and isinstance(value, list) and before != value:
            made[name] = before + value
        else:
            made[name] = value if before == value else None
    return made


def _whole_number(text: str) -> int | None:
    # Python makes no number of thousands of digits
    return int(text) if len(text) < 100 else None


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_joined, parse_int=_whole_number)


def is_whole(reply: RateReply) -> bool:
    """Return whether every criterion is judged at both standards."""
    wanted = {(name, standard) for name in CRITERIA for standard in ("I", "A")}
    return wanted <= {(row.c, row.s) for row in reply.judgements}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT = {"type": "string"}
_VERDICT = {"type": "string", "enum": ["not", "partly", "met"]}

HEAR_SCHEMA = _object(
    language={"type": "string", "enum": ["english", "mixed", "other", "none"]},
    stretches=_list(
        _object(
            at={"type": "number"},
            to={"type": "number"},
            text=_TEXT,
            clear={"type": "string", "enum": ["clear", "effort", "unclear"]},
        )
    ),
)
RATE_SCHEMA = _object(
    judgements=_list(
        _object(
            c={"type": "string", "enum": list(CRITERIA)},
            s={"type": "string", "enum": ["I", "A"]},
            v=_VERDICT,
            q=_list(_TEXT),
        )
    ),
    points=_list(_object(v=_VERDICT)),
    corrections=_list(_object(quote=_TEXT, better=_TEXT, why=_TEXT)),
    areas=_list(
        _object(
            area={"type": "string", "enum": list(AREAS)},
            good=_TEXT,
            good_quote=_TEXT,
            mend=_TEXT,
            mend_quote=_TEXT,
        )
    ),
    obstacle=_object(text=_TEXT, quotes=_list(_TEXT)),
    upgraded=_TEXT,
    next=_list(_TEXT),
    orders=_list(_TEXT),
    recited={"type": "boolean"},
    off_topic={"type": "boolean"},
)
