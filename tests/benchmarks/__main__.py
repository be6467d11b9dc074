"""`make bench`: measures, writes docs/benchmarks.md, exits non-zero when a limit is missed."""

import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import (
    board,
    days,
    ears,
    exams,
    history,
    keep_alive,
    pages,
    ratings,
    sign_up,
    sound,
    uploads,
)
from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line
from tests.product import BASE, Product

HEAD = """# Benchmarks

Made by `make bench` on {day}: {cores} cores, Python {python}, {store}. Ratios and counts carry
over to other machines, seconds do not. Pages are asked under the `make run` server (gunicorn, 2
processes of 9 threads); the bare view is anonymous, has the same middleware and answers an empty
200. Query counts are asserted in the unit suite: at most 6 a learner page, the same for 3 takes
and for 300.

| what | measured | at most |
|---|---|---|
"""


def measured(store: str) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        lines = sound.sound_lines(folder)
    with tempfile.TemporaryDirectory() as folder:
        environment = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
        environment |= {"OPIC_UPLOADS_PER_MINUTE": "100000"}
        with Product(Path(folder), **environment) as product:
            code = "from tests.benchmarks import seed; seed.learner(20)"
            parsed = json.loads(product.python(code).splitlines()[-1])
            learner = Learner(product.port, **parsed)
            lines += pages.byte_lines(learner)
            lines += keep_alive.keep_alive_lines(learner)
            lines += uploads.visible_lines(learner)
            lines += uploads.slow_lines(product, learner)
            lines += uploads.task_lines(product)
    lines += sign_up.sign_up_lines()
    lines += exams.exam_lines()
    lines += ratings.rating_lines(store) + ratings.grown_up_lines()
    lines += ratings.second_rater_lines(store)
    lines += days.all_day_lines() + history.all_history_lines()
    lines += board.all_board_lines()
    return lines + ([] if os.environ.get("TEST_EARS") == "none" else ears.ear_lines())


def main() -> int:
    store = "PostgreSQL + Redis" if "TEST_DATABASE_URL" in os.environ else "SQLite"
    lines = measured(store)
    head = HEAD.format(
        day=f"{datetime.now(UTC):%F}",
        cores=os.cpu_count(),
        python=platform.python_version(),
        store=store,
    )
    text = head + "\n".join(line.as_row() for line in lines) + "\n"
    path = BASE / "docs" / "benchmarks.md"
    # the sections of the longer runs stay as they are
    _before, mark, sections = path.read_text().partition("\n## ")
    path.write_text(text + mark + sections)
    sys.stdout.write(text)
    return 0 if pages.measure() and all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
