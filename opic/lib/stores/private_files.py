"""Files on loopback: what the product writes is readable for the account that runs it alone.

Codes for signing in lie in `mail/`, what people said in the database and the recordings.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from opic.lib.env import ConfigurationError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# the same for everybody, and many: questions read aloud, scripts, the source
PUBLIC = {"clips", "source", "static"}


def close_folder(folder: Path) -> None:
    """Make the folder, or take from other accounts what they may do in it.

    Raises ConfigurationError where it belongs to another account, or is shared by all.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    info = folder.stat()
    if not info.st_mode & OTHERS:
        return
    if info.st_mode & stat.S_ISVTX or os.geteuid() not in {0, info.st_uid}:
        raise ConfigurationError(
            f"DATA_DIR: others of this machine use {folder}; name a folder of your own."
        )
    folder.chmod(0o700)


def close_files(data: Path) -> None:
    """Close to other accounts every file of the folder, and what this process makes from now on."""
    os.umask(0o077)
    for here, folders, names in os.walk(data):
        folders[:] = [name for name in folders if name not in PUBLIC]
        for name in folders:
            _close(Path(here, name), 0o700)
        for name in names:
            _close(Path(here, name), 0o600)


def _close(path: Path, mode: int) -> None:
    # another process may have removed it
    with suppress(FileNotFoundError):
        info = path.lstat()
        if info.st_mode & OTHERS and not stat.S_ISLNK(info.st_mode):
            path.chmod(mode)
