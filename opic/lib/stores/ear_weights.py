"""Where the weights of the ears of this machine lie, and whether they can be used.

The settings ask it at every start: a look into one folder, nothing is read or loaded.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

NAMED = ("base", "tiny.en")
FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
ENGINE = "faster_whisper"


def folder_of(data_dir: Path, model: str) -> Path:
    """Return the folder of a named model below the data folder, or the folder that was named."""
    return data_dir / "ears" / model if model in NAMED else Path(model)


def are_there(data_dir: Path, model: str) -> bool:
    """Return whether the engine is installed and the four files of the model lie in its folder."""
    folder = folder_of(data_dir, model)
    return find_spec(ENGINE) is not None and all((folder / name).is_file() for name in FILES)


def are_brought_by(arguments: Sequence[str]) -> bool:
    """Return whether this command line is one that puts the weights in place."""
    return not {"prepare", "fetch_ears"}.isdisjoint(arguments[1:2])
