"""Make a release's archive from the git history: `python -m tests.old_release.make 0.2.0 COMMIT`.

Needs a whole clone, `pg_dump`, and a PostgreSQL server whose address TEST_DATABASE_URL names.
"""

import ast
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.old_release import HERE, SECRET_KEY

BASE = HERE.parent.parent
APPS = ("accounts", "materials", "scoring", "practice", "exams", "opic")
DATED = (2026, 11, 28, 0, 0, 0)  # the same files make the same archive


def manage(code: Path, environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=code, env=environment, check=True)


def tasks_of(code: Path) -> Iterator[str]:
    """Yield the dotted names that the release's queue entries may carry."""
    for app in APPS:
        for path in (code / app).rglob("*.py"):
            module = ".".join(path.relative_to(code).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    if any(ast.unparse(one) == "task" for one in node.decorator_list):
                        yield f"{module}.{node.name}"
                elif isinstance(node, ast.Call) and ast.unparse(node.func) == "enqueue":
                    yield f"{module}.{ast.unparse(node.args[0])}"


def fill(code: Path, folder: Path, database: str) -> None:
    """Make a database by the release's migrations, with its rows and its pages beside it."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**inherited, "DATA_DIR": str(folder), "SECRET_KEY": SECRET_KEY}
    if database:
        environment["DATABASE_URL"] = database
    manage(code, environment, "manage.py", "migrate", "-v", "0")
    manage(code, environment, "manage.py", "createcachetable", "-v", "0")
    manage(code, environment, "manage.py", "collectstatic", "--noinput", "-v", "0", "-i", "scss")
    data, device = folder / "rows.json", folder / "device"
    device.mkdir()
    manage(code, environment, str(HERE / "seed.py"), str(data), str(device))


def sqlite_of(code: Path, folder: Path) -> str:
    folder.mkdir()
    fill(code, folder, "")
    return "\n".join(sqlite3.connect(folder / "opic.sqlite3").iterdump())


def postgresql_of(code: Path, folder: Path) -> str:
    folder.mkdir()
    server = os.environ["TEST_DATABASE_URL"].rsplit("/", 1)[0]
    name = f"opic_old_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            fill(code, folder, f"{server}/{name}")
            dump = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", f"{server}/{name}"]
            done = subprocess.run(dump, check=True, capture_output=True, text=True)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    # comments, and what only psql understands
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("--", "\\")))


def main(version: str, commit: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        code = folder / "code"
        code.mkdir()
        done = subprocess.run(["git", "archive", commit], cwd=BASE, check=True, capture_output=True)
        subprocess.run(["tar", "x", "-C", str(code)], input=done.stdout, check=True)
        (code / "static" / "build").mkdir(parents=True, exist_ok=True)
        (code / "static" / "build" / "opic.css").touch()
        files = {
            "sqlite.sql": sqlite_of(code, folder / "sqlite"),
            "postgresql.sql": postgresql_of(code, folder / "postgresql"),
            "tasks.json": json.dumps(sorted(set(tasks_of(code))), indent=1),
        }
        for store in ("sqlite", "postgresql"):
            files[f"{store}.json"] = (folder / store / "rows.json").read_text()
        device = folder / "sqlite" / "device"
        for path in device.rglob("*"):
            if path.is_file():
                files[f"device/{path.relative_to(device)}"] = path.read_text()
        write(HERE / f"{version}.zip", files)


def write(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, DATED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)


if __name__ == "__main__":
    main(*sys.argv[1:])
