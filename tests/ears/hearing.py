"""What the ears of this machine hear of a recording, from the cache when they heard it before."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import django

from scoring.audio import codec, measures
from tests.ears.places import CACHE
from tests.ears.speaking import hash_of
from tests.product import BASE

# nobody waits for these recordings, and the machine may be busy
PATIENCE_SECONDS = 3600


@dataclass(frozen=True)
class Heard:
    """What was heard of one recording, and what it cost. Words: text, start, end, probability."""

    transcript: str
    details: dict[str, Any]
    measures: dict[str, Any]
    cpu_seconds: float

    @property
    def words(self) -> list[list[Any]]:
        return list(self.details["words"])

    @property
    def seconds(self) -> float:
        return float(self.measures["length_seconds"])


def heard(make: Callable[[], bytes], name: str) -> Heard:
    """Return what is heard of a recording of this name, which is made when it is wanted."""
    path = _place_of(name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(_hear(make()))))
    return Heard(**json.loads(path.read_text()))


def was_heard(name: str) -> bool:
    """Return whether the cache has what was heard of a recording of this name."""
    return _place_of(name).exists()


def _place_of(name: str) -> Path:
    return CACHE / "heard" / f"{hash_of(name, _ears().version)}.json"


def _hear(stored: bytes) -> Heard:
    from scoring.adapter_error import AdapterError
    from scoring.ears.base import HearingJob

    sound = codec.Sound(stored)
    measured = measures.measure(sound.samples).as_dict()
    ears = _ears()
    child = ears._running()
    child.wait_loaded(PATIENCE_SECONDS)
    before = _cpu_seconds(child.process.pid)
    try:
        result = ears.hear(HearingJob("", measured), sound)
    except AdapterError as exc:
        if exc.retry:
            raise
        # more words than the sound holds: the product shows none of them
        return Heard("", {"words": [], "stretches": [], "refused": str(exc)}, measured, 0.0)
    cpu = _cpu_seconds(child.process.pid) - before
    return Heard(result.transcript, result.details, measured, round(cpu, 2))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


@cache
def _ears() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
    django.setup()
    from django.conf import settings

    from scoring.ears import local

    # the settings of tests have a data folder of their own, without weights
    settings.DATA_DIR = BASE / "data"
    local.PIECE_SECONDS = local.FLOOR_SECONDS = PATIENCE_SECONDS  # type: ignore[misc]
    local.time_limit = lambda _seconds: PATIENCE_SECONDS
    return local.LocalEars()
