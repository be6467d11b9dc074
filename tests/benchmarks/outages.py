"""`python -m tests.benchmarks.outages`: plays outages of the rating service with a moved clock, and
prints what becomes of the answers as a table for docs/rating.md.
"""

import logging
import os
import sys
from collections.abc import Iterator

LENGTHS = {"a minute": 60, "an hour": 3600, "a day": 86_400, "a weekend": 216_000}
CROWDS = {(1, 1): "1", (15, 1): "15, a test", (40, 8): "40, of 8 people"}
HEAD = (
    "| outage | answers | calls during it | calls after it | most calls a minute | minutes after"
    " it until all are rated | lost |\n|---|---|--:|--:|--:|--:|--:|"
)


def rows() -> Iterator[str]:
    from scoring.models import ModelCall, Response, Status
    from tests.scoring import outages

    for name, length in LENGTHS.items():
        for (responses, speakers), crowd in CROWDS.items():
            Response.objects.all().delete()
            ModelCall.objects.all().delete()
            outage = outages.played(length, responses, speakers)
            during = sum(call.at < length for call in outage.calls)
            lost = Response.objects.exclude(status=Status.RATED).count()
            figures = (
                during,
                len(outage.calls) - during,
                outage.most_calls_within(60),
                round((outage.seconds - length) / 60),
                lost,
            )
            yield f"| {name} | {crowd} | {' | '.join(map(str, figures))} |"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    logging.disable(logging.CRITICAL)
    from tests import database

    database.use_copy()
    try:
        sys.stdout.write(f"{HEAD}\n")
        for row in rows():
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
    finally:
        database.drop_copy()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
