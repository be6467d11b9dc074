"""Names of fields that the product reads: heard while it reads them, seen in its forms and code."""

import ast
import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")
READERS = {"GET", "POST", "COOKIES", "headers", "META", "FILES"}
METHODS = {"get", "getlist", "pop", "__getitem__"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of ours, parsed."""
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
                yield name.removesuffix(".__init__"), ast.parse(path.read_text())


def _reader(node: ast.AST) -> str:
    """GET for `request.GET` and whatever else is called so; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) and node.attr in READERS else ""


def _literal(node: ast.AST | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def names_in(tree: ast.AST) -> set[tuple[str, str]]:
    """(GET, after) for each name that is read from a request by itself."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in METHODS and node.args:
                names.add((_reader(node.func.value), _literal(node.args[0])))
        elif isinstance(node, ast.Subscript):
            names.add((_reader(node.value), _literal(node.slice)))
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            names.add((_reader(node.comparators[0]), _literal(node.left)))
    return {(reader, name) for reader, name in names if reader and name}


@cache
def _parsed(module: str) -> ast.Module:
    return ast.parse(Path(str(importlib.import_module(module).__file__)).read_text())


def _of_ours(tree: ast.Module) -> Iterator[str]:
    """The modules of ours that one imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            yield from (name for name in names if name.split(".")[0] in PACKAGES)


@cache
def names_in_module(module: str) -> frozenset[tuple[str, str]]:
    """What a view's module reads, and the modules of ours it hands the request to. A library's
    views read too.
    """
    names = names_in(_parsed(module))
    for name in _of_ours(_parsed(module)):
        if _is_module(name):
            names |= names_in(_parsed(name))
    return frozenset(names)


def _is_module(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return False
    return spec is not None and str(spec.origin).endswith(".py")


@cache
def all_names() -> frozenset[tuple[str, str]]:
    """Every name that any module of ours reads."""
    return frozenset(pair for _name, tree in modules() for pair in names_in(tree))


class ListeningDict(QueryDict):
    """Fields of a request that remember what they were asked for."""

    heard: set[str]

    def _hear(self, key: Any) -> None:
        self.__dict__.setdefault("heard", set()).add(str(key))

    def __getitem__(self, key: Any) -> Any:
        self._hear(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._hear(key)
        return super().__contains__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._hear(key)
        return super().get(key, default)

    def getlist(self, key: Any, default: Any = None) -> Any:
        self._hear(key)
        return super().getlist(key, default)


def _listening(fields: QueryDict) -> ListeningDict:
    heard = ListeningDict("", mutable=True)
    for key, values in fields.lists():
        heard.setlist(key, values)
    heard._mutable = False
    heard.__dict__["heard"] = set()
    return heard


HEARD: dict[tuple[str, str], set[str]] = defaultdict(set)  # (view, method) -> names


class ListeningMiddleware:
    """Writes down which view asks for which names. Stands last, next to the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, *_args: Any) -> None:
        request.GET = _listening(request.GET)
        heard = [("GET", request.GET.heard)]
        # the doors of recordings judge the size before anything is read
        if not getattr(view, "csrf_exempt", False) and request.method == "POST":
            request.POST = _listening(request.POST)
            heard.append(("POST", request.POST.heard))
        for method, names in heard:
            _Later.add(request.path, method, names)


class _Later:
    """Sets that are still being filled, by path and method."""

    functions: list[tuple[str, str, set[str]]] = []

    @classmethod
    def add(cls, path: str, method: str, names: set[str]) -> None:
        cls.functions.append((path, method, names))

    @classmethod
    def settle(cls) -> None:
        for path, method, names in cls.functions:
            HEARD[path, method] |= names
        cls.functions.clear()


def heard_at(path: str, method: str) -> set[str]:
    """What was asked for so far, at this address."""
    _Later.settle()
    return set(HEARD[path, method])


class FormReader(HTMLParser):
    """The forms of a page: where they go, and with which values."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.page, self.forms = path, []
        self._form: dict[str, Any] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "form" or "hx-post" in given:
            target = given.get("hx-post") or given.get("action") or self.page
            method = "POST" if "hx-post" in given else (given.get("method") or "get").upper()
            form = {"path": target.partition("?")[0] or self.page, "method": method, "fields": {}}
            self.forms.append(form)
            self._form = form if tag == "form" else self._form
        if self._form is not None and given.get("name"):
            self._take(tag, given)
        if tag == "option" and self._form is not None and self._select and given.get("value"):
            fields = self._form["fields"]
            if "selected" in given or not fields[self._select]:
                fields[self._select] = given["value"]

    def _take(self, tag: str, given: dict[str, Any]) -> None:
        assert self._form is not None
        fields, name, kind = self._form["fields"], given["name"], given.get("type", "text")
        value = given.get("value") or ""
        if tag == "select":
            self._select = name
            fields[name] = ""
        elif kind in {"checkbox", "radio", "submit"}:
            if name not in fields or "checked" in given:
                fields[name] = value or "on"
        elif kind != "file":
            usual = {"date": "2026-11-20", "email": "walk@example.org", "number": "1"}
            fields[name] = value or usual.get(kind, "walk")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""


def forms_of(page: bytes, path: str) -> list[dict[str, Any]]:
    reader = FormReader(path)
    reader.feed(page.decode(errors="replace"))
    for form in reader.forms:
        form["fields"].pop("csrfmiddlewaretoken", None)
    return reader.forms


def names_read(reader: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {name for one, name in pairs if one == reader}
