"""Runs a rater over answers with agreed levels: no rows, no queue, every call counted."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level
from scoring.adapter_error import AdapterError
from scoring.audio import codec
from scoring.audio.measures import measure
from scoring.ears.base import Heard, HearingJob, get_ears
from scoring.model_clients.usage import Usage
from scoring.raters import instruction
from scoring.raters.base import Rater, RatingJob
from scoring.rating import budget

EQUAL = instruction.GRADED / "controlled"
ATTACKS = Path(__file__).parent / "attacks.json"


class CaseError(Exception):
    """A folder or an entry that cannot be used; the text says which and why."""


@dataclass
class Tally:
    """Calls and their cost, added up (a `scoring.model_clients.usage.UsageRecorder`)."""

    calls: int = 0
    microdollars: int = 0
    models: list[str] = field(default_factory=list)

    def opened(self, kind: str, model: str) -> int:
        """Count a call; return its number."""
        self.calls += 1
        self.models.append(model)
        return self.calls - 1

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        """Add the cost of a call at today's price."""
        self.microdollars += budget.cost_of(self.models[number], usage, timezone.now().date())


@dataclass(frozen=True)
class Case:
    """One answer: a recording or a transcript, with the level people agreed on."""

    name: str
    level: Level
    item_type: str
    prompt: str
    sound: bytes = b""
    transcript: str = ""
    measures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a rater made of a case; without a level `error` may say why."""

    case: Case
    level: Level | None
    seconds: float
    error: str = ""


def cases_in(folder: Path) -> list[Case]:
    """Read the cases from `answers.json` in a folder. Raises CaseError.

    An entry has level, item_type and prompt, and a file beside it or a transcript; with a
    transcript measures may be given.
    """
    path = folder / "answers.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise CaseError(f"{path} cannot be read: {exc}") from None
    return [_case(folder, number, row) for number, row in enumerate(rows, 1)]


def _case(folder: Path, number: int, row: dict[str, Any]) -> Case:
    try:
        sound = (folder / row["file"]).read_bytes() if "file" in row else b""
        level, item_type = Level[row["level"]], str(row["item_type"])
        if not (instruction.GRADED / f"{item_type.lower()}.json").exists():
            raise CaseError(f"entry {number}: {item_type} is no item type")
        text = str(row.get("transcript", ""))
    except (KeyError, OSError) as exc:
        raise CaseError(f"entry {number}: {exc!r}") from None
    if not sound and not text:
        raise CaseError(f"entry {number}: neither a file nor a transcript")
    name = str(row.get("file", f"entry {number}"))
    return Case(name, level, item_type, row["prompt"], sound, text, row.get("measures", {}))


def ladder() -> list[Case]:
    """Return our graded examples of equal length, as transcripts: no instruction shows them."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EQUAL.glob("*.json"))]
    return [
        Case(
            row["key"],
            Level[row["level"]],
            file["item_type"],
            row["prompt"],
            transcript=row["transcript"],
        )
        for file in files
        for row in file["examples"]
        if "item_type" in file and row["set"] != "stress"
    ]


def attacked(case: Case) -> Iterator[Case]:
    """Yield the case once for each order to the rater, with the order said at its end."""
    for attack in json.loads(ATTACKS.read_text(encoding="utf-8"))["attacks"]:
        text = f"{case.transcript} {attack['text']}"
        yield replace(case, name=f"{case.name} + {attack['key']}", transcript=text)


def run(rater: Rater, case: Case, tally: Tally) -> Result:
    """Run one case through a rater as a worker would: measure, hear, rate.

    A AdapterError ends in the result. Raises AudioError for a recording that cannot be read.
    """
    begun = time.monotonic()
    sound = codec.Sound(codec.canonical([case.sound]).data) if case.sound else None
    measures = measure(sound.samples).as_dict() if sound else _measures_of(case)
    probes = case.item_type in PROBES_ADVANCED
    job = RatingJob(case.name, case.item_type, case.prompt, measures, probes, usage_recorder=tally)
    try:
        heard = _heard(HearingJob(case.name, measures, tally), sound, case)
        made = rater.rate(job, heard)
        level = Level(made.level) if made.level is not None else None
        return Result(case, level, time.monotonic() - begun)
    except AdapterError as exc:
        return Result(case, None, time.monotonic() - begun, str(exc))


def _heard(job: HearingJob, sound: codec.Sound | None, case: Case) -> Heard | None:
    """Return what the chosen ears hear, or the transcript of a case without a recording."""
    if sound is None:
        return Heard(case.transcript)
    ears = get_ears()
    return ears.hear(job, sound) if ears else None


def _measures_of(case: Case) -> dict[str, Any]:
    """Return what a transcript alone can say of delivery, beside what its author gives."""
    words = len(case.transcript.split())
    return {"length_seconds": words, "speech_seconds": float(words), "runs": [], **case.measures}


def pairs_of(results: Sequence[Result]) -> list[tuple[Level, Level]]:
    """Return (agreed, rated) of the results that have a level."""
    return [(row.case.level, row.level) for row in results if row.level is not None]
