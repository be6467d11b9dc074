"""The graded texts, read aloud once each, through the ears.

`python -m tests.ears.graded FOLDER` writes what was heard of each as a file of its own, with the
text, its prompt and the corrections that its author wrote.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.ears.conditions import stored
from tests.ears.hearing import Heard, heard
from tests.ears.readings import Reading, every_reading
from tests.ears.speaking import speak
from tests.ears.texts import graded_examples


def name_of(reading: Reading) -> str:
    """Return the name under which a reading is heard as the product stores it."""
    return f"AAC as stored/{reading.engine}/{reading.voice}/{reading.text}"


def hear_stored(reading: Reading) -> Heard:
    """Return what the ears hear of a reading as the product stores it."""
    return heard(
        lambda: stored(speak(reading.text, reading.engine, reading.voice)), name_of(reading)
    )


def as_file(reading: Reading) -> dict[str, Any]:
    example = next(entry for entry in graded_examples() if entry["key"] == reading.key)
    return {
        "name": reading.key,
        "voice": reading.voice,
        "level": reading.level,
        "item_type": example["item_type"],
        "prompt": example["prompt"],
        "text": reading.text,
        "labelled": example["corrections"],
        **asdict(hear_stored(reading)),
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for reading in every_reading():
        (folder / f"{reading.key}.json").write_text(json.dumps(as_file(reading), indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
