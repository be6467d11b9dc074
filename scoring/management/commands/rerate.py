"""Rates responses again; what they show stays until the new rating is there, and is saved too."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring.evaluation.rating_changes import change_lines, changes_of
from scoring.models import FINAL, Rating, Response
from scoring.tasks import queue_rating


class Command(BaseCommand):
    """Queues final responses for a new rating."""

    help = (
        "Queue final answers for a new rating. The old one is kept. Answers of people who took"
        " back their consent to recording are left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the responses by id or by day, and whether to rate what did not change."""
        parser.add_argument("responses", nargs="*", help="ids; without any: all since --since")
        parser.add_argument("--since", type=datetime.fromisoformat, help="recorded since this day")
        parser.add_argument("--fresh", action="store_true", help="ask again though nothing changed")
        parser.add_argument("--check", action="store_true", help="only say how many")
        parser.add_argument(
            "--compare",
            action="store_true",
            help="queue nothing; show how the last ratings differ from the ones before",
        )

    def handle(
        self,
        *,
        responses: list[str],
        since: datetime | None,
        fresh: bool,
        check: bool,
        compare: bool,
        **_options: Any,
    ) -> None:
        if not responses and since is None:
            raise CommandError("Name answers, or a day with --since 2026-11-01.")
        wanted = Response.objects.filter(status__in=FINAL).with_sound().agreed_to_recording()
        if responses:
            wanted = wanted.filter(pk__in=responses)
        if since is not None:
            wanted = wanted.filter(recorded_at__gte=timezone.make_aware(since))
        if compare:
            self.stdout.write("\n".join(change_lines(changes_of(wanted))))
            return
        if check:
            self.stdout.write(f"{wanted.count()} answers.")
            return
        if fresh:
            Rating.objects.filter(response__in=wanted).update(cache_key="")
        again = [response for response in wanted.iterator() if response.rate_again()]
        for response in again:
            queue_rating(response)
        self.stdout.write(f"{len(again)} answers queued. See what it changes with --compare.")
