"""Other accounts of the machine read nothing of ours, however it came to lie there."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from opic.lib.env import ConfigurationError
from opic.lib.stores.private_files import close_files, close_folder

WRITTEN = ["opic.sqlite3", "opic.sqlite3-wal", "mail/code.log", "private/audio/r.m4a"]
NOBODY = 65534


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def reachable():
    """A folder that every account of the machine may enter."""
    with tempfile.TemporaryDirectory(prefix="opic-files-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def write(data, names=WRITTEN):
    for name in names:
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        path.chmod(0o644)


def open_to_others(data):
    return [
        str(path.relative_to(data))
        for path in [data, *data.rglob("*")]
        if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()
    ]


def read_by_nobody(paths):
    """How many of these files another account can read; it needs a superuser to become one."""
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os._exit(min(sum(os.access(path, os.R_OK) for path in paths), 255))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_what_was_open_is_closed_and_what_comes_is(tmp_path, umask):
    data = tmp_path / "data"
    write(data)
    (data / "mail" / "link").symlink_to("/etc/hosts")
    before = Path("/etc/hosts").stat().st_mode
    close_folder(data)
    close_files(data)
    assert open_to_others(data) == []
    (data / "mail" / "later.log").write_text("x")
    (data / "new").mkdir()
    assert open_to_others(data) == []
    assert Path("/etc/hosts").stat().st_mode == before
    close_folder(data)
    close_files(data)


def test_what_is_the_same_for_everybody_may_stay_as_it_is(tmp_path, umask):
    write(tmp_path, ["clips/a.m4a", "static/js/app.js"])
    close_files(tmp_path)
    assert (tmp_path / "clips" / "a.m4a").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_many_use_is_not_taken_over(tmp_path):
    tmp_path.chmod(0o1777)
    with pytest.raises(ConfigurationError, match="DATA_DIR"):
        close_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


@pytest.mark.parametrize("command", [["check"], ["migrate", "-v", "0"]])
def test_a_start_on_loopback_closes_what_lies_there(reachable, command):
    data = reachable / "data"
    write(data, ["opic.sqlite3", "mail/code.log"])
    (data / "opic.sqlite3").write_bytes(b"")
    data.chmod(0o755)
    if os.geteuid() == 0:
        assert read_by_nobody([data / "mail/code.log"]) == 1, "the test itself can see it"
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        umask=0o022,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "mail").stat().st_mode) == 0o700
    if os.geteuid() == 0:
        assert read_by_nobody([path for path in data.rglob("*") if path.is_file()]) == 0
