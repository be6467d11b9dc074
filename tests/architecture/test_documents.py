"""What the documents point to is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
DOCUMENTS = sorted([*BASE.glob("*.md"), *(BASE / "docs").rglob("*.md")])
FOLDERS = "tests|docs|opic|accounts|materials|scoring|practice|exams"
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]+\.\w+)`")
LINKED = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_names_is_there(path: Path):
    text = path.read_text()
    for name in NAMED.findall(text):
        assert (BASE / name).exists(), f"{path.name} names {name}"
    for link in LINKED.findall(text):
        assert (path.parent / link).exists(), f"{path.name} links to {link}"
