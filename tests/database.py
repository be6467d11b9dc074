"""The test database on SQLite: migrated once a day and for each state of the migrations, kept in
`.stamps`, copied by every worker. Migrating took each of them more than six seconds of CPU.
"""

import contextlib
import datetime
import fcntl
import hashlib
import shutil
import sqlite3
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

BASE = Path(__file__).resolve().parent.parent
FOLDER = BASE / ".stamps"


def state() -> str:
    """Return a name for all that makes tables and first rows what they are."""
    digest = hashlib.sha256(f"{sys.version} {datetime.datetime.now(datetime.UTC):%F}".encode())
    digest.update((BASE / "requirements.txt").read_bytes())
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if folder.is_relative_to(BASE) and ".venv" not in folder.parts:
            for path in sorted([folder / "apps.py", *folder.glob("migrations/*.py")]):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def use_copy() -> None:
    """Point the connection at a copy of the migrated database, made where it is missing."""
    FOLDER.mkdir(exist_ok=True)
    migrated = FOLDER / f"test-database-{state()}.sqlite3"
    with (FOLDER / "test-database.lock").open("w") as lock:
        # one worker migrates, the others wait for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not migrated.exists():
            for old in FOLDER.glob("test-database-*.sqlite3*"):
                old.unlink()
            _make(migrated)
    name = connection.creation._get_test_db_name()
    connection.close()
    shutil.copyfile(migrated, name)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _make(migrated: Path) -> None:
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    half = migrated.with_suffix(".sqlite3-half")
    with contextlib.closing(sqlite3.connect(name)) as base:
        base.execute("VACUUM INTO ?", [str(half)])
    Path(name).unlink()
    half.rename(migrated)


def drop_copy() -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    for path in (name, f"{name}-wal", f"{name}-shm"):
        Path(path).unlink(missing_ok=True)
