"""The lines of docs/benchmarks.md: what was measured, and what it may at most be."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def holds(self) -> bool:
        return self.most is None or self.value <= self.most

    def as_row(self) -> str:
        limit = "" if self.most is None else f"{self.most:g} {self.unit}"
        # three figures below a thousand, whole numbers above
        value = f"{self.value:.3g}" if abs(self.value) < 999.5 else f"{self.value:.0f}"
        mark = "" if self.holds else " **missed**"
        return f"| {self.name} | {value} {self.unit}{mark} | {limit} |"


def percentile(values: list[float], share: float) -> float:
    """Nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * len(ordered) + 0.5) - 1)]


def median(values: list[float]) -> float:
    return statistics.median(values)


def replaced(document: str, title: str, text: str) -> str:
    """The document with this section put in the old one's place, or at its end."""
    before, _title, rest = document.partition(f"{title}\n")
    _old, mark, after = rest.partition("\n## ")
    joined = f"{before.rstrip()}\n\n{text}"
    return joined + (f"\n## {after}" if mark else "")


def with_table(document: str, title: str, table: str) -> str:
    """The document with the table of this section in the old one's place, its words left."""
    _before, _title, rest = document.partition(f"{title}\n")
    section = rest.partition("\n## ")[0]
    words = [line for line in section.split("\n") if not line.startswith("|")]
    text = "\n".join(words).strip()
    return replaced(document, title, f"{title}\n\n{text}\n\n{table}\n".replace("\n\n\n\n", "\n\n"))
