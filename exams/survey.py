"""The background survey: its rules, and which topics an answer opens. Pure.

Source: domain facts A3. The lists are data (materials/packs/survey-map.json), versioned, never
code.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from materials.bank import SURVEY_MAP

MINIMUMS = {"leisure": 2, "hobbies": 1, "sports": 1, "travel": 1}
LEAST_IN_ALL = 12
NO_EXERCISE = "no-exercise"


@dataclass(frozen=True)
class Lists:
    """The four lists of part 4: item -> topic slug; and what parts 1-3 open."""

    version: str
    items: Mapping[str, Mapping[str, str]]
    identity: Mapping[str, tuple[str, ...]]


@cache
def lists() -> Lists:
    data: dict[str, Any] = json.loads(SURVEY_MAP.read_text(encoding="utf-8"))
    identity = {name: tuple(slugs) for name, slugs in data["identity"].items()}
    return Lists(data["version"], data["lists"], identity)


def faults(picked: Mapping[str, Collection[str]]) -> list[str]:
    """What still keeps this choice from being complete: names of lists, `total`, `no-exercise`."""
    found = [name for name, least in MINIMUMS.items() if len(set(picked.get(name, ()))) < least]
    if sum(len(set(items)) for items in picked.values()) < LEAST_IN_ALL:
        found.append("total")
    sports = set(picked.get("sports", ()))
    if NO_EXERCISE in sports and len(sports) > 1:
        found.append(NO_EXERCISE)
    return found


def topics_of(
    picked: Mapping[str, Collection[str]], *, works: bool, studies: bool
) -> frozenset[str]:
    """Slugs of the topics a survey opens. No work items for people without work."""
    known = lists()
    slugs = {known.items[name][item] for name, items in picked.items() for item in items}
    slugs |= set(known.identity["home"])
    slugs |= set(known.identity["work"]) if works else set()
    slugs |= set(known.identity["school"]) if studies else set()
    return frozenset(slugs)
