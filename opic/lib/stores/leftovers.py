"""Removal of what killed processes left on this host's disk: uploads on their way, older folders.

No row names these files, so nobody's deletion or end date finds them. Every host looks for itself,
web hosts too: at the start and every few minutes.
"""

import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from opic.lib.stores import disk

logger = logging.getLogger(__name__)
AGE_SECONDS = 3600.0
EVERY_SECONDS = 600.0
# what decoding made up to version 0.2; other folders with our prefix are not ours to remove
_OLD_FOLDER = re.compile(r"opic-[a-z0-9_]{8}")
_OLD_CONTENTS = {"answer.m4a"}


def sweep(older_than: float = AGE_SECONDS) -> int:
    """Remove what was last written more than so many seconds ago; return how many there were."""
    before = time.time() - older_than
    return sum(_removed(path) for path in _candidates() if _written_at(path) < before)


def _candidates() -> Iterator[Path]:
    yield from _listed(Path(settings.FILE_UPLOAD_TEMP_DIR))
    for path in _listed(Path(tempfile.gettempdir())):
        if _OLD_FOLDER.fullmatch(path.name) and _is_old_folder(path):
            yield path


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _is_old_folder(path: Path) -> bool:
    """Return whether it is ours, no link, and holds nothing but a response on its way."""
    try:
        is_own = path.stat(follow_symlinks=False).st_uid == os.geteuid() and not path.is_symlink()
        return is_own and {one.name for one in path.iterdir()} <= _OLD_CONTENTS
    except OSError:
        return False


def _written_at(path: Path) -> float:
    try:
        return path.stat(follow_symlinks=False).st_mtime
    except OSError:
        return time.time()


def _removed(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as exc:
        logger.warning("a file left over cannot be removed: %s", type(exc).__qualname__)
        return False
    return True


class Caretaker:
    """A thread that sweeps, in each process that serves.

    It is started by the first request, so that it is there after a fork too.
    """

    def __init__(self) -> None:
        self.pid = 0
        # the first requests may come at once: one of them starts the thread
        self.lock = threading.Lock()

    def be_there(self) -> None:
        """Start the thread, unless this process has it."""
        if self.pid == os.getpid():
            return
        with self.lock:
            if self.pid != os.getpid():
                self.pid = os.getpid()
                threading.Thread(
                    target=self._remove_leftovers, name="caretaker", daemon=True
                ).start()

    def _remove_leftovers(self) -> None:
        while True:
            try:
                sweep()
                disk.warn()
            except Exception:
                logger.exception("what killed processes left was not swept")
            time.sleep(EVERY_SECONDS)


caretaker = Caretaker()
