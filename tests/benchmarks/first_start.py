"""`python -m tests.benchmarks.first_start`: from a fresh clone to a site that serves.

Clones this repository, runs `make run` as the README has it, stops it and runs it again. With
`--write` the section of docs/benchmarks.md is made anew. How long the first takes depends on how
near the packages are.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.benchmarks.lines import Line, replaced
from tests.product import BASE, free_port

MOST_SECONDS = 900
LEFT_IN_PLACE = ("PATH", "HOME", "LANG", "TMPDIR")
LEFT_PREFIXES = ("PIP_", "UV_", "NPM_", "npm_", "SSL_")
TITLE = "## From a fresh clone"
TEXT = """## From a fresh clone

Made by `python -m tests.benchmarks.first_start --write` ({cores} cores, packages near): set-up of
Python and front-end packages, style sheet, ears with their weights, database, questions, server.

| what | measured | at most |
|---|---|---|
{rows}
"""


def _serves(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2) as reply:
        return bool(reply.status == 200)
    return False


@contextmanager
def _running(clone: Path) -> Iterator[float]:
    """Run it; yield the seconds from `make run` to the first page that is served."""
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in LEFT_IN_PLACE or name.startswith(LEFT_PREFIXES)
    }
    begun = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _serves(f"http://127.0.0.1:{port}"):
            if process.poll() is not None or time.perf_counter() - begun > MOST_SECONDS:
                raise RuntimeError("`make run` did not come to serving.")
            time.sleep(0.05)
        yield time.perf_counter() - begun
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def first_start_lines() -> list[Line]:
    """Return how long the first start of a fresh clone took, and the second one."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(BASE), str(clone)], check=True)
        with _running(clone) as first:
            pass
        with _running(clone) as second:
            pass
    return [
        Line("fresh clone: `make run` to the first page served", first, "s", 300),
        Line("the same clone again", second, "s", 5),
    ]


def main(*, write: bool) -> int:
    """Measure and print; with `write` into docs/benchmarks.md too. Return 1 for a missed limit."""
    lines = first_start_lines()
    rows = "\n".join(line.as_row() for line in lines)
    sys.stdout.write(f"{rows}\n")
    if write:
        path = BASE / "docs" / "benchmarks.md"
        text = TEXT.format(cores=os.cpu_count(), rows=rows)
        path.write_text(replaced(path.read_text(), TITLE, text))
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main(write="--write" in sys.argv))
