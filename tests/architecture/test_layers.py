"""What the import contracts cannot see: dotted strings, included templates, migrations."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

pytestmark = pytest.mark.own_stores

APPS = ("accounts", "materials", "scoring", "practice", "exams")
LEVEL = {"opic.lib": 0, "accounts": 1, "materials": 2, "scoring": 3, "practice": 4, "exams": 4}
BASE = settings.BASE_DIR
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
INCLUDE = re.compile(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""")
# what allauth's own templates hand to ours stays in their names
OURS = [path for path in TEMPLATES if "elements" not in path.parts]
SHARED = sorted(
    [*(BASE / "templates").glob("_*.html"), *(BASE / "templates/rating").glob("*.html")]
)


def python_files(app):
    return [path for path in (BASE / app).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("app", APPS)
def test_no_dotted_string_points_up_or_sideways(app):
    for path in python_files(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            match = re.fullmatch(r"(\w+)(\.\w+){2,}", node.value)
            other = match.group(1) if match else ""
            if other in LEVEL and other != app:
                assert LEVEL[other] < LEVEL[app], f"{path}: {node.value}"


SURFACE = {"views", "admin"}


def surface_imports(source, app):
    """Return what this source of an app imports from another app's views or admin."""
    imports = []
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            owner, *inside = name.split(".")
            if owner in APPS and owner != app and inside and inside[0] in SURFACE:
                imports.append(name)
    return imports


@pytest.mark.parametrize("app", APPS)
def test_views_of_another_app_are_not_imported(app):
    for path in python_files(app):
        assert surface_imports(path.read_text(), app) == [], path


@pytest.mark.parametrize(
    "line",
    [
        "from exams.views.attempts import attempt_list",
        "from exams.views import attempts",
        "from exams import views",
        "import exams.views.attempts",
        "from accounts.admin import UserAdmin",
    ],
)
def test_an_import_of_another_apps_view_is_seen(line):
    assert surface_imports(line, "practice")
    assert not surface_imports(line, line.split()[1].split(".")[0])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_include_their_own_folder_and_shared_ones_only(path: Path):
    own = path.relative_to(BASE / "templates").parts[0]
    for name in INCLUDE.findall(path.read_text()):
        folder = name.partition("/")[0] if "/" in name else ""
        allowed = {"", own, "rating", "allauth", "account", "admin"}
        assert folder in allowed, f"{path.name} includes {name}"


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_every_include_says_what_it_gets(path: Path):
    for tag in re.findall(r"{%\s*include\b.*?%}", path.read_text(), re.DOTALL):
        assert re.search(r"\sonly\s*%}$", tag), tag


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_a_shared_partial_begins_with_what_it_expects(path: Path):
    assert re.match(r"{# .+ #}\n", path.read_text())


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


@pytest.mark.parametrize(
    ("pattern", "most"),
    [
        ("*/models.py", 400),
        ("*/models/*.py", 400),
        ("*/views.py", 300),
        ("*/views/*.py", 300),
        ("opic/pages/**/*.py", 320),
        ("static/js/**/*.js", 200),
    ],
)
def test_files_stay_small(pattern, most):
    paths = [path for path in BASE.glob(pattern) if path.is_file()]
    assert paths, pattern
    for path in paths:
        assert len(path.read_text().splitlines()) <= most, path


MOST_IN_A_PACKAGE = {"scoring": 18}
NOT_COUNTED = {"__init__", "__pycache__", "apps", "migrations", "management", "locale"}
STUBS = {"accounts.notifications"}  # the old name of a queued task


def modules_of(package):
    """Return modules and subpackages at the top of a package, as Python would import them."""
    inside = [
        one for one in package.iterdir() if one.suffix == ".py" or (one / "__init__.py").exists()
    ]
    dotted = ".".join(package.relative_to(BASE).parts)
    return [one.stem for one in inside if f"{dotted}.{one.stem}" not in STUBS]


def test_no_package_holds_more_than_a_reader_surveys():
    inits = [path for app in ("opic", *APPS) for path in (BASE / app).rglob("__init__.py")]
    packages = [path.parent for path in inits if "migrations" not in path.parts]
    sizes = {path: len(set(modules_of(path)) - NOT_COUNTED) for path in packages}
    assert sizes[BASE / "scoring"] <= MOST_IN_A_PACKAGE["scoring"]
    assert {path.name: size for path, size in sizes.items() if size > 20} == {}


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "operations", *APPS, check=True, dry_run=True, verbosity=0)


REQUIREMENTS = sorted(path.name for path in BASE.glob("requirements*"))


def test_no_registry_is_named_in_what_we_commit():
    for name in (*REQUIREMENTS, "package-lock.json", ".npmrc"):
        text = (BASE / name).read_text()
        assert "resolved" not in text or name == ".npmrc"
        assert "index-url" not in text


def test_every_text_is_complete_in_every_language():
    call_command("messages", check=True)


@pytest.mark.parametrize("app", ["opic", *APPS])
def test_digits_are_read_by_the_one_who_knows_their_bounds(app):
    """`isdigit` and `isnumeric` are true for what `int` refuses: `web.params.whole` reads."""
    for path in python_files(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"isdigit", "isnumeric"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("app", ["opic", *APPS])
def test_no_number_is_made_of_what_a_request_holds(app):
    for path in python_files(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"int", "float"}:
                read = {getattr(one, "attr", "") for one in ast.walk(node)}
                assert not read & {"GET", "POST", "META", "headers"}, f"{path}:{node.lineno}"


OPENING_TAG = re.compile(
    r"<[a-z][\w-]*\b(?:\{%.*?%\}|\{\{.*?\}\}|\"[^\"]*\"|'[^']*'|[^>\"'])*>", re.S
)


def loses_a_request(tag: str) -> bool:
    """Tell whether an element replaces itself at events of others without saying which one wins.

    htmx queues what comes while a reply is due, and drops the queue with the element.
    """
    replaces_itself = 'hx-swap="outerHTML"' in tag and "hx-target" not in tag
    return replaces_itself and " from:" in tag and "hx-sync" not in tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_replaces_itself_at_events_of_others_loses_no_request(path: Path):
    assert [tag for tag in OPENING_TAG.findall(path.read_text()) if loses_a_request(tag)] == []


def test_a_lost_request_is_seen():
    tag = '<p hx-get="/x/" hx-trigger="a:b from:body" hx-swap="outerHTML">'
    assert [one for one in OPENING_TAG.findall(f"<div>{tag}</div>") if loses_a_request(one)]
    assert not loses_a_request(tag.replace("<p", '<p hx-sync="this:replace"'))
    takes = (BASE / "templates" / "practice" / "_takes.html").read_text()
    without = takes.replace('hx-sync="this:replace"', "")
    assert any(loses_a_request(one) for one in OPENING_TAG.findall(without))
