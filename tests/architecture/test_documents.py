"""What the documents point to is there, and every setting is documented."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
DOCUMENTS = sorted([*BASE.glob("*.md"), *(BASE / "docs").rglob("*.md")])
FOLDERS = "tests|docs|opic|accounts|materials|scoring|practice|exams"
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]+\.\w+)`")
LINKED = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
SETTING_ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)`(?: \*)? \|", re.MULTILINE)


FACT = re.compile(r"(?<![\w%])[A-E][1-9](?![\w%])")
PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")


def env_calls() -> list[ast.Call]:
    """Return every `env.something(...)` of the settings."""
    tree = ast.parse((BASE / "opic" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
    ]


def names_read() -> set[str]:
    """Return the names that the settings read from the environment."""
    first = [call.args[0] for call in env_calls() if call.args]
    return {str(name.value) for name in first if isinstance(name, ast.Constant)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_names_is_there(path: Path):
    text = path.read_text()
    for name in NAMED.findall(text):
        assert (BASE / name).exists(), f"{path.name} names {name}"
    for link in LINKED.findall(text):
        assert (path.parent / link).exists(), f"{path.name} links to {link}"


def test_every_setting_has_one_row_and_every_row_is_a_setting():
    rows = SETTING_ROW.findall((BASE / "docs" / "configuration.md").read_text())
    assert sorted(rows) == sorted(names_read())


def test_settings_name_what_they_read():
    """A name that is put together, or handed in, would be in no row; `_demand` only looks."""
    reads = [call for call in env_calls() if call.args]
    unnamed = [call for call in reads if not isinstance(call.args[0], ast.Constant)]
    assert [ast.unparse(call) for call in unnamed] == ["env.has(name)"]


def citing_files() -> list[Path]:
    code = [path for package in PACKAGES for path in (BASE / package).rglob("*.py")]
    return [*code, *(path for path in DOCUMENTS if path.name != "exam-facts.md")]


def test_every_fact_that_is_cited_stands_in_the_list():
    facts = set(
        re.findall(r"^### ([A-E][1-9])\. ", (BASE / "docs/exam-facts.md").read_text(), re.M)
    )
    cited = {path: set(FACT.findall(path.read_text())) for path in citing_files()}
    assert {path.name: names - facts for path, names in cited.items() if names - facts} == {}
    # the pattern sees what is cited today
    assert {"A7", "B1", "C5", "E5"} <= set().union(*cited.values())
