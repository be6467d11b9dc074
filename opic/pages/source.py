"""The source of what runs here, for everybody who uses it (AGPL, section 13).

OPIC_SOURCE_URL names where it is published. Without it the running files themselves are offered:
nobody can forget to publish a change.
"""

import io
import os
import re
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from opic import __version__

NAME = f"opic-practice-portal-{__version__}"
FOLDERS = re.compile(
    r"\.ci|accounts|docs|exams|materials|opic|practice|scoring|static|templates|tests"
)
# beside the folders: by name, where an operator may keep files with secrets
SOURCE_NAMES = re.compile(
    r"(CHANGELOG|CONTRIBUTING|README|SECURITY)\.md|LICENSE|Makefile|manage\.py|pyproject\.toml"
    r"|package(-lock)?\.json|eslint\.config\.mjs|requirements(-dev|-ears|-ears-tiny|-voices)?\.(in|txt)|\.gitignore"
    r"|\.editorconfig|\.pre-commit-config\.yaml"
)
# in the folders: no key, no database, no recording of anybody, nothing hidden; of archives only
# those that tests/old_release names by a release
KINDS = re.compile(
    r"[^.].*\.(css|html|in|js|json|jpg|md|mjs|ogg|png|po|py|scss|svg|toml|txt|webp|woff2|ya?ml)"
    r"|\d+\.\d+\.\d+\.zip"
)
LEFT_OUT = re.compile(r"\..*|__pycache__|build|node_modules")


def source_files(base: Path, data: Path) -> list[Path]:
    """Return the files of the product below `base`; neither hidden ones, nor links, nor data."""
    paths = [path for path in base.iterdir() if SOURCE_NAMES.fullmatch(path.name)]
    for folder in base.iterdir():
        if FOLDERS.fullmatch(folder.name) and not folder.is_symlink():
            paths += _below(folder, data)
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def _below(folder: Path, data: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [
            name for name in folders if not LEFT_OUT.fullmatch(name) and Path(here, name) != data
        ]
        is_script = folder.name == ".ci"
        yield from (Path(here, name) for name in names if is_script or KINDS.fullmatch(name))


@cache
def archive() -> Path:
    """Return the path of the source archive, which each process writes once."""
    folder = settings.DATA_DIR / "source"
    folder.mkdir(parents=True, exist_ok=True)
    # renamed when whole: another process may be writing, or sending, the same archive
    made, making = folder / f"{NAME}.tar.gz", folder / f"{NAME}-{os.getpid()}"
    with tarfile.open(making, "w:gz", compresslevel=6) as tar:
        for path in source_files(settings.BASE_DIR, settings.DATA_DIR):
            _add(tar, path)
    making.rename(made)
    return made


def _add(tar: tarfile.TarFile, path: Path) -> None:
    """Add a file by content and name, without its owner and time."""
    content = path.read_bytes()
    member = tarfile.TarInfo(f"{NAME}/{path.relative_to(settings.BASE_DIR)}")
    member.size, member.mode = len(content), 0o755 if os.access(path, os.X_OK) else 0o644
    tar.addfile(member, io.BytesIO(content))


@login_not_required
@require_safe
def source(_request: HttpRequest) -> HttpResponseBase:
    """Redirect to OPIC_SOURCE_URL, or send the archive of the running files."""
    if settings.OPIC_SOURCE_URL:
        return HttpResponseRedirect(settings.OPIC_SOURCE_URL)
    return FileResponse(archive().open("rb"), as_attachment=True, filename=f"{NAME}.tar.gz")
