"""Sizes and shapes a reader counts on: short views, no long function, named queries in views."""

import ast

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")
MOST_LINES_OF_A_VIEW, MOST_LINES = 20, 50
NARROWING = {"filter", "exclude"}


def functions(*patterns):
    """Return place and node of every function in the files of these patterns."""
    for package in PACKAGES:
        for pattern in patterns:
            for path in sorted((BASE / package).rglob(pattern)):
                if "migrations" not in path.parts:
                    for node in ast.walk(ast.parse(path.read_text())):
                        if isinstance(node, ast.FunctionDef):
                            yield f"{path.relative_to(BASE)} {node.name}", node


def lines_of(node):
    return node.end_lineno - node.lineno + 1


def is_view(node):
    """A public function of a request."""
    first = node.args.args[:1]
    return not node.name.startswith("_") and [one.arg for one in first] == ["request"]


def chains(node):
    """Return the calls in this function that narrow what was narrowed already, in one line."""
    calls = [one for one in ast.walk(node) if is_narrowing(one)]
    return [
        call for call in calls if any(is_narrowing(inner) for inner in ast.walk(call.func.value))
    ]


def is_narrowing(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in NARROWING
    )


def test_no_function_is_longer_than_a_screen():
    lengths = {place: lines_of(node) for place, node in functions("*.py")}
    assert {place: lines for place, lines in lengths.items() if lines > MOST_LINES} == {}


def test_views_find_decide_and_reply():
    views = [one for one in functions("views.py", "views/*.py") if is_view(one[1])]
    assert len(views) > 40
    long = [
        (place, lines_of(node)) for place, node in views if lines_of(node) > MOST_LINES_OF_A_VIEW
    ]
    assert long == []


def test_a_view_names_what_it_wants():
    chained = [place for place, node in functions("views.py", "views/*.py") if chains(node)]
    assert chained == []


@pytest.mark.parametrize(
    ("line", "is_chain"),
    [
        ("rows.filter(a=1).exclude(b=2)", True),
        ("rows.filter(a=1).order_by('b').filter(c=3)", True),
        ("rows.of_topic(t).filter(a=1)", False),
        ("rows.filter(a=others.filter(b=1))", False),
    ],
)
def test_a_chain_is_seen(line, is_chain):
    assert bool(chains(ast.parse(f"def view(request):\n    return {line}").body[0])) is is_chain
