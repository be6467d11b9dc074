"""What the built-in judge makes of what was heard of the made recordings.

`python -m tests.ears.judged FOLDER` prints, of the files that tests/ears/honesty.py or
tests/ears/graded.py wrote, every correction, and of the correct texts every false time frame.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scoring.raters.builtin.facts import Asked, facts_of

Row = dict[str, Any]


def facts_about(file: Row, probability: float | None = None) -> Row:
    """Return the judge's facts about one recording; with this probability of every word."""
    asked = Asked(item_type=file.get("item_type", ""), prompt_text=file.get("prompt", ""))
    words = [
        [text, start, end, own if probability is None else probability]
        for text, start, end, own in file["details"]["words"]
    ]
    return dict(facts_of(words, file["measures"], asked))


def false_claims(file: Row, facts: Row) -> Iterator[str]:
    """Yield what is claimed of a correct text and is not so, as "kind: quotation"."""
    for row in facts["corrections"]:
        yield f"correction ({row['kind']}): {row['quote']} -> {row['better']}"
    if not file["past"]:
        claims = [*facts["time_frames"]["past"], *facts["tasks"]["past_story"]]
        yield from (f"past: {row['quote']}" for row in claims)
    if not file["future"]:
        yield from (f"future: {row['quote']}" for row in facts["time_frames"]["future"])


def read(folder: Path) -> list[Row]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def main(folder: Path) -> None:
    files = read(folder)
    understood = 0
    for file in files:
        facts = facts_about(file)
        understood += facts["is_understood"]
        if "past" in file:
            lines = list(false_claims(file, facts))
        else:
            lines = [
                f"{row['kind']}: {row['quote']} -> {row['better']}" for row in facts["corrections"]
            ]
        for line in lines:
            sys.stdout.write(f"{file['name']}\n  {line}\n")
            sys.stdout.write(f"  spoken: {file['text']}\n  heard: {file['transcript']}\n")
    sys.stdout.write(f"{len(files)} recordings, {understood} understood\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
