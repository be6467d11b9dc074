"""The default product needs nobody: it works on a machine that has no network at all."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = [pytest.mark.own_stores, pytest.mark.processes]


def test_everything_works_without_any_network(tmp_path):
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", *own, "--net", sys.executable, "-m", "tests.alone", str(tmp_path / "product")],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # where the kernel allows no namespace this fails: nothing else would cover native code
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
