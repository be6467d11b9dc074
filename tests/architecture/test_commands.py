"""Commands that documents, code and texts name: each is there, with the options that are named."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")
MAKE = re.compile(r"(?:^|[`$;&(]\s*)make ((?:[a-z]+ ?)+)", re.MULTILINE)
MANAGE = re.compile(r"manage\.py ([a-z_]+)((?:[ ]+[^\s`|;&)\"',.]+)*)")
MODULE = re.compile(r"python -m (tests(?:\.\w+)+)")
SCRIPT = re.compile(r"(?<![\w/])(\.ci/[\w.-]*\w)")
OPTION = re.compile(r"--[a-z][a-z-]*")
# imports each in a child of its own, after the libraries that most want; names those that can
IMPORTED_APART = """
import importlib, os, sys, traceback
import av, django.db.models, numpy, playwright.sync_api, pytest
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(name, flush=True)
"""
# words of a sentence that goes on after a command
NO_TARGET = {"sure", "it", "up"}
NO_COMMAND = {"was"}


def texts() -> dict[str, str]:
    """Return every document, and what our code says to people, by its path."""
    documents = [*BASE.glob("*.md"), *(BASE / "docs").rglob("*.md")]
    code = [path for folder in (*PACKAGES, "tests") for path in (BASE / folder).rglob("*.py")]
    more = [BASE / ".pre-commit-config.yaml", BASE / "Makefile", *(BASE / ".ci").iterdir()]
    paths = [*documents, *code, *(path for path in more if path.is_file())]
    here = Path(__file__)
    return {str(path.relative_to(BASE)): path.read_text() for path in paths if path != here}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (BASE / "Makefile").read_text(), re.MULTILINE))


def options_of(name: str) -> set[str]:
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    return {option for action in parser._actions for option in action.option_strings}


def test_every_make_target_that_is_named_is_there():
    make_targets, seen = targets(), set()
    for path, text in texts().items():
        for words in MAKE.findall(text):
            first = words.split()[0]
            if first not in NO_TARGET:
                assert first in make_targets, f"{path}: make {first}"
                seen.add(first)
    assert {"run", "test", "check", "lock", "messages", "bench"} <= seen


def test_every_management_command_that_is_named_is_there_with_its_options():
    commands, seen = get_commands(), set()
    for path, text in texts().items():
        for name, rest in MANAGE.findall(text):
            if name in NO_COMMAND:
                continue
            assert name in commands, f"{path}: manage.py {name}"
            for option in OPTION.findall(rest):
                assert option in options_of(name), f"{path}: manage.py {name} {option}"
                seen.add(option)
            seen.add(name)
    assert {"prepare", "qcluster", "rerate", "--since", "--rotate", "--check"} <= seen


def test_every_module_and_script_that_is_named_is_there():
    for path, text in texts().items():
        for module in MODULE.findall(text):
            place = BASE / module.replace(".", "/")
            assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), (
                f"{path}: python -m {module}"
            )
        for script in SCRIPT.findall(text):
            assert (BASE / script).exists(), f"{path}: {script}"


def test_every_target_is_phony_so_that_a_file_of_its_name_stops_nothing():
    listed = re.search(r"^\.PHONY: (.+)$", (BASE / "Makefile").read_text(), re.MULTILINE)
    assert listed
    assert targets() <= set(listed[1].split())


def test_every_command_of_the_tests_begins_without_settings_of_its_caller():
    """Nothing that it imports may want settings that nobody has chosen yet."""
    begins = re.compile(r"^if __name__ == ", re.MULTILINE)
    files = [path for path in (BASE / "tests").rglob("*.py") if begins.search(path.read_text())]
    assert len(files) > 5
    names = [".".join(path.relative_to(BASE).with_suffix("").parts) for path in files]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED_APART, *names],
        cwd=BASE,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout.split()) == (0, names), done.stderr[-2000:]
