"""What the built-in judge says about texts whose errors are labelled, and about correct ones.

`python -m tests.benchmarks.builtin_judge` prints every correction on the graded texts, with the
label it falls into. `... FOLDER` does so for what ears heard: a file `KEY.json` for each graded
text, with `words` as `Hearing.heard` stores them, alone or below `details`, and `measures`.
`... --write` puts the tables into docs/ears-corrections.md and docs/built-in-judge.md; `... --all`
counts every change of last sounds in every correct text as well. `... --rarity` makes
`scoring/raters/builtin/rarity.json` anew from the bank.
"""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
django.setup()

# ruff: noqa: E402 - the models these import want settings
from scoring.raters.builtin.facts import Asked, facts_of
from scoring.raters.builtin.lexicon import HERE, stem_of
from tests.scoring.raters.builtin.heard import (
    CHANGES,
    DATA,
    changed,
    correct_texts,
    graded,
    judge,
    rows_of,
    samples,
)

JUDGE, CORRECTIONS = "built-in-judge.md", "ears-corrections.md"
DOCS = Path(__file__).parents[2] / "docs"
MORE = ". My name is Minh and I live in a small town near the sea with my family."
COMMON, FREQUENT = 0.08, 0.025  # share of the sample responses that have a stem
_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*")


def heard_of(example: dict[str, Any], folder: Path | None) -> tuple[list[Any], dict[str, Any]]:
    """Return word rows and measures: made up from the text, or as ears heard it."""
    if folder is None:
        rows, measures = rows_of(example["transcript"])
        return rows, measures
    stored = json.loads((folder / f"{example['key']}.json").read_text())
    return stored.get("details", stored)["words"], stored.get("measures", {})


def given(folder: Path | None) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Yield each correction on the graded texts: key, correction, the label it is in, context."""
    for item_type, example in graded():
        if folder and not (folder / f"{example['key']}.json").exists():
            continue
        rows, measures = heard_of(example, folder)
        facts = facts_of(rows, measures, Asked(item_type, example["prompt"]))
        for row in facts["corrections"]:
            label = next(
                (
                    f"{one['quote']} -> {one['better']}"
                    for one in example["corrections"]
                    if row["quote"].casefold() in one["quote"].casefold()
                ),
                "",
            )
            text = facts["transcript"]
            yield example["key"], row, label, text[max(row["start"] - 40, 0) : row["end"] + 30]


def table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def corrections_table(folder: Path | None) -> str:
    """Return every correction with its verdict: right where a label covers it, else to be read."""
    rows = [
        [key, row["kind"], row["quote"], row["better"], "right" if label else "to be read", context]
        for key, row, label, context in given(folder)
    ]
    return table(["text", "kind", "heard", "better", "verdict", "around it"], rows)


def figures() -> str:
    """Return the counts on lists and texts of ours: recall, false alarms."""
    errors = json.loads((DATA / "learner_errors.json").read_text())
    alike = json.loads((DATA / "look_alikes.json").read_text())
    wanted = [row for row in errors if row[2]]
    seen = sum(
        any(one["kind"] == kind for one in judge(text + MORE, item_type="RP_ASK")["corrections"])
        for text, kind, _better in wanted
    )
    false = sum(
        len(judge(text.rstrip(".") + MORE, item_type="RP_ASK")["corrections"]) for text in alike
    )
    bank = [
        judge(t, item_type=kind, stops=stops) for _k, kind, _p, t in samples() for stops in (0, 1)
    ]
    rows = list(given(None))
    labels = sum(len(example["corrections"]) for _type, example in graded())
    return table(
        ["texts", "count", "corrections given", "wrong"],
        [
            [
                "sentences with an error of a sure kind, written with the rules",
                len(wanted),
                seen,
                0,
            ],
            ["look-alikes that are correct", len(alike), false, false],
            ["sample responses of the bank, with and without stops", len(bank)]
            + 2 * [sum(len(facts["corrections"]) for facts in bank)],
            [
                f"graded texts, {labels} labelled errors",
                len(graded()),
                len(rows),
                sum(not label for _key, _row, label, _context in rows),
            ],
        ],
    )


def changes(step: int) -> str:
    """Return how many corrections changed last sounds raise in correct texts, by change."""
    counts: Counter[str] = Counter()
    texts = correct_texts()[::step]
    for name, change in CHANGES.items():
        for item_type, text in texts:
            words = " ".join(changed(word, change) for word in text.split())
            counts[name] += len(judge(words, item_type=item_type)["corrections"])
    rows = [[name, len(texts), counts[name]] for name in CHANGES]
    return table(["last sounds changed in every word", "texts", "corrections"], rows)


def make_rarity() -> None:
    """Write which stems are common in the bank's sample responses, and which are frequent."""
    counts: Counter[str] = Counter()
    for _key, _type, _prompt, text in samples():
        counts.update({stem_of(word) for word in _WORD.findall(text.casefold())})
    whole = len(samples())
    shares = {stem: count / whole for stem, count in sorted(counts.items())}
    rarity = {
        "common": [stem for stem, share in shares.items() if share >= COMMON],
        "frequent": [stem for stem, share in shares.items() if FREQUENT <= share < COMMON],
    }
    (HERE / "rarity.json").write_text(json.dumps(rarity, indent=1, ensure_ascii=False) + "\n")


def put(path: Path, name: str, text: str) -> None:
    """Put a table between its marks in a document."""
    document = path.read_text()
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    path.write_text(marked.sub(lambda match: f"{match[1]}{text}\n{match[2]}", document))


def main() -> None:
    options = {word for word in sys.argv[1:] if word.startswith("--")}
    folders = [Path(word) for word in sys.argv[1:] if not word.startswith("--")]
    folder = folders[0] if folders else None
    if "--rarity" in options:
        make_rarity()
        return
    tables = {"given": corrections_table(folder), "figures": figures()}
    if "--all" in options:
        tables["changes"] = changes(1)
    for name, text in tables.items():
        if "--write" in options:
            put(DOCS / (CORRECTIONS if name == "given" else JUDGE), name, text)
        sys.stdout.write(text + "\n\n")


if __name__ == "__main__":
    main()
