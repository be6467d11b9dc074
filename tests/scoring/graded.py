"""The graded examples, decided by the code from their author's judgements; and what ranks them."""

import json
from functools import cache

from materials.models import PROBES_ADVANCED
from scoring.levels.counted_cap import Cap, counted_cap
from scoring.levels.response import Decision, decide
from scoring.levels.verdicts import Criterion, Standard, Verdict
from scoring.raters import evidence, instruction

FOLDER = instruction.GRADED / "controlled"
LENGTHS = (60, 120)


@cache
def _files():
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def controlled(length):
    """The examples of one length, of every kind of question and level."""
    return [
        {**row, "item_type": file["item_type"]}
        for file in _files().values()
        for row in file["examples"]
        if row.get("length") == length and row["set"] != "stress"
    ]


def stress(shape=None):
    return [
        {**row, "item_type": file["item_type"]}
        for file in _files().values()
        for row in file["examples"]
        if row.get("set") == "stress" and shape in (None, row["shape"])
    ]


def as_spoken():
    return list(_files()["as_spoken"]["examples"])


def unratable_texts():
    return list(_files()["unratable"]["examples"])


def judgements_of(row):
    return {
        (Criterion(name), Standard(standard)): Verdict(part[standard]["verdict"])
        for name, part in row["verdicts"].items()
        for standard in ("intermediate", "advanced")
    }


def words_of(row):
    return len(evidence.tokens(row["transcript"]))


def cap_of(row) -> Cap:
    spoken = evidence.parse_transcript(row["transcript"], (row["prompt"],))
    return counted_cap(
        spoken.counted_words,
        row["item_type"],
        probes_advanced=row["item_type"] in PROBES_ADVANCED,
    )


def decided(row) -> Decision:
    is_off = row.get("shape") == "off_point"
    return decide(judgements_of(row), cap=cap_of(row), is_off_topic=is_off)
