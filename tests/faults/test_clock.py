"""The clock that can be stepped: the product's time moves with it, also while somebody waits."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.site import CLOCK
from tests.faults.site import write_step as step

pytestmark = [pytest.mark.own_stores, pytest.mark.processes]

ASKS = """
import multiprocessing, sys, time
from django.utils import timezone
print(time.time(), timezone.now().timestamp(), flush=True)
sys.stdin.readline()
print(time.time(), timezone.now().timestamp(), flush=True)
"""
WAITS = """
import multiprocessing, sys, time
event = multiprocessing.Event()
print("waits", flush=True)
begun = time.monotonic()
event.wait(3600)
print(time.monotonic() - begun)
"""


def child(code: str, clock: Path) -> subprocess.Popen[str]:
    own = {"PYTHONPATH": str(CLOCK), "STEPPED_CLOCK": str(clock), "PATH": os.environ["PATH"]}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code], env=own, stdin=pipe, stdout=pipe, text=True
    )


def test_both_clocks_of_a_running_process_step(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    step(clock, 0)
    with child(ASKS, clock) as process:
        assert process.stdout is not None
        before = [float(word) - time.time() for word in process.stdout.readline().split()]
        step(clock, -86_400)
        after, _errors = process.communicate("\n", timeout=60)
    assert all(abs(difference) < 60 for difference in before)
    assert all(abs(float(word) - time.time() + 86_400) < 60 for word in after.split())


def test_a_wait_of_an_hour_ends_when_the_clock_steps_an_hour(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    step(clock, 0)
    with child(WAITS, clock) as process:
        assert process.stdout is not None
        process.stdout.readline()
        # it may have begun to wait before a step or after it: the next one counts then
        for hour in range(1, 600):
            step(clock, 3601 * hour)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                break
        process.kill()
        assert float(process.stdout.read()) < 60
