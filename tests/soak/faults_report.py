"""Section "Faults" of docs/benchmarks.md, from what the legs wrote down."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.lines import median, replaced
from tests.product import BASE

TITLE = "## Faults"
NAMES = {
    "lost": "lost: saved, and not there",
    "refused": "refused for good",
    "doubled": "doubled: two rows, two ratings of a kind",
    "broken_files": "kept files that do not decode",
    "files_without_row": "files without a row after the hourly sweep",
    "paid_twice": "paid twice",
    "waiting": "not final 4 minutes after a fault, without anybody's hand",
}
Leg = dict[str, Any]


def count(legs: list[Leg]) -> int:
    return sum(len(leg["faults"]) for leg in legs)


def holds(legs: list[Leg]) -> bool:
    return not any(leg["verdict"][name] for leg in legs for name in NAMES)


def _seconds(one: dict[str, Any]) -> float | None:
    return None if one["well"] is None else float(one["well"] - one["begun"])


def _kind_rows(legs: list[Leg]) -> list[str]:
    """A row a kind and site: how many, median and worst seconds from the fault to well."""
    found: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for leg in legs:
        for one in leg["faults"]:
            name = one["kind"] + (", at rest" if one["at_rest"] else "")
            found[name, leg["site"].split(",")[0]].append(_seconds(one))
    rows = []
    for (name, site), times in sorted(found.items()):
        well = [seconds for seconds in times if seconds is not None]
        shown = f"{median(well):.1f} | {max(well):.1f}" if well else " | "
        helped = len(times) - len(well)
        rows.append(f"| {name} | {site} | {len(times)} | {shown} | {helped or ''} |")
    return rows


def _totals(legs: list[Leg]) -> list[str]:
    verdicts = [leg["verdict"] for leg in legs]
    rows = [f"| faults under load | {count(legs)} | at least 300 |"]
    rows += [f"| answers | {sum(one['answers'] for one in verdicts)} | |"]
    for name, words in NAMES.items():
        number = sum(len(one[name]) for one in verdicts)
        rows.append(f"| {words} | {number}{' **missed**' if number else ''} | 0 |")
    for name, words in (
        ("killed_in_call", "calls made again because their worker was killed in the first"),
        ("unstored", "calls made again because the database could not keep the first's reply"),
    ):
        rows.append(f"| {words} | {sum(one[name] for one in verdicts)} | |")
    return rows


def section(legs: list[Leg]) -> str:
    sites = sorted({leg["site"] for leg in legs})
    lines = [
        TITLE,
        "",
        f"Made by `make soak` on {datetime.now(UTC):%F}: {'; '.join(sites)}; every second leg with",
        "a model on loopback. Seconds run from the moment of the fault (its own length included)",
        "until every answer from before is final and two spoken since are too. At rest: nobody",
        "speaks and the queue is empty when it strikes.",
        "",
        "| what | measured | at most |",
        "|---|---|---|",
        *_totals(legs),
        "",
        "| fault | product | times | median s | worst s | needed a hand |",
        "|---|---|---|---|---|---|",
        *_kind_rows(legs),
    ]
    return "\n".join(lines) + "\n"


def write(text: str) -> None:
    """In its place among the other sections, which stay as they are."""
    path = BASE / "docs" / "benchmarks.md"
    path.write_text(replaced(path.read_text(), TITLE, text))
