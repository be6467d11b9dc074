"""No function and no class stands in the product twice."""

import ast
from collections import defaultdict

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")
LEAST_NODES = 20  # of the syntax tree: below this, bodies are alike without being the same thing


def sources():
    paths = [path for package in PACKAGES for path in (BASE / package).rglob("*.py")]
    return {str(path): path.read_text() for path in paths if "migrations" not in path.parts}


def bodies_of(source):
    """Return name and body, without its docstring, of every function and class."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = node.body[0]
            is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            yield node.name, node.body[1:] if is_text else node.body


def copies_in(texts):
    """Return the places of every body that stands more than once."""
    places = defaultdict(list)
    for path, source in texts.items():
        for name, body in bodies_of(source):
            if sum(1 for node in body for _ in ast.walk(node)) >= LEAST_NODES:
                places["".join(map(ast.dump, body))].append(f"{path} {name}")
    return [copies for copies in places.values() if len(copies) > 1]


def test_no_body_is_written_twice():
    assert copies_in(sources()) == []


def test_a_copy_under_another_name_is_seen():
    one = (
        "def total(rows):\n    'Sum.'\n    return sum(row.price * row.count for row in rows if row)"
    )
    other = one.replace("total", "_sum").replace("'Sum.'\n    ", "")
    assert copies_in({"a.py": one, "b.py": other}) == [["a.py total", "b.py _sum"]]
    assert copies_in({"a.py": one, "b.py": one.replace("price", "cost")}) == []
