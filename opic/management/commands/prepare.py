"""Bring database, cache table, prompts and static files up to the code; quick to repeat."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from materials.packs_reader import PACKS
from opic.lib.stores import private_files
from scoring.ears import weights_sources
from scoring.ears.base import LOCAL, NO_EARS


class Command(BaseCommand):
    """Prepares a start; notes in DATA_DIR what was loaded, so that it is not loaded again."""

    help = "Migrate, load the prompt bank, collect static files: run it before every start."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.IS_LOOPBACK:
            private_files.close_files(settings.DATA_DIR)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        self._when_changed("static", _files(settings.BASE_DIR / "static"), self._collect)
        self._when_changed("packs", _files(PACKS), self._load)
        if settings.OPIC_PREPARES_EARS:
            self._prepare_ears()

    def _prepare_ears(self) -> None:
        missing = weights_sources.prepare(settings.DATA_DIR, settings.OPIC_LOCAL_EARS)
        # where others hear, nobody has to hear here
        if missing and settings.OPIC_EARS in {LOCAL, NO_EARS}:
            self.stdout.write(missing)

    def _collect(self) -> None:
        ignored = ["scss", "*.scss"]
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=ignored)

    def _load(self) -> None:
        self.stdout.write("Loading the questions and reading them aloud; this happens once.")
        call_command("load_prompts", stdout=self.stdout, stderr=self.stderr)

    def _when_changed(self, name: str, files: Iterable[Path], work: Any) -> None:
        """Run `work` only when these files, or the database, are others than last time."""
        digest = hashlib.sha256(str(settings.DATABASES["default"]["NAME"]).encode())
        for path in files:
            digest.update(str(path).encode())
            digest.update(path.read_bytes())
        stamp = settings.DATA_DIR / f".{name}-loaded"
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        work()
        stamp.write_text(digest.hexdigest())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
