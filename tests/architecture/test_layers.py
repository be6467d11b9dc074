"""What the import contracts cannot see: dotted strings, included templates, migrations."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

pytestmark = pytest.mark.own_stores

ROOMS = ("accounts", "materials", "scoring", "practice", "exams")
LEVEL = {"opic.lib": 0, "accounts": 1, "materials": 2, "scoring": 3, "practice": 4, "exams": 4}
BASE = settings.BASE_DIR
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
INCLUDE = re.compile(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""")


def python_files(room):
    return [path for path in (BASE / room).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("room", ROOMS)
def test_no_dotted_string_points_up_or_sideways(room):
    for path in python_files(room):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            match = re.fullmatch(r"(\w+)(\.\w+){2,}", node.value)
            other = match.group(1) if match else ""
            if other in LEVEL and other != room:
                assert LEVEL[other] < LEVEL[room], f"{path}: {node.value}"


@pytest.mark.parametrize("room", ROOMS)
def test_views_and_forms_of_another_room_are_not_imported(room):
    for path in python_files(room):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                owner, _, module = node.module.partition(".")
                if owner in ROOMS and owner != room:
                    assert module not in {"views", "admin"}, f"{path} imports {node.module}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_include_their_own_folder_and_shared_ones_only(path: Path):
    own = path.relative_to(BASE / "templates").parts[0]
    for name in INCLUDE.findall(path.read_text()):
        folder = name.partition("/")[0] if "/" in name else ""
        allowed = {"", own, "allauth", "account", "admin"}
        assert folder in allowed, f"{path.name} includes {name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_carry_no_inline_style_script_or_handler(path: Path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son\w+\s*=\s*[\"']", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or "nonce=" in tag, tag
    assert not re.search(r"hx-(?:vals|headers)=[\"']js:", text)
    assert "hx-boost" not in text
    assert len(text.splitlines()) <= 150


@pytest.mark.parametrize(("kind", "most"), [("models.py", 400), ("views.py", 300), ("*.js", 200)])
def test_files_stay_small(kind, most):
    roots = [BASE / "static" / "js"] if kind == "*.js" else [BASE / room for room in ROOMS]
    for root in roots:
        for path in root.rglob(kind):
            assert len(path.read_text().splitlines()) <= most, path


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "operations", *ROOMS, check=True, dry_run=True, verbosity=0)


def test_no_registry_is_named_in_what_we_commit():
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json", ".npmrc"):
        text = (BASE / name).read_text()
        assert "resolved" not in text or name == ".npmrc"
        assert "index-url" not in text


def test_every_text_is_complete_in_every_language():
    call_command("messages", check=True)


@pytest.mark.parametrize("room", ["opic", *ROOMS])
def test_digits_are_read_by_the_one_who_knows_their_bounds(room):
    """`isdigit` and `isnumeric` are true for what `int` refuses: `web.params.whole` reads."""
    for path in python_files(room):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"isdigit", "isnumeric"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("room", ["opic", *ROOMS])
def test_no_number_is_made_of_what_a_request_holds(room):
    for path in python_files(room):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"int", "float"}:
                read = {getattr(one, "attr", "") for one in ast.walk(node)}
                assert not read & {"GET", "POST", "META", "headers"}, f"{path}:{node.lineno}"
