"""Catalogues of messages without the system's gettext, by Django's and Babel's own readers.

`messages` brings opic/locale up to code and templates, `--check` fails when a language lacks a text
or has a doubtful one, `--compile` writes the .mo files.
"""

import io
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
}
APPS = ("opic", "accounts", "materials", "scoring", "practice", "exams")


def _python(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _template(path: Path) -> str:
    """Return a template as Babel can read it: turned into something like Python, unindented."""
    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return "\n".join(line.strip() for line in text.splitlines())


def sources(base: Path) -> Iterator[tuple[str, str]]:
    """Yield every file that may hold a text: its name and what of it the extractor reads."""
    for app in APPS:
        for path in sorted((base / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(base)), _python(path)
    for kind in ("*.html", "*.txt"):
        for path in sorted((base / "templates").rglob(kind)):
            yield str(path.relative_to(base)), _template(path)


def catalog_of(base: Path) -> Catalog:
    """Return all texts of the product, as a template catalogue."""
    catalog = Catalog(project="OPIc Practice Portal", charset="utf-8")
    for name, text in sources(base):
        file = io.BytesIO(text.encode())
        for _line, message, comments, context in extract(
            "python", file, KEYWORDS, ("Translators:",)
        ):
            catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


class Command(BaseCommand):
    """Updates, checks or compiles catalogues; CommandError for a text without translation."""

    help = "Update, check or compile the catalogues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")
        parser.add_argument("--compile", action="store_true")

    def handle(self, *, check: bool, compile: bool, **_options: Any) -> None:
        languages = [code for code, _name in settings.LANGUAGES if code != "en"]
        template = None if compile else catalog_of(settings.BASE_DIR)
        problems: list[str] = []
        for code in languages:
            path = settings.LOCALE_PATHS[0] / code / "LC_MESSAGES" / "django.po"
            catalog = self._read(path, code)
            if template is None:
                self._compile(path, catalog)
            elif check:
                problems += [f"{code}: {text}" for text in _lacking(template, catalog)]
            else:
                self._update(path, catalog, template)
        if problems:
            raise CommandError("\n".join([*problems, f"{len(problems)} texts lack a translation."]))

    def _read(self, path: Path, code: str) -> Catalog:
        if not path.exists():
            return Catalog(locale=code, charset="utf-8", fuzzy=False)
        with path.open("rb") as file:
            return read_po(file, locale=code)

    def _compile(self, path: Path, catalog: Catalog) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)

    def _update(self, path: Path, catalog: Catalog, template: Catalog) -> None:
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(
                file, catalog, width=100, omit_header=False, sort_output=True, no_location=True
            )
        lacking = sum(1 for _text in _lacking(template, catalog))
        self.stdout.write(f"{path.parts[-3]}: {len(template)} texts, {lacking} lack a translation.")


def _lacking(template: Catalog, catalog: Catalog) -> Iterator[str]:
    for message in template:
        if not message.id:
            continue
        own = catalog.get(message.id, message.context)
        texts = own.string if own and isinstance(own.string, tuple | list) else [own and own.string]
        if own is None or own.fuzzy or not all(texts):
            yield str(message.id)
