"""Decode, measure, convert: CPU as a share of real time; memory of the decoder, its child (shared
pages counted twice), and what is added to the process that asks and measures.
"""

import os
import subprocess
import sys

from tests.benchmarks.lines import Line, median
from tests.product import BASE
from tests.scoring import recordings

SECONDS = 120
WORK = """
import sys, threading, time
import django, os
django.setup()
from scoring.audio import codec, decoding, measures
data = open(sys.argv[1], "rb").read()
decoding.canonical([data[:200_000]], "x")
server = decoding._servers.current().process.pid
def used():  # of this process, of the decoder and of all its children that are gone
    fields = open(f"/proc/{server}/stat").read().rsplit(")", 1)[1].split()
    return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
def peak_of(pid):  # getrusage would count the parent's memory too
    try:
        text = open(f"/proc/{pid}/status").read()
    except OSError:
        return 0
    return int(text.split("VmHWM:")[1].split()[0]) if "VmHWM:" in text else 0
child = [0]
def watch():
    while True:
        try:
            for pid in open(f"/proc/{server}/task/{server}/children").read().split():
                child[0] = max(child[0], peak_of(pid))
        except OSError:
            pass
        time.sleep(0.005)
before = peak_of("self")
threading.Thread(target=watch, daemon=True).start()
shares = []
for _ in range(3):
    start = used()
    kept = decoding.canonical([data], "x")
    measures.measure(codec.Sound(kept.data, decoding.pcm).samples)
    time.sleep(0.1)  # the last child is counted once it is gone
    shares.append((used() - start) / kept.length_seconds)
peak = peak_of("self") - before + peak_of(server) + child[0]
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
        Line(
            "the same: peak memory of decoder and child, and what the asking process grows by",
            median(peaks),
            "MB",
            200,
        ),
    ]
