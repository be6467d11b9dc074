"""The tables of docs/rating.md: `python -m tests.benchmarks.judgement` prints them, `--write` puts
them into the document. No model is asked: it is the deciding code on every pattern of judgements,
on made-up speakers, and on examples judged by their author.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
django.setup()

# ruff: noqa: E402 - the models these import want settings
from opic.lib.levels import Level
from scoring.evaluation.agreement import rank_correlation
from scoring.levels.response import IN_REACH, place_of
from scoring.levels.sitting import range_of, width_of
from scoring.levels.verdicts import STEPS, Criterion, Standard
from scoring.raters import evidence
from tests.gemini.scripts import examples
from tests.scoring.graded import LENGTHS, controlled, decided, stress, words_of
from tests.scoring.raters import orders
from tests.scoring.speakers import sat_by, simulate

DOCUMENT = Path(__file__).parents[2] / "docs" / "rating.md"
Row = Sequence[object]


def table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def slips() -> str:
    """How far one slip, of one judgement by one step, moves the level of one answer."""
    keys = [(criterion, standard) for standard in Standard for criterion in Criterion]
    places = np.array(
        [
            place_of(dict(zip(keys, pattern, strict=True)))
            for pattern in product(STEPS, repeat=len(keys))
        ]
    ).reshape([len(STEPS)] * len(keys))
    rows = []
    for cap in (Level.AL, Level.IM3, Level.IL):
        levels = np.floor(np.minimum(places, cap + IN_REACH))
        moved: Counter[int] = Counter()
        for axis in range(levels.ndim):
            steps = np.abs(np.diff(levels, axis=axis)).astype(int)
            moved.update(dict(zip(*np.unique(steps, return_counts=True), strict=True)))
        whole = sum(moved.values())
        rows.append([cap.name, *(f"{moved[by]:,}" for by in (0, 1, 2)), f"{whole:,}"])
    return table(["bounded by", "not at all", "by one", "by two and more", "slips"], rows)


def ranges() -> str:
    """Where the range of a sitting lies round the true grade of made-up speakers."""
    rows = []
    for lost in (0, 1, 3, 5):
        off, above, below, count = [], 0, 0, 0
        for level in Level:
            for place, cap, items in sat_by(level, sittings=160, seed=3, lost=lost):
                width = width_of(lost, items)
                low, high = range_of(place, cap, width)
                count += 1
                above += level > high
                below += level < low
                if level - 1 > Level.NL and level + width / 2 < cap + 1:
                    off.append((low + high) / 2 - level)
        rows.append([lost, f"{np.mean(off):+.2f}", above, below, count])
    head = ["answers lost", "middle minus true", "true above it", "true below it", "sittings"]
    return table(head, rows)


def losses() -> str:
    """How random losses move the level of a sitting, on average over speakers of every grade."""
    rows = []
    for lost in (0, 3, 5):
        off = [
            min(int(place), cap) - level
            for level in Level
            for place, cap, _items in sat_by(level, sittings=160, seed=5, lost=lost)
        ]
        rows.append([lost, f"{np.mean(off):+.2f}", width_of(lost, 15)])
    return table(["answers lost", "level minus true, mean", "width of the range"], rows)


def speakers() -> str:
    """How often made-up speakers get their true grade in a sitting of one of its steps."""
    rows = []
    for level in Level:
        made = simulate(level, sittings=2000, seed=11)
        rows.append([level.name, f"{made.exact:.2f}", f"{made.within_one:.2f}"])
    return table(["true grade", "exact", "within one"], rows)


def graded() -> str:
    """The decided level against the author's; counting words, and always the commonest, beside."""
    old = examples()
    sets = {f"{length} words, every kind": controlled(length) for length in LENGTHS}
    sets["stress: short, long, recited, off the point"] = stress()
    sets["first examples (length follows level)"] = old
    rows = []
    for name, members in sets.items():
        levels = [Level[row["level"]] for row in members]
        made = [decided(row) for row in members]
        exact = np.mean([one.level == level for one, level in zip(made, levels, strict=True)])
        near = np.mean(
            [abs(one.level - level) <= 1 for one, level in zip(made, levels, strict=True)]
        )
        commonest = Counter(levels).most_common(1)[0][0]
        rows.append(
            [
                name,
                len(members),
                f"{rank_correlation(levels, [one.points for one in made]):.2f}",
                f"{exact:.2f}",
                f"{near:.2f}",
                f"{rank_correlation(levels, [words_of(row) for row in members]):.2f}",
                f"{np.mean([abs(commonest - level) <= 1 for level in levels]):.2f}",
            ]
        )
    head = ["set", "n", "rho", "exact", "within one", "rho of counting words"]
    return table([*head, "within one of the commonest"], rows)


def order_counts() -> str:
    """What our own look finds of the orders, and what it touches of ordinary speech."""
    rows = []
    sets = {
        "first collection": orders.ATTACKS,
        "by hand": orders.by_hand("open"),
        "by hand, held out": orders.by_hand("held_out"),
        "by hand, second writer": orders.by_hand("second"),
        "put together": orders.composed(300, "open"),
        "put together, held out": orders.composed(300, "held_out"),
        "third writer, unseen": orders.by_hand("unseen"),
    }
    base = orders.BASES[1]
    for name, members in sets.items():
        through = sum(
            orders.understands(
                one, orders.readable(base, orders.placed(base["transcript"], one["text"], "after"))
            )
            for one in members
        )
        rows.append([name, len(members), through])
    for split in ("open", "held_out", "second", "unseen"):
        texts = orders.ordinary(split)
        touched = sum(evidence.parse_transcript(text).has_orders for text in texts)
        rows.append([f"ordinary sentences, {split.replace('_', ' ')}", len(texts), touched])
    return table(["set", "texts", "reach the judge, or taken for an order"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "slips": slips,
    "ranges": ranges,
    "losses": losses,
    "speakers": speakers,
    "graded": graded,
    "orders": order_counts,
}


def with_tables(text: str, tables: dict[str, str]) -> str:
    """Return the document with these tables between their marks. Raises ValueError without one."""
    for name, made in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        first, last = text.index(begin) + len(begin), text.index(end)
        text = f"{text[:first]}{made}\n{text[last:]}"
    return text


if __name__ == "__main__":
    made = {name: make() for name, make in TABLES.items()}
    if "--write" in sys.argv:
        DOCUMENT.write_text(with_tables(DOCUMENT.read_text(), made))
    for name, text in made.items():
        sys.stdout.write(f"{name}\n\n{text}\n\n")
