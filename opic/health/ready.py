"""What this host needs to serve: database, storage, cache, the static files of its release."""

import tempfile
import time
import uuid

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.db import connection
from django.utils.translation import gettext_lazy as _

from opic.health.probes import Finding, Lane, Level, Probe
from opic.lib.stores import disk
from opic.lib.web import static_files
from scoring.models import audio_storage

# more than fits into an inode or the rest of a block, where a full disk would still take it
PROBE_BYTES = 64 * 1024
WRITE_SECONDS = 60

DATABASE = Lane("database")
STORAGE = Lane("storage")
CACHE = Lane("cache")
FILES = Lane("files")


def database() -> Finding:
    """Check that a new connection to the database replies to a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding()


class StorageCheck:
    """Stores a small file and removes it again; in a bucket once in WRITE_SECONDS only.

    Writing to a bucket costs money; in between it is only asked whether a file exists.
    """

    def __init__(self) -> None:
        self._written = 0.0

    def __call__(self) -> Finding:
        storage = audio_storage()
        is_folder = isinstance(storage, FileSystemStorage)
        if is_folder or time.monotonic() - self._written > WRITE_SECONDS:
            _store_and_remove(storage)
            self._written = time.monotonic()
        else:
            storage.exists("health/probe")
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
            file.write(bytes(PROBE_BYTES))
        return fill_finding(disk.percent_used())


def _store_and_remove(storage: Storage) -> None:
    name = storage.save(f"health/{uuid.uuid4()}", ContentFile(bytes(PROBE_BYTES)))
    storage.delete(name)


def fill_finding(percent: float) -> Finding:
    """Judge how full the disk is: a full one still serves pages and takes recordings that began."""
    most = settings.OPIC_DISK_FULL_PERCENT
    if percent < min(disk.WARN_PERCENT, most):
        return Finding()
    text = _("The disk is %(percent)s %% full. From %(most)s %% on nobody can record here.")
    return Finding(Level.DEGRADED, text, {"percent": int(percent), "most": most})


def cache_finding() -> Finding:
    """Check the shared cache; without Redis the database does its work."""
    ping = getattr(cache, "ping", None)
    if ping is not None:
        ping()
    else:
        cache.get("health")
    return Finding()


def static() -> Finding:
    """Check that this release's manifest names the style sheet, and that the file is there."""
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
