"""Corrections on the graded texts as ears heard them: the second table of docs/ears-corrections.md.

`python -m tests.benchmarks.heard_corrections` prints it, `--write` puts it into the document;
`--made` leaves out what was not heard before. Wants the tools of `make speakers`, and flite.
"""

import sys
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.builtin_judge import CORRECTIONS, DOCS, put, table
from tests.ears import graded
from tests.ears.hearing import was_heard
from tests.ears.judged import facts_about
from tests.ears.readings import every_reading

HEAD = ["text", "voice", "kind", "heard", "better", "verdict"]
# each read beside what was spoken; what is not listed is still to be read
VERDICTS = {
    ("ask_ava-im1-b", "How long time"): "right: `time` is one word too many, and was spoken",
    ("chg-im2-a", "more better"): "right: a double comparative, spoken so",
    ("issue-ih-a", "more bigger"): "right: a double comparative, spoken so",
    ("mem-al-a", "made me to sit"): "right: no `to` behind `made me`, spoken so; labelled",
    ("rp_ask-im1-a", "where I can"): "right: a question in the order of a statement, spoken so",
}


def files() -> Iterator[dict[str, Any]]:
    """Yield what was heard of each graded text."""
    for reading in every_reading():
        if "--made" not in sys.argv or was_heard(graded.name_of(reading)):
            yield graded.as_file(reading)


def report() -> str:
    """Return how many were heard and what is right of the corrections given, then each of them."""
    pairs = [(file, facts_about(file)) for file in files()]
    rows = [
        [file["name"], file["voice"], one["kind"], one["quote"], one["better"]]
        for file, facts in pairs
        for one in facts["corrections"]
    ]
    for row in rows:
        row.append(VERDICTS.get((row[0], row[3]), "to be read"))
    right = sum(row[-1].startswith("right") for row in rows)
    understood = sum(facts["is_understood"] for _file, facts in pairs)
    heard = {file["name"] for file, _facts in pairs}
    missing = sorted(reading.key for reading in every_reading() if reading.key not in heard)
    text = (
        f"{len(pairs)} of {len(every_reading())} texts were heard, {understood} of them understood;"
        f" the judge gives {len(rows)} corrections, and {right} of {len(rows)} are right."
    )
    if missing:
        text += f" Not heard yet: {', '.join(missing)}."
    return f"{text}\n\n{table(HEAD, sorted(rows))}"


def main() -> None:
    text = report()
    sys.stdout.write(f"{text}\n")
    if "--write" in sys.argv:
        put(DOCS / CORRECTIONS, "heard", text)


if __name__ == "__main__":
    main()
