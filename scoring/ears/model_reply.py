"""What a model that hears is asked for, and its reply read with as much patience as is safe. Pure.

Every word of a transcript is a contract; times are a gift, and drift.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from scoring.model_clients.replies import (
    TEXT_SCHEMA,
    ReplyPart,
    list_schema,
    object_schema,
    read_by,
    seconds_of,
    text_of,
    word_of,
)

HEAR_VERSION = "2026-11-1"
INSTRUCTION = Path(__file__).parent.parent / "instructions" / "hear.txt"
MOST_HEARD = 60_000  # characters
SNAP_SECONDS = 0.6
# what models write though other words were asked for
OTHER_LANGUAGES = frozenset({"ko", "kor", "korean", "vi", "vie", "vietnamese"})

Row = dict[str, Any]
Seconds = Annotated[float, read_by(seconds_of)]


@cache
def instruction() -> str:
    """Return the instruction for the call that hears."""
    return INSTRUCTION.read_text(encoding="utf-8").strip()


def _language(value: Any) -> str:
    word = word_of(value)
    if word.startswith("english") or word in {"en", "eng", "en_us", "en_gb"}:
        return "english"
    return "other" if word in OTHER_LANGUAGES else word


def _clearness(value: Any) -> str:
    word = word_of(value)
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


class Stretch(ReplyPart):
    """A piece of speech between pauses; seconds from the start of the recording, or infinity."""

    at: Seconds = math.inf
    to: Seconds = math.inf
    text: Annotated[str, read_by(text_of, most=MOST_HEARD)] = ""
    clear: Annotated[Literal["clear", "effort", "unclear"], read_by(_clearness)] = "clear"


class HearReply(ReplyPart):
    """The reply of the call that hears."""

    language: Annotated[Literal["english", "mixed", "other", "none"], read_by(_language)]
    stretches: Annotated[list[Stretch], read_by(_stretches)]


HEAR_SCHEMA = object_schema(
    language={"type": "string", "enum": ["english", "mixed", "other", "none"]},
    stretches=list_schema(
        object_schema(
            at={"type": "number"},
            to={"type": "number"},
            text=TEXT_SCHEMA,
            clear={"type": "string", "enum": ["clear", "effort", "unclear"]},
        )
    ),
)


def stretches_from(reply: HearReply, measures: Mapping[str, Any]) -> list[Row]:
    """Return the stretches of speech, each with a time to jump to in `at`, or None.

    A model's times drift. Each is moved to the start of a measured run within `SNAP_SECONDS`. Times
    out of order, beyond the length or before the first run are not used.
    """
    length = float(measures.get("length_seconds", 0))
    starts = [float(start) for start, _lasts in measures.get("runs", [])]
    rows: list[Row] = [
        {"text": " ".join(row.text.split()), "clear": row.clear} for row in reply.stretches
    ]
    times = [row.at for row in reply.stretches]
    in_order = all(first <= second for first, second in pairwise(times))
    for row, time in zip(rows, times, strict=True):
        row["at"] = _snapped(time, starts) if in_order and time <= length else None
    return [row for row in rows if row["text"]]


def _snapped(time: float, starts: Sequence[float]) -> float | None:
    near = sorted((abs(start - time), start) for start in starts)
    if near and near[0][0] <= SNAP_SECONDS:
        return round(near[0][1], 2)
    return round(time, 2) if bisect_right(starts, time) else None
