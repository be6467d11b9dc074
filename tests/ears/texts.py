"""Correct texts of ours: everyday answers, and samples of the packs, with the time frames in them.

The frames are marked by hand: whether the text speaks of what was, and of what will be.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.product import BASE

HERE = Path(__file__).parent
PACKS = BASE / "materials" / "packs"
GRADED = BASE / "scoring" / "graded"
SENTENCE_ENDS = re.compile(r"(?<=[.?!]) ")


@dataclass(frozen=True)
class CorrectText:
    """A text without a mistake, and which frames beside the present it has."""

    key: str
    text: str
    past: bool
    future: bool


# key of the prompt: sentences taken, past, future
SAMPLES = {
    "home-rout-12b": (9, False, False),
    "cooking-det-12": (9, False, False),
    "cafes-rout-12b": (9, False, False),
    "driving-rout-12": (9, False, False),
    "shopping-ask-14": (9, True, False),
    "hiking-ask-14": (9, True, True),
    "free-time-past-36": (3, True, False),
    "neighborhood-past-34b": (2, True, False),
}


def correct_texts() -> list[CorrectText]:
    """Return the everyday answers and the samples, in a fixed order."""
    everyday = json.loads((HERE / "everyday.json").read_text())
    samples = {prompt["key"]: prompt["sample"]["text"] for prompt in _prompts()}
    return [
        *(CorrectText(**entry) for entry in everyday),
        *(
            CorrectText(key, " ".join(SENTENCE_ENDS.split(samples[key])[:count]), past, future)
            for key, (count, past, future) in SAMPLES.items()
        ),
    ]


@cache
def graded_examples() -> list[dict[str, Any]]:
    """Return the graded examples of all levels, each with the type of its prompt."""
    packs = [json.loads(path.read_text()) for path in sorted(GRADED.glob("*.json"))]
    return [
        {**example, "item_type": pack["item_type"]}
        for pack in packs
        for example in pack["examples"]
    ]


def _prompts() -> Iterator[dict[str, Any]]:
    for path in sorted(PACKS.glob("*.json")):
        yield from _samples_in(json.loads(path.read_text()))


def _samples_in(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "sample" in part and "key" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _samples_in(inner)
