"""What CONTRIBUTING.md says a new thing touches, where forgetting it would show nowhere else."""

import re
import sys
import tomllib

import pytest
from django.conf import settings

from accounts.models import Notice, NoticeSettings
from accounts.texts.notices import words_of

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
# what adapters share with the rest, or need for one name of a vendor's package
NO_VENDORS = {
    "aiohttp",
    "requests",
    "django",
    "pydantic",
    "av",
    "numpy",
    "py_vapid",
    "espeakng_loader",
}
THINGS = (
    *("page of one app", "page of several apps", "setting", "rater", "kind of notice", "prompt"),
    *("test", "text", "migration", "script", "queued task"),
)


def test_the_guide_has_a_row_for_each_thing_and_says_what_holds_it():
    text = (BASE / "CONTRIBUTING.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (.+) \|$", text, re.MULTILINE))
    for thing in THINGS:
        files, _bar, holds = rows[thing].rpartition(" | ")
        assert "`" in files, thing
        assert holds.strip(), thing


@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_a_kind_of_notice_has_its_column_and_its_words(kind):
    assert NoticeSettings().wants(kind) is True
    words = words_of(Notice(kind=kind, params={"days": 3}))
    assert words.title
    assert words.body


def migrations():
    apps = ("accounts", "materials", "scoring", "practice", "exams", "opic/operations")
    return [path for app in apps for path in (BASE / app / "migrations").glob("0*.py")]


def test_a_migration_says_in_its_name_what_it_does():
    assert len(migrations()) > 10
    for path in migrations():
        assert not re.search(r"_auto_|_alter_|^\d+_\d", path.stem), path


def vendor_imports():
    """Top names of packages that adapters import, by the module that does."""
    importers = {}
    for module in (
        "scoring/model_clients",
        "materials/voice_adapters.py",
        "accounts/push/adapters.py",
    ):
        place = BASE / module
        paths = [place] if place.is_file() else sorted(place.glob("*.py"))
        for path in paths:
            for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE):
                importers.setdefault(name, set()).add(path.stem)
    return importers


def test_a_vendor_stands_in_the_contract():
    contracts = tomllib.loads((BASE / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(
        one for one in contracts["contracts"] if one["name"] == "Vendors only in adapters"
    )
    listed = set(contract["forbidden_modules"])
    imported = vendor_imports()
    assert {"google", "edge_tts", "pywebpush"} <= listed & set(imported)
    ours = {path.name for path in BASE.iterdir() if path.is_dir()}
    vendors = set(imported) - set(sys.stdlib_module_names) - ours - NO_VENDORS
    assert vendors <= listed, "a package is in no contract"
