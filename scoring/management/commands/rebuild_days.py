"""Makes the day summaries anew from all responses, of everybody or of one person."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from accounts.models import User
from scoring.summaries import days

REPORT_EVERY_SECONDS = 2


class Command(BaseCommand):
    """Rebuilds day summaries, with a line of progress every other second."""

    help = "Make the day summaries anew from all answers: repeatable, also while people speak."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of one person."""
        parser.add_argument("--person", metavar="EMAIL", help="only this one")

    def handle(self, *, person: str | None, **_options: Any) -> None:
        has_any = Q(responses__isnull=False) | Q(day_summaries__isnull=False)
        people = User.objects.filter(has_any).distinct().order_by("email")
        if person is not None:
            people = User.objects.filter(email=person.lower())
            if not people.exists():
                raise CommandError(f"Nobody here has the address {person}.")
        begun, total, made = time.monotonic(), people.count(), 0
        self.reported_at = begun
        for number, one in enumerate(people.iterator(), start=1):
            for count in days.rebuild(one):
                made += count
                self._report_progress(f"{number} of {total} people, {made} days so far ...")
        self.stdout.write(f"{made} days of {total} people in {time.monotonic() - begun:.1f} s.")

    def _report_progress(self, text: str) -> None:
        if time.monotonic() - self.reported_at >= REPORT_EVERY_SECONDS:
            self.reported_at = time.monotonic()
            self.stdout.write(text)
