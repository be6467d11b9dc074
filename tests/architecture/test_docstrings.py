"""The docstring of a public function or method begins with a verb, and says more than its name."""

import ast

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
ROOTS = ("opic", "accounts", "materials", "scoring", "practice", "exams")

# the verb alone: "Return ..." and "Returns ..." both begin with one
VERBS = frozenset(
    [
        "add",
        "allow",
        "answer",
        "apply",
        "ask",
        "beat",
        "bring",
        "build",
        "call",
        "change",
        "check",
        "choose",
        "claim",
        "clear",
        "close",
        "collect",
        "compare",
        "compute",
        "connect",
        "convert",
        "copy",
        "count",
        "create",
        "cut",
        "decide",
        "decode",
        "decrypt",
        "delete",
        "derive",
        "do",
        "draw",
        "drop",
        "encode",
        "encrypt",
        "end",
        "expect",
        "fill",
        "find",
        "fit",
        "follow",
        "forget",
        "format",
        "free",
        "give",
        "go",
        "guard",
        "hand",
        "hash",
        "have",
        "hold",
        "issue",
        "judge",
        "keep",
        "lead",
        "leave",
        "let",
        "limit",
        "list",
        "listen",
        "load",
        "lock",
        "log",
        "look",
        "mail",
        "make",
        "map",
        "mark",
        "match",
        "measure",
        "merge",
        "move",
        "name",
        "note",
        "notify",
        "open",
        "parse",
        "pass",
        "pause",
        "play",
        "prepare",
        "print",
        "process",
        "publish",
        "push",
        "put",
        "queue",
        "raise",
        "rate",
        "read",
        "rebuild",
        "record",
        "redirect",
        "refuse",
        "register",
        "release",
        "remember",
        "remind",
        "remove",
        "render",
        "repair",
        "replace",
        "reply",
        "report",
        "require",
        "reset",
        "resolve",
        "respond",
        "restore",
        "resume",
        "return",
        "reveal",
        "run",
        "save",
        "say",
        "score",
        "select",
        "send",
        "serve",
        "set",
        "show",
        "sign",
        "sort",
        "split",
        "start",
        "stop",
        "store",
        "sweep",
        "take",
        "tell",
        "test",
        "translate",
        "try",
        "turn",
        "unlock",
        "update",
        "upload",
        "use",
        "verify",
        "voice",
        "wait",
        "warm",
        "win",
        "withhold",
        "work",
        "wrap",
        "write",
        "yield",
    ]
)


def begins_with_verb(text):
    word = text.split()[0].lower().rstrip(".,:;")
    bases = {word, word.removesuffix("s"), word.removesuffix("es")}
    if word.endswith("ies"):
        bases.add(word.removesuffix("ies") + "y")
    return bool(bases & VERBS)


def repeats_the_name(name, text):
    words = [word.strip(".,").lower() for word in text.split()]
    return [word for word in words if word not in {"a", "an", "the"}] == name.split("_")


def public_functions(body, prefix=""):
    """Yield (dotted name, node) of public functions, and of public methods of public classes."""
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from public_functions(node.body, prefix)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from public_functions(node.body, f"{prefix}{node.name}.")
        else:
            yield f"{prefix}{node.name}", node


def refused_in(source):
    refused = []
    for name, node in public_functions(ast.parse(source).body):
        text = ast.get_docstring(node)
        if text and (not begins_with_verb(text) or repeats_the_name(node.name, text)):
            refused.append(f"{node.lineno}: {name}: {text.splitlines()[0]}")
    return refused


@pytest.mark.parametrize("root", ROOTS)
def test_docstrings_of_public_functions_begin_with_a_verb(root):
    refused = [
        f"{path.relative_to(BASE)}:{line}"
        for path in sorted((BASE / root).rglob("*.py"))
        if "migrations" not in path.parts
        for line in refused_in(path.read_text())
    ]
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("root", ROOTS)
def test_public_functions_and_classes_of_a_module_have_a_docstring(root):
    missing = [
        f"{path.relative_to(BASE)}:{node.lineno}: {node.name}"
        for path in sorted((BASE / root).rglob("*.py"))
        if "migrations" not in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
        if not ast.get_docstring(node)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize(
    "text", ["The rows of a day.", "Whether it is due.", "Rows, newest first.", "Save rows."]
)
def test_what_begins_with_no_verb_or_repeats_the_name_is_seen(text):
    assert refused_in(f'def save_rows():\n    """{text}"""')


def test_private_functions_and_missing_docstrings_have_no_first_word():
    assert not refused_in('def _rows():\n    """The rows."""\ndef rows(): ...')
    assert not refused_in('class Table:\n    def rows(self):\n        """Returns what is due."""')
