"""Instructions for the model, put together from versioned files and graded examples.

The text of one call stays under `MOST_CHARACTERS`, examples included. A very long transcript loses
its middle for judging, never for showing.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from scoring.levels.verdicts import Criterion
from scoring.raters import evidence
from scoring.raters.base import RatingJob

RATE_VERSION = "2026-12-1"
MOST_CHARACTERS = 13_000
MOST_TRANSCRIPT = 4_800
FOLDER = Path(__file__).parent.parent / "instructions"
GRADED = Path(__file__).parent.parent / "graded"
LANGUAGES = {"en": "English", "ko": "Korean", "vi": "Vietnamese"}
_MEASURES = (
    ("length_seconds", "length in seconds", 0),
    ("words_per_minute", "words a minute, about, from syllables", 0),
    ("mean_run_seconds", "seconds spoken without a pause, mean", 1),
    ("mean_pause_seconds", "seconds a pause, mean", 1),
    ("pauses_per_minute", "pauses a minute", 0),
    ("share_spoken", "share of the time spoken", 2),
)


@cache
def _file(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").strip()


@cache
def graded(item_type: str) -> tuple[dict[str, Any], ...]:
    """Return our graded examples of an item type, weakest first. Raises FileNotFoundError."""
    path = GRADED / f"{item_type.lower()}.json"
    return tuple(json.loads(path.read_text(encoding="utf-8"))["examples"])


@cache
def for_rating(item_type: str) -> str:
    """Return instruction, rubric and the item type's examples, weakest first, no level named."""
    shown = [row for row in graded(item_type) if row["use"] == "instruction"]
    examples = "\n\n".join(map(_example, shown))
    return f"{_file('rate')}\n\n{_file('rubric')}\n\nExamples of judging {item_type}\n\n{examples}"


def _example(row: dict[str, Any]) -> str:
    lines = [f"Question: {row['prompt']}", f"Answer: {row['transcript']}", "Judged:"]
    for criterion in Criterion:
        judged = row["verdicts"][criterion.value]
        for short, standard in (("I", "intermediate"), ("A", "advanced")):
            if judged[standard] is None:
                continue
            quotes = " / ".join(judged[standard]["quotes"][:1])
            lines.append(f"{criterion.value} {short} {judged[standard]['verdict']}: {quotes}")
    return "\n".join(lines)


def mark_of(job: RatingJob, transcript: str) -> str:
    """Return the code, 12 hex digits, that delimits the blocks of one message.

    It is made with `job.secret`, so that nobody can say it and close a block.
    """
    return hashlib.sha256(f"{job.response_id} {job.secret} {transcript}".encode()).hexdigest()[:12]


def material(job: RatingJob, transcript: str) -> str:
    """Return question, measures and transcript as delimited data.

    What our own look takes for an order is cut out of the transcript: see `evidence.for_judging`.
    """
    mark = mark_of(job, transcript)
    readable = evidence.for_judging(evidence.parse_transcript(transcript, job.asked))
    points = "\n".join(f"{at}. {point}" for at, point in enumerate(job.points, 1))
    return "\n".join(
        [
            f"Item type {job.item_type}."
            f" Feedback language: {LANGUAGES.get(job.feedback_language, 'English')}.",
            _block("question", mark, job.prompt_text),
            _block("points", mark, points),
            _block("measured", mark, _measured(job.measures)),
            _block("answer", mark, json.dumps(_shortened(readable), ensure_ascii=False)),
        ]
    )


def _block(name: str, mark: str, text: str) -> str:
    return f"<<{name} {mark}>>\n{text}\n<<end {mark}>>"


def _measured(measures: dict[str, Any]) -> str:
    rows = [
        f"{label}: {round(float(measures[name]), places):g}"
        for name, label, places in _MEASURES
        if name in measures
    ]
    return "\n".join(rows)


def _shortened(transcript: str) -> str:
    """Return a very long transcript without its middle: both ends show what it is.

    The marks of what was cut out stay, also those of the middle: the model has to name each.
    """
    if len(transcript) <= MOST_TRANSCRIPT:
        return transcript
    half = MOST_TRANSCRIPT // 2
    start, end = transcript[:half], transcript[-half:]
    lost = [mark for mark in evidence.marks_in(transcript) if mark not in f"{start} {end}"]
    return " ... ".join([start, *lost, end])
