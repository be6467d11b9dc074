"""The shape of a model's replies, checked before anything relies on one. Pure.

The JSON schemas are plain (types, enums, required), because services refuse finer keywords. Lengths
and numbers are checked by the classes here.
"""

import json
import re
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scoring.levels.verdicts import Criterion
from scoring.models.states import Reason

Word = Literal["not", "partly", "met"]
CRITERIA = tuple(criterion.value for criterion in Criterion)
AREAS = ("grammar", "vocabulary", "fluency")
MOST_TEXT, MOST_SPOKEN = 2400, 12_000
_FENCE = re.compile(r"\A\s*```(?:json)?\s*|\s*```\s*\Z")


class MalformedError(ValueError):
    """A reply of another shape than asked for. Its text names fields, never what was said."""

    reason = Reason.REPLY  # for which it is left to a person, when it comes again


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", str_max_length=MOST_TEXT, allow_inf_nan=False)


class Stretch(_Part):
    """A piece of speech between pauses; seconds from the start of the recording."""

    at: float = Field(ge=0, le=7200)
    to: float = Field(ge=0, le=7200)
    text: str = Field(max_length=MOST_SPOKEN)
    clear: Literal["clear", "effort", "unclear"] = "clear"


class HearReply(_Part):
    """The reply of the call that hears."""

    language: Literal["english", "mixed", "other", "none"]
    stretches: list[Stretch] = Field(max_length=600)


class Judgement(_Part):
    """One verdict (v) on a criterion (c) at a standard (s), with its quotations (q)."""

    c: Literal["functions", "content", "text_type", "comprehensibility", "language_control"]
    s: Literal["I", "A"]
    v: Word
    q: list[str] = Field(max_length=6)


class Point(_Part):
    """The verdict (v) on one point of a good answer."""

    v: Word


class Correction(_Part):
    """Words that were said, better ones, and why."""

    quote: str
    better: str
    why: str


class Area(_Part):
    """What is good in one area and what to improve, each with a quotation."""

    area: Literal["grammar", "vocabulary", "fluency"]
    good: str
    good_quote: str
    mend: str
    mend_quote: str


class Obstacle(_Part):
    """What keeps the response below the next level, with quotations."""

    text: str
    quotes: list[str] = Field(max_length=4)


class RateReply(_Part):
    """The reply of the call that judges."""

    judgements: list[Judgement] = Field(max_length=20)
    points: list[Point] = Field(max_length=8)
    corrections: list[Correction] = Field(max_length=12)
    areas: list[Area] = Field(max_length=6)
    obstacle: Obstacle
    upgraded: str = Field(max_length=MOST_SPOKEN)
    next: list[str] = Field(min_length=1, max_length=4)
    orders: list[str] = Field(default_factory=list, max_length=20)
    recited: bool = False
    off_topic: bool = False


Reply = TypeVar("Reply", HearReply, RateReply)


def read(text: str, kind: type[Reply]) -> Reply:
    """Read a reply of this kind. Raises MalformedError."""
    try:
        # models write NULs for noise at times, and PostgreSQL stores none
        clean = _FENCE.sub("", text).replace("\\u0000", "").replace("\x00", "")
        return kind.model_validate(json.loads(clean))
    except ValidationError as exc:
        places = {".".join(map(str, row["loc"])) for row in exc.errors()}
        raise MalformedError(", ".join(sorted(places)[:5])) from None
    except (ValueError, RecursionError):
        raise MalformedError("no JSON") from None


def is_whole(reply: RateReply, *, probes_advanced: bool) -> bool:
    """Return whether every criterion is judged once at every standard that was asked for."""
    wanted = {(name, "I") for name in CRITERIA}
    wanted |= {(name, "A") for name in CRITERIA} if probes_advanced else set()
    judged = [(row.c, row.s) for row in reply.judgements if probes_advanced or row.s == "I"]
    return sorted(judged) == sorted(wanted)


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
