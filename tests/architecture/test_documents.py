"""What the documents point to is there, and every setting is documented."""

import ast
import contextlib
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from opic import __version__

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
DOCUMENTS = sorted([*BASE.glob("*.md"), *(BASE / "docs").rglob("*.md")])
PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")
FOLDERS = "|".join(["tests", "docs", "static", "templates", r"\.ci", *PACKAGES])
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]+\.\w+|\.ci/[\w-]+)`")
FOLDER_NAMED = re.compile(rf"`((?:{FOLDERS})(?:/[\w.-]+)*/)`")
LINKED = re.compile(r"\]\(([^)\s#:]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")
DOCS_PATH = re.compile(r"\bdocs/[\w/-]+(?:\.\w+)*")
DECISION = re.compile(r"\b[Dd]ecisions? (00\d\d)\b")
SETTING_ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)`(?: \*)? \|", re.MULTILINE)

FACT = re.compile(r"(?<![\w%#])[A-E][1-9](?![\w%])")


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


def anchor_of(heading: str) -> str:
    """Return what a heading is linked by."""
    words = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower())
    return re.sub(r"\s", "-", words)


def texts() -> list[Path]:
    """Return every text of ours in which something may be cited."""
    kinds = {".py", ".html", ".txt", ".js", ".scss", ".toml", ".in", ".yaml"}
    folders = [*PACKAGES, "templates", "static", "tests", ".ci"]
    paths = [path for folder in folders for path in (BASE / folder).rglob("*")]
    others = [*BASE.glob("*.toml"), *BASE.glob("*.in"), BASE / "Makefile", *DOCUMENTS]
    left_out = {"node_modules", "build"}
    return [
        *(path for path in paths if path.suffix in kinds and not left_out & set(path.parts)),
        *others,
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_names_is_there(path: Path):
    text = path.read_text()
    for name in [*NAMED.findall(text), *FOLDER_NAMED.findall(text)]:
        assert (BASE / name).exists(), f"{path.name} names {name}"
    for link, anchor in LINKED.findall(text):
        target = path.parent / link if link else path
        assert target.exists(), f"{path.name} links to {link}"
        if anchor:
            anchors = {anchor_of(heading) for heading in HEADING.findall(target.read_text())}
            assert anchor in anchors, f"{path.name} links to {link}#{anchor}"


def test_an_anchor_is_read_as_it_is_linked():
    assert anchor_of("A new kind of notice") == "a-new-kind-of-notice"
    assert anchor_of("`make lint`: what, and why?") == "make-lint-what-and-why"


def exists(dotted: str) -> bool:
    """Say whether a module, something in one, or a model of ours has this name."""
    module, rest = dotted, []
    while module:
        with contextlib.suppress(ImportError):
            if _reached(import_module(module), rest):
                return True
        module, _dot, last = module.rpartition(".")
        rest.insert(0, last)
    app, model, *rest = dotted.split(".")
    with contextlib.suppress(LookupError):
        return _reached(apps.get_model(app, model), rest)
    return False


def _reached(target: object, names: list[str]) -> bool:
    for name in names:
        # of a dataclass a field without a default is no attribute
        fields = getattr(target, "__annotations__", {})
        target = getattr(target, name, fields.get(name))
    return target is not None


# a host, a permission, a check and a logger are written like a name in code
NO_CODE = {"opic.example.org", "scoring.listen_response", "opic.E020", "opic.security"}
# what a release was called before, or what only a log says
OLD_NAMES = {"CHANGELOG.md"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_name_in_code_that_a_document_gives_is_there(path: Path):
    if path.name not in OLD_NAMES:
        names = set(DOTTED.findall(path.read_text())) - NO_CODE
        assert [name for name in names if not exists(name)] == []


def test_every_document_and_decision_cited_anywhere_is_there():
    decisions = {path.name[:4] for path in (BASE / "docs" / "decisions").glob("*.md")}
    seen = set()
    for path in texts():
        text = path.read_text()
        for name in DOCS_PATH.findall(text):
            assert (BASE / name).exists(), f"{path} cites {name}"
        for number in DECISION.findall(text):
            assert number in decisions, f"{path} cites decision {number}"
            seen.add(number)
    assert {"0007", "0014"} <= seen  # the pattern sees what is cited today


def test_every_setting_has_one_row_and_every_row_is_a_setting():
    rows = SETTING_ROW.findall((BASE / "docs" / "configuration.md").read_text())
    assert sorted(rows) == sorted(names_read())


def test_settings_name_what_they_read():
    """A name that is put together, or handed in, would be in no row; `_demand` only looks."""
    reads = [call for call in env_calls() if call.args]
    unnamed = [call for call in reads if not isinstance(call.args[0], ast.Constant)]
    assert [ast.unparse(call) for call in unnamed] == ["env.has(name)"]


def test_every_fact_that_is_cited_stands_in_the_list():
    facts = set(
        re.findall(r"^### ([A-E][1-9])\. ", (BASE / "docs/exam-facts.md").read_text(), re.M)
    )
    cited = {path: set(FACT.findall(path.read_text())) for path in citing_files()}
    assert {path.name: names - facts for path, names in cited.items() if names - facts} == {}
    # the pattern sees what is cited today
    assert {"A7", "B1", "C5", "E5"} <= set().union(*cited.values())


def citing_files() -> list[Path]:
    """Return where a letter with a digit is a fact: code, templates and documents of ours."""
    folders = [*PACKAGES, "templates"]
    code = [path for folder in folders for path in (BASE / folder).rglob("*.*")]
    return [
        *(path for path in code if path.suffix in {".py", ".html"}),
        *(path for path in DOCUMENTS if path.name != "exam-facts.md"),
    ]


def test_the_release_has_one_number_and_the_changes_have_its_section():
    """What comes stands on top, then the running release; package and project agree."""
    project = tomllib.loads((BASE / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (.+)$", (BASE / "CHANGELOG.md").read_text(), re.MULTILINE)
    released = [name for name in headings if not name.startswith("Unreleased")]
    assert headings[0].startswith("Unreleased") or headings == released
    assert released[0].split(" - ")[0] == project == __version__
    for name in released:
        assert re.fullmatch(r"\d+\.\d+\.\d+ - 20\d\d-\d\d-\d\d", name)
