"""Decode, measure, convert: CPU as a share of real time, and peak memory in a fresh process."""

import subprocess
import sys

from tests.benchmarks.lines import Line, median
from tests.product import BASE
from tests.scoring import recordings

SECONDS = 120
WORK = """
import sys, time
from scoring import audio, measures
data = open(sys.argv[1], "rb").read()
audio.decode(audio.canonical([data[:200_000]]).data)
shares = []
for _ in range(3):
    start = time.process_time()
    kept = audio.canonical([data])
    measures.voiced_seconds(kept.samples_16k)
    measures.measure(audio.decode(kept.data))
    shares.append((time.process_time() - start) / kept.length_seconds)
status = open("/proc/self/status").read()  # getrusage would count the parent's memory too
print(sorted(shares)[1], int(status.split("VmHWM:")[1].split()[0]) / 1024)
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
