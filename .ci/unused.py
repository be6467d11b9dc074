"""Say what of our code nothing uses: vulture, told what it cannot see.

Used counts also what a template prints, what a dotted or `a__b` name in a string points to, columns
and members of choices (rows hold them), and what only a library calls or reads: those names stand
in `[tool.vulture]` of pyproject.toml.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture

BASE = Path(__file__).resolve().parent.parent
FOLDERS = ["opic", "accounts", "practice", "exams", "scoring", "materials"]
PRINTED = re.compile(r"{[{%](.*?)[%}]}", re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w+")
POINTER = re.compile(r"-?\w+(?:(?:\.|__)\w+)+")


def words_of_templates() -> Iterator[str]:
    for path in (BASE / "templates").rglob("*.*"):
        for part in PRINTED.findall(path.read_text()):
            yield from WORD.findall(part)


def words_of_strings(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and POINTER.fullmatch(value):
                yield from re.split(r"\.|__", value.lstrip("-"))


def words_of_rows(paths: list[Path]) -> Iterator[str]:
    """Yield columns of models, fields of forms and members of enumerations."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases = " ".join(map(ast.unparse, node.bases))
                is_choice = re.search(r"Choices|Enum", bases)
                for line in node.body:
                    if isinstance(line, ast.Assign) and (
                        is_choice or ast.unparse(line.value).startswith(("models.", "forms."))
                    ):
                        yield from map(ast.unparse, line.targets)


def main() -> int:
    chosen = tomllib.loads((BASE / "pyproject.toml").read_text())["tool"]["vulture"]
    paths = [path for folder in FOLDERS for path in (BASE / folder).rglob("*.py")]
    paths = [path for path in paths if "migrations" not in path.parts]
    finder = Vulture(
        ignore_names=chosen["ignore_names"], ignore_decorators=chosen["ignore_decorators"]
    )
    finder.scavenge(paths)
    seen = {*words_of_templates(), *words_of_strings(paths), *words_of_rows(paths)}
    left = [item for item in finder.get_unused_code() if item.name not in seen]
    for item in left:
        place = Path(item.filename).relative_to(BASE)
        print(f"{place}:{item.first_lineno}: unused {item.typ} {item.name}")  # noqa: T201
    return bool(left)


if __name__ == "__main__":
    sys.exit(main())
