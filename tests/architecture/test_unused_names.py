"""Nothing stands in the product that nobody names.

A name counts as used where it stands in code of the product, in a string without spaces (a dotted
path, a field's name), in a template, a script or the set-up; not in a comment, and not in a test.
"""

import ast
import re
from collections import Counter

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")
WORD = re.compile(r"\w+")
# what Django, allauth, django-q2, Redis and gunicorn look up by name
BY_NAME = {
    *("is_reauthentication_required", "create_user", "create_superuser", "get_full_name"),
    *("has_module_permission", "has_view_permission", "get_readonly_fields", "get_fields"),
    *("prepare_value", "has_changed", "bound_data", "lookups", "save_formset", "password_change"),
    *("set_stat", "spawn_pusher", "spawn_monitor", "get_connection", "get_new_connection"),
    *("key_salt", "process_exception", "get_thread_pool", "murder_keepalived", "_cap_keepalive"),
    *("as_postgresql", "post_fork", "handler500"),
}
OWN_NAMES = re.compile(r"clean_\w+|_missing_|__\w+__")  # of forms, enums and Python itself
ONLY_TESTED = {"NOT_EXPORTED"}  # what an export leaves out: a test compares it with the tables
SET_UP = {"opic/gunicorn.py"}  # names that gunicorn reads


def words_in(source):
    """Return names of Python code, each time they stand there, and words of its strings that are
    no sentences.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and " " not in str(node.value):
            yield from WORD.findall(str(node.value))


def defined_in(source, *, is_settings=False):
    """Return functions, methods, classes without a decorator, and constants of the module."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        is_class = isinstance(node, ast.ClassDef)
        if isinstance(node, ast.FunctionDef) or (is_class and not node.decorator_list):
            yield node.name
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        for target in targets:
            if isinstance(target, ast.Name) and (not is_settings or target.id[:5] == "OPIC_"):
                yield target.id


def product():
    paths = [path for package in PACKAGES for path in (BASE / package).rglob("*.py")]
    names = {path.relative_to(BASE).as_posix(): path for path in paths}
    return {
        name: path.read_text()
        for name, path in names.items()
        if "migrations" not in path.parts and name not in SET_UP
    }


def unused(sources, others=()):
    """Return what is defined in these sources and named nowhere else."""
    used = Counter(word for source in sources.values() for word in words_in(source))
    used.update(word for text in others for word in WORD.findall(text))
    return sorted(
        f"{path} {name}"
        for path, source in sources.items()
        for name in defined_in(source, is_settings=path == "opic/settings.py")
        if used[name] < 2 and not OWN_NAMES.fullmatch(name) and name not in BY_NAME | ONLY_TESTED
    )


def test_every_name_is_used():
    others = [
        *(BASE / "templates").rglob("*.html"),
        *(BASE / "static" / "js").rglob("*.js"),
        BASE / "pyproject.toml",
    ]
    unused_names = unused(product(), [path.read_text() for path in others])
    # Django finds these by their module
    assert [one for one in unused_names if not one.split()[0].endswith("apps.py")] == []


def test_what_looks_used_and_is_not_is_seen():
    source = "STATES = {}\n\ndef run():\n    'STATES, run'\n    # STATES\n    return go()\n"
    assert unused({"a.py": source}) == ["a.py STATES", "a.py run"]
    assert unused({"a.py": source, "b.py": "from a import STATES\nNAME = 'a.run'\n"}) == [
        "b.py NAME"
    ]
