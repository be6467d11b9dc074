"""What tests of the ears of this machine share: a sound, its measures, and a scripted child."""

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from scoring.ears.base import HearingJob
from scoring.ears.local import LocalEars

FAKE = (sys.executable, "-m", "tests.scoring.ears.fake_child")
RATE = 16_000


class Silence:
    """Sound for a child that does not listen."""

    def __init__(self, seconds):
        self.samples = np.zeros(round(seconds * RATE), np.float32)


def measures_of(runs, **more):
    """Measures of a recording with these runs, as (start, end)."""
    return {
        "is_heard": True,
        "length_seconds": runs[-1][1] + 0.5,
        "syllables": 1000,
        "runs": [[start, end - start] for start, end in runs],
        "pauses": [[first[1], second[0] - first[1]] for first, second in pairwise(runs)],
        **more,
    }


# three pieces: the first short, then two
LONG_RUNS = [(number * 4.0 + 0.2, number * 4.0 + 3.4) for number in range(15)]
LONG = measures_of(LONG_RUNS)


class Case:
    """Ears whose child follows a script, and a job that remembers what was noted."""

    def __init__(self, folder: Path, steps):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"):
            (folder / name).write_text(name)
        self.folder, self.notes = folder, []
        self.follow(steps)
        self.ears = LocalEars(FAKE)

    def follow(self, steps):
        """Have the child do these things, one for each request; the last one is repeated."""
        (self.folder / "script.json").write_text(json.dumps(steps))

    def hear(self, measures=LONG, seconds=60, before=None):
        job = HearingJob("r", measures, heard_before=before, note=self.notes.append)
        return self.ears.hear(job, Silence(seconds))

    def requests(self):
        path = self.folder / "requests.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def speaks(*texts, start=0.4):
    """Words a second apart, from so many seconds behind the piece's begin."""
    return {
        "words": [
            [f" {text}", start + number, start + number + 0.5, 0.9]
            for number, text in enumerate(texts)
        ]
    }
