"""The default product needs nobody: it works on a machine that has no network at all."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = [pytest.mark.own_stores, pytest.mark.processes]


def run_alone(*arguments):
    """Run tests/alone.py where there is no network; this fails where the kernel allows no
    namespace: nothing else would cover native code.
    """
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return subprocess.run(
        ["unshare", *own, "--net", sys.executable, "-m", "tests.alone", *arguments],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_newcomer_and_guest_see_their_words_in_a_browser_without_any_network():
    done = run_alone("--pytest", "-q", "tests/browser/words_without_network.py")
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\b2 (passed|skipped)", done.stdout), done.stdout


def test_everything_works_without_any_network(tmp_path):
    done = run_alone(str(tmp_path / "product"))
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.splitlines()[-1])
    assert results["devices"] == ["lo"]
    assert results["settled"] == "measured"
    statuses = {value for value in results.values() if isinstance(value, int)}
    assert statuses == {200}, results
    assert results["open"] == []
    assert "Contacts no other machine." in results["log"]
    assert "refused to contact" not in results["log"]
    assert "Traceback" not in results["log"]
