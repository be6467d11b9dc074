"""Reading texts aloud with the chosen voice; may be stopped at any time, and run again."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from materials import voicing
from materials.voice_adapters import get_voice


class Command(BaseCommand):
    """Reads texts aloud; ends with CommandError when one failed: run it again then."""

    help = "Read every text aloud that the chosen voice (OPIC_VOICE) has not read yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--voice", choices=sorted(settings.OPIC_ADAPTERS["voice"]))
        parser.add_argument("--missing", action="store_true", help="only list what is missing")
        parser.add_argument("--most", type=int, help="stop after so many texts")

    def handle(
        self, *, voice: str | None, missing: bool, most: int | None, **_options: Any
    ) -> None:
        adapter = get_voice(voice)
        jobs = voicing.missing(adapter)[:most]
        if missing:
            self.stdout.write("\n".join(job.label for job in jobs) or "Nothing is missing.")
            return
        failed = voicing.voice_all(
            jobs, adapter, processes=os.cpu_count() or 1, report=self._report_progress
        )
        self.stdout.write(f"\n{len(jobs) - len(failed)} read, {len(failed)} not.")
        for job, reason in failed:
            self.stderr.write(f"{job.label}: {reason}")
        voicing.publish_built_in()
        if failed:
            raise CommandError("Run it again: it goes on with what is missing.")

    def _report_progress(self, done: int, of: int) -> None:
        self.stdout.write(f"\rReading aloud: {done} of {of}", ending="")
        self.stdout.flush()
