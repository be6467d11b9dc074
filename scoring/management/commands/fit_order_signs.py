"""Fits what the signs of an order to the rater are worth, after examples or classes changed."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from scoring.evaluation import order_fit
from scoring.raters.order_signs import WEIGHTS_FILE


class Command(BaseCommand):
    """Writes the weights, or prints how well they do on examples that were left out."""

    help = "Fit the weights of scoring/raters/order_weights.json on the open examples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to check only."""
        parser.add_argument("--check", action="store_true", help="leave out, count, write nothing")

    def handle(self, *, check: bool, **_options: Any) -> None:
        examples = order_fit.open_examples()
        if check:
            for kind, (taken, number) in sorted(order_fit.cross_validate(examples).items()):
                self.stdout.write(f"{kind}: {taken} of {number}")
            return
        weights = order_fit.fit(examples)
        WEIGHTS_FILE.write_text(json.dumps(weights, ensure_ascii=False, indent=1) + "\n")
        self.stdout.write(f"{len(weights)} signs")
