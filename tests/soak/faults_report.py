"""Section "Faults" of docs/benchmarks.md, from what the legs wrote down."""

import re
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
# the first pattern that is found in a kind's name is its family
FAMILIES = {
    "database killed, restarted, hung": r"database",
    "Redis killed, restarted, hung, emptied": r"Redis",
    "SQLite's lock held": r"SQLite",
    "disk full, read-only": r"disk",
    "clock stepped, with and without a kill": r"clock",
    "told to end or to begin anew": r"TERM|HUP",
    "any 1 to 5 processes": r"^any",
    "all of web, of a cluster, everything": r"everything|, all|children|both",
    "two processes at once": r" \+ ",
    "run alone": r"^run",
    "one process of the web, or a decoder": r"web|decoder",
    "one process of the queue": r"",
}
SLOWEST = 5
Leg = dict[str, Any]


def count(legs: list[Leg]) -> int:
    return sum(len(leg["faults"]) for leg in legs)


def holds(legs: list[Leg]) -> bool:
    return not any(leg["verdict"][name] for leg in legs for name in NAMES)


def _seconds(one: dict[str, Any]) -> float | None:
    return None if one["well"] is None else float(one["well"] - one["begun"])


def _family(kind: str) -> str:
    return next(name for name, pattern in FAMILIES.items() if re.search(pattern, kind))


def _family_rows(legs: list[Leg]) -> list[str]:
    """A row a family and site: how many, median and worst seconds from the fault to well."""
    times: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    for leg in legs:
        for one in leg["faults"]:
            key = _family(one["kind"]), leg["site"]
            times[key].append(_seconds(one))
            kinds[key].add(one["kind"] + str(one["at_rest"]))
    rows = []
    for name, site in sorted(times, key=lambda key: (list(FAMILIES).index(key[0]), key[1])):
        measured = times[name, site]
        well = [seconds for seconds in measured if seconds is not None]
        shown = f"{median(well):.1f} | {max(well):.1f}" if well else " | "
        helped = len(measured) - len(well)
        counts = f"{len(kinds[name, site])} | {len(measured)}"
        rows.append(f"| {name} | {site.partition(',')[0]} | {counts} | {shown} | {helped} |")
    return rows


def _slowest(legs: list[Leg]) -> str:
    """The longest ways back, in words."""
    slowest = [(_seconds(one), one["kind"]) for leg in legs for one in leg["faults"]]
    times = sorted(((s, kind) for s, kind in slowest if s is not None), reverse=True)[:SLOWEST]
    return "; ".join(f"{kind} {seconds:.0f} s" for seconds, kind in times)


def _totals(legs: list[Leg]) -> list[str]:
    verdicts = [leg["verdict"] for leg in legs]
    rows = [f"| faults under load | {count(legs)} | at least 300 |"]
    rows += [f"| answers | {sum(one['responses'] for one in verdicts)} | |"]
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
        f"Made by `make soak` on {datetime.now(UTC):%F}: {'; '.join(sites)};",
        "half of the time with a model on loopback. Seconds run from the moment of the fault (its",
        "own length included) until every answer from before is final and two spoken since are",
        "too. What can strike at rest (nobody speaks, the queue is empty) does so as well.",
        "",
        "| what | measured | at most |",
        "|---|---|---|",
        *_totals(legs),
        "",
        "| fault | product | kinds | times | median s | worst s | needed a hand |",
        "|---|---|---|---|---|---|---|",
        *_family_rows(legs),
        "",
        f"The slowest: {_slowest(legs)}.",
    ]
    return "\n".join(lines) + "\n"


def write(text: str) -> None:
    """In its place among the other sections, which stay as they are."""
    path = BASE / "docs" / "benchmarks.md"
    path.write_text(replaced(path.read_text(), TITLE, text))
