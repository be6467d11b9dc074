"""The recogniser is loaded by the process made for it, and by no other."""

import ast
import json
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

ENGINE = ("faster_whisper", "ctranslate2", "tokenizers", "huggingface_hub", "onnxruntime")
LOADS_IT = "scoring/ears/local_process.py"
CODE = """
import json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
{work}
print(json.dumps([name for name in sys.modules if name.split(".")[0] in {engine!r}]))
"""
WEB = "import opic.wsgi, opic.urls"
QUEUE = """
from pathlib import Path
from django.test import override_settings
from django.utils.module_loading import autodiscover_modules
from tests.scoring.ears.cases import Case, measures_of, speaks
autodiscover_modules("tasks")
case = Case(Path({folder!r}), [speaks("one")])
with override_settings(OPIC_LOCAL_EARS={folder!r}):
    case.ears.warm()
    assert case.hear(measures_of([(0.5, 3.0)]), seconds=4).transcript == "one"
case.ears.end()
"""


def loaded_after(work):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(work=work, engine=ENGINE)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_web_process_loads_nothing_of_it():
    assert loaded_after(WEB) == []


def test_a_worker_that_hears_loads_nothing_of_it(tmp_path):
    assert loaded_after(QUEUE.format(folder=str(tmp_path / "own"))) == []


def imported_in(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_one_module_names_it():
    packages = ("opic", "accounts", "materials", "scoring", "practice", "exams")
    importing = {
        str(path.relative_to(settings.BASE_DIR))
        for package in packages
        for path in (settings.BASE_DIR / package).rglob("*.py")
        if set(ENGINE) & set(imported_in(path))
    }
    assert importing == {LOADS_IT}


def test_nobody_imports_that_module():
    importing = {
        path.name
        for path in (settings.BASE_DIR / "scoring").rglob("*.py")
        if "local_process import" in path.read_text() or "import local_process" in path.read_text()
    }
    assert importing == set()
