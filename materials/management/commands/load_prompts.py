"""Loading the built-in bank: repeatable; an error names its file and entry, and nothing changes."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from materials import bank, packs_reader, voicing
from materials.voice_adapters import get_voice


class Command(BaseCommand):
    """Loads the packs; `--check` only reads them, and changes nothing."""

    help = "Load the prompt packs, read new texts aloud with the built-in voice, publish them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, default=packs_reader.PACKS)
        parser.add_argument("--check", action="store_true", help="only read and check the packs")
        parser.add_argument("--no-voice", action="store_true", help="leave texts unvoiced")

    def handle(self, *, folder: Path, check: bool, no_voice: bool, **_options: Any) -> None:
        try:
            packs = packs_reader.read_bank(folder)
        except packs_reader.PackError as exc:
            raise CommandError(str(exc)) from None
        if check:
            self.stdout.write(f"{len(packs.prompts)} prompts, no fault.")
            return
        done = bank.load(packs)
        self.stdout.write(
            f"Prompts: {done.new} new, {done.revised} revised, {done.retired} retired,"
            f" {done.unchanged} unchanged."
        )
        if not no_voice:
            self._voice()

    def _voice(self) -> None:
        voice = get_voice("espeak")
        jobs = voicing.missing(voice)
        failed = voicing.voice_all(
            jobs, voice, processes=os.cpu_count() or 1, report=self._report_progress
        )
        if jobs:
            self.stdout.write("")
        for job, reason in failed:
            self.stderr.write(f"{job.label}: {reason}")
        self.stdout.write(f"Published: {voicing.publish_built_in()}.")

    def _report_progress(self, done: int, of: int) -> None:
        if done % 20 == 0 or done == of:
            self.stdout.write(f"\rReading aloud: {done} of {of}", ending="")
            self.stdout.flush()
