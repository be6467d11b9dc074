"""Where the weights come from: an installed package, a file of the operator's, the maker's address.

All of them end in the same check, in `save`. Packages are read as files: none of their code runs.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import IO

from opic.lib.stores.ear_weights import ENGINE, FILES, NAMED, are_there, folder_of
from scoring.ears.weights import MODELS, STAMP, File, WeightsError, is_stamped, stamp_of, verify

BLOCK = 1024 * 1024
MAKER_HOST = "huggingface.co"
# where that host sends whoever asks for a large file
MAKER_HOSTS = (MAKER_HOST, "*.huggingface.co", "*.hf.co")
_MAKER = "https://{host}/Systran/faster-whisper-{model}/resolve/{revision}/{name}"
_MAKER_SECONDS = 30
_MISSING = "Nothing hears on this machine: {what}. `make ears` gets it; OPIC_EARS=none is silent."

Opener = Callable[[], IO[bytes]]
# for each of the four files its parts, in order
Source = dict[str, list[Opener]]


def from_packages(model: str) -> Source:
    """Return the data files of installed packages, which carry `model.bin` whole or in halves.

    Raises WeightsError where a package, or a file of it, is not there.
    """
    paths: list[Path] = []
    for package in MODELS[model].packages:
        try:
            paths += [Path(str(file.locate())) for file in distribution(package).files or ()]
        except PackageNotFoundError:
            raise WeightsError(package, "this package is not installed") from None
    return _by_name((str(path), _opener(path)) for path in paths)


def from_path(path: Path) -> Source:
    """Return the files of a folder or a zip archive, at any depth. Raises WeightsError."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return _by_name((str(file), _opener(file)) for file in files)
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile):
        raise WeightsError(str(path), "neither a folder nor a zip archive") from None
    return _by_name((name, partial(archive.open, name)) for name in archive.namelist())


def from_maker(model: str) -> Source:
    """Return the maker's files, at the revision we compared; each is opened when it is read."""
    revision = MODELS[model].revision
    urls = {
        name: _MAKER.format(host=MAKER_HOST, model=model, revision=revision, name=name)
        for name in FILES
    }
    return {
        name: [partial(urllib.request.urlopen, url, timeout=_MAKER_SECONDS)]
        for name, url in urls.items()
    }


def _opener(path: Path) -> Opener:
    return lambda: path.open("rb")


def _by_name(files: Iterable[tuple[str, Opener]]) -> Source:
    """Return how to open the four files; `model.bin.part1` and so on are parts of `model.bin`."""
    named = sorted(
        ((PurePath(name).name, opener) for name, opener in files), key=lambda one: one[0]
    )
    source: Source = {}
    for wanted in FILES:
        whole = [opener for name, opener in named if name == wanted]
        parts = [opener for name, opener in named if name.startswith(f"{wanted}.part")]
        source[wanted] = whole[:1] or parts
        if not source[wanted]:
            raise WeightsError(wanted, "this file is missing")
    return source


def is_saved(data_dir: Path, model: str) -> bool:
    """Return whether checked weights of this named model lie below the data folder."""
    return is_stamped(folder_of(data_dir, model), model)


def save(data_dir: Path, model: str, source: Source) -> Path:
    """Check the files of a source and write them where the ears look for them; return the folder.

    All four or none, for this account alone. Whoever comes second waits, and writes nothing where
    the first one has. Raises WeightsError with the name of the file that is not the right one.
    """
    target = folder_of(data_dir, model)
    _closed_folder(target.parent)
    with _one_at_a_time(target.parent):
        _forget_broken_off(target)
        if is_saved(data_dir, model):
            return target
        making = Path(tempfile.mkdtemp(prefix=f".{model}-new-", dir=target.parent))
        try:
            for name, file in MODELS[model].files.items():
                _write(making / name, source[name], file)
            stamp = json.dumps(stamp_of(making, model))
            (making / STAMP).write_text(stamp)
            (making / STAMP).chmod(0o600)
            _put_in_place(making, target)
        except OSError as exc:
            raise WeightsError(model, f"it cannot be written: {exc.strerror or exc}") from None
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return target


def stamp_again(data_dir: Path, model: str) -> None:
    """Read the saved files once more and note that they are right. Raises WeightsError."""
    folder = folder_of(data_dir, model)
    verify(folder, model)
    (folder / STAMP).write_text(json.dumps(stamp_of(folder, model)))
    (folder / STAMP).chmod(0o600)


def _closed_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as exc:
        raise WeightsError(str(folder), f"it cannot be made: {exc.strerror}") from None


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # the folder's weights: two starts at once would both write them
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _forget_broken_off(target: Path) -> None:
    """Delete what a killed process has left; nobody else is at work here."""
    for folder in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, parts: list[Opener], file: File) -> None:
    """Write the parts one behind the other. Raises WeightsError for other bytes than ours."""
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        for opener in parts:
            for block in _blocks(path.name, opener):
                size += len(block)
                if size > file.size:
                    raise WeightsError(path.name, f"it has more than {file.size} bytes")
                digest.update(block)
                out.write(block)
        out.flush()
        os.fsync(handle)
    if size != file.size:
        raise WeightsError(path.name, f"it has {size} bytes, not {file.size}")
    if digest.hexdigest() != file.sha256:
        raise WeightsError(path.name, f"its sha256 is {digest.hexdigest()}, not {file.sha256}")


def _blocks(name: str, opener: Opener) -> Iterator[bytes]:
    try:
        with opener() as opened:
            while block := opened.read(BLOCK):
                yield block
    except urllib.error.URLError as exc:
        raise WeightsError(name, f"it cannot be fetched: {exc.reason}") from None
    except (OSError, zipfile.BadZipFile) as exc:
        raise WeightsError(name, f"it cannot be read: {exc}") from None


def _put_in_place(making: Path, target: Path) -> None:
    """Rename the new folder to its place; wrong or unchecked files of before go away."""
    if target.exists():
        target.rename(making.with_name(f".{target.name}-old-{os.getpid()}"))
    making.rename(target)
    _forget_broken_off(target)


def prepare(data_dir: Path, model: str) -> str:
    """Bring the weights of installed packages into place, with no network.

    Return in one line what is missing, and how to get it; empty where this machine can hear.
    """
    if find_spec(ENGINE) is None:
        return _MISSING.format(what="faster-whisper is not installed")
    if model not in NAMED:
        is_there = are_there(data_dir, model)
        return "" if is_there else _MISSING.format(what=f"{model} has not the four files")
    if is_saved(data_dir, model):
        return ""
    try:
        save(data_dir, model, from_packages(model))
    except WeightsError as exc:
        return _MISSING.format(what=str(exc))
    return ""
