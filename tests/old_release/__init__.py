"""What the releases before left behind: their databases, queue entries and installed apps.

`make.py` takes an archive `<version>.zip` from the release's own code in the git history; nothing
in it is written by hand:

- `sqlite.sql`, `postgresql.sql`: a database made by that release's migrations, rows in every table;
- `sqlite.json`, `postgresql.json`: what a test has to know of its rows;
- `tasks.json`: dotted names of the functions that its queue entries may name;
- `device/`: what a browser got from it, worker, scripts and pages; `index.json` has their URLs.
  Style sheets and scripts that are not ours are left out: an empty file stands there.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VERSIONS = sorted(path.stem for path in HERE.glob("*.zip"))
# what that release's settings were given when its database was made
SECRET_KEY = "the-key-of-an-old-release-that-signs-what-waits-in-its-queue"


def text_of(version: str, name: str) -> str:
    """Return a file of a release's archive. Raises KeyError when there is none."""
    with zipfile.ZipFile(HERE / f"{version}.zip") as archive:
        return archive.read(name).decode()


def json_of(version: str, name: str) -> Any:
    return json.loads(text_of(version, name))
