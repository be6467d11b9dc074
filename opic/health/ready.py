"""What this host needs to serve: database, storage, cache, the static files of its release."""

import shutil
import tempfile
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.db import connection
from django.utils.translation import gettext_lazy as _

from opic.health.probes import Finding, Lane, Level, Probe
from opic.lib import static_files
from scoring.models import audio_storage

# more than a file system keeps in an inode or the rest of a block
PROBE_BYTES = 64 * 1024
WRITE_SECONDS = 60
TOLD_SHARE = 0.8

DATABASE = Lane("database")
STORAGE = Lane("storage")
CACHE = Lane("cache")
FILES = Lane("files")


def database() -> Finding:
    """Connect anew and ask for a one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding()


class StorageCheck:
    """Keeps a small file and removes it again; in a paid store once a minute, else each time."""

    def __init__(self) -> None:
        self._written = 0.0

    def __call__(self) -> Finding:
        storage = audio_storage()
        is_folder = isinstance(storage, FileSystemStorage)
        if is_folder or time.monotonic() - self._written > WRITE_SECONDS:
            _keep_and_remove(storage)
            self._written = time.monotonic()
        else:
            storage.exists("health/probe")
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
            file.write(bytes(PROBE_BYTES))
        return fill_finding(disk_share(Path(settings.DATA_DIR)))


def _keep_and_remove(storage: Storage) -> None:
    name = storage.save(f"health/{uuid.uuid4()}", ContentFile(bytes(PROBE_BYTES)))
    storage.delete(name)


def disk_share(folder: Path) -> float:
    """How full the disk under a folder is, 0 to 1, as an ordinary account sees it."""
    usage = shutil.disk_usage(folder)
    return 1 - usage.free / (usage.used + usage.free)


def fill_finding(share: float) -> Finding:
    if share < TOLD_SHARE:
        return Finding()
    return Finding(
        Level.DEGRADED,
        _("The disk is %(percent)s %% full. At 95 %% no new recordings are taken."),
        {"percent": int(100 * share)},
    )


def cache_finding() -> Finding:
    """A look-up in the shared cache; where Redis is away the database counts the limits."""
    ping = getattr(cache, "ping", None)
    if ping is not None:
        ping()
    else:
        cache.get("health")
    return Finding()


def static() -> Finding:
    """The manifest of this release names the style sheet, and the file lies there."""
    static_files.reload_if_changed()
    return Finding()


_SILENT_DATABASE = Finding(Level.DOWN, _("The database does not answer."))
PROBES = [
    Probe(
        "database",
        DATABASE,
        database,
        failed=Finding(Level.DOWN, _("The database cannot be reached.")),
        silent=_SILENT_DATABASE,
    ),
    Probe(
        "storage",
        STORAGE,
        StorageCheck(),
        failed=Finding(Level.DOWN, _("Recordings cannot be stored from this host.")),
        silent=Finding(Level.DOWN, _("The storage of recordings does not answer.")),
    ),
    Probe(
        "cache",
        CACHE,
        cache_finding,
        failed=Finding(
            Level.DEGRADED, _("The cache cannot be reached. The database does its work, slower.")
        ),
        silent=Finding(
            Level.DEGRADED, _("The cache does not answer. The database does its work, slower.")
        ),
    ),
    Probe(
        "static files",
        FILES,
        static,
        failed=Finding(
            Level.DOWN, _("Style sheets of this release are missing. Run manage.py prepare here.")
        ),
        silent=Finding(Level.DOWN, _("The disk of this host does not answer.")),
    ),
]
