"""Replies of models as JSON, read with as much patience as is safe. Pure.

What is absent or of another type is empty, texts are cut; what cannot be used is a MalformedError.
The JSON schemas are plain (types, enums, required), because services refuse finer keywords.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

MOST_TEXT = 2400  # characters
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


def text_of(value: Any, most: int = MOST_TEXT) -> str:
    """Return a text that can be stored, cut after a word; empty for all that is no text."""
    if not isinstance(value, str):
        return ""
    # models write NULs for noise at times, and PostgreSQL stores neither them nor half characters
    clean = value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if len(clean) <= most:
        return clean
    return clean[: most + 1].rsplit(None, 1)[0][:most]


def texts_of(value: Any, *, most: int, longest: int = MOST_TEXT) -> list[str]:
    """Return the texts of a list, or of one value, that are not empty: `most` at the most."""
    rows = value if isinstance(value, list) else [value]
    return [text for one in rows if (text := text_of(one, longest))][:most]


def word_of(value: Any) -> str:
    """Return a word of ours in whatever case and with whatever blanks it was written."""
    return _BETWEEN.sub("_", value.strip().lower()) if isinstance(value, str) else ""


def flag_of(value: Any) -> bool:
    """Return whether it says yes, as JSON does or as a word."""
    return value is True or word_of(value) in {"true", "yes"}


def seconds_of(value: Any) -> float:
    """Return a time; infinity, which is in no recording, where there is none."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else math.inf
    except (ValueError, OverflowError):
        return math.inf
    return seconds if 0 <= seconds <= LONGEST_SECONDS else math.inf


def rows_of(value: Any) -> Iterator[dict[str, Any]]:
    """Return the objects of a list; none for what is no list."""
    rows = value if isinstance(value, list) else []
    return (row for row in rows if isinstance(row, dict))


def read_by(read: Callable[..., Any], **named: Any) -> BeforeValidator:
    """Return the note on a field that has its value read by this function first."""
    return BeforeValidator(partial(read, **named) if named else read)


class ReplyPart(BaseModel):
    """A reply, or a part of one: what was not asked for is left out."""

    model_config = ConfigDict(extra="ignore")


# --- a whole reply --------------------------------------------------------------------------------


Reply = TypeVar("Reply", bound=ReplyPart)


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


# --- what is asked for ----------------------------------------------------------------------------


def object_schema(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object in which all of these stand."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def list_schema(items: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a list of these."""
    return {"type": "array", "items": items}


TEXT_SCHEMA = {"type": "string"}
