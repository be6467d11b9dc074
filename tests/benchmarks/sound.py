"""Decode, measure, convert: CPU as a share of real time, and peak memory of a fresh process and
its decoder.
"""

import os
import subprocess
import sys

from tests.benchmarks.lines import Line, median
from tests.product import BASE
from tests.scoring import recordings

SECONDS = 120
WORK = """
import sys, time
import django, os
django.setup()
from scoring import audio, decoding, measures
data = open(sys.argv[1], "rb").read()
decoding.canonical([data[:200_000]], "x")
server = decoding._servers.current().process.pid
def used():  # of this process, of the decoder and of all its children that are gone
    fields = open(f"/proc/{server}/stat").read().rsplit(")", 1)[1].split()
    return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
shares = []
for _ in range(3):
    start = used()
    kept = decoding.canonical([data], "x")
    measures.measure(audio.Sound(kept.data, decoding.pcm).samples)
    time.sleep(0.1)  # the last child is counted once it is gone
    shares.append((used() - start) / kept.length_seconds)
peak = 0
for pid in ("self", server):  # getrusage would count the parent's memory too
    peak += int(open(f"/proc/{pid}/status").read().split("VmHWM:")[1].split()[0])
print(sorted(shares)[1], peak / 1024)
"""


def sound_lines(folder: str) -> list[Line]:
    path = f"{folder}/answer.webm"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(recordings.as_container(recordings.speech(SECONDS)))
    shares, peaks = [], []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", WORK, path],
            cwd=BASE,
            env={**os.environ, "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "opic.settings"},
            capture_output=True,
            text=True,
            check=True,
        )
        share, peak = map(float, done.stdout.split())
        shares.append(100 * share)
        peaks.append(peak)
    return [
        Line("decode + measure + convert, 120 s: CPU of real time", median(shares), "%", 1.2),
        Line("the same: peak memory", median(peaks), "MB", 200),
    ]
