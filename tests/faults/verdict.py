"""What must hold when all is over: nothing lost, doubled, paid twice or left waiting."""

import io
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import av

from tests.faults.kinds import Kind, Scene
from tests.faults.load import SpokenResponse
from tests.faults.model import Asked, Model
from tests.faults.site import Site

PATIENCE = 240.0  # seconds after a fault; then somebody would have had to help
CANARIES = 2
OPEN = "SELECT id FROM scoring_response WHERE status IN ('uploaded', 'rating')"


def _plain(value: Any) -> str:
    return str(value).replace("-", "")


def open_ids(site: Site) -> set[str] | None:
    """Answers that are not final; None while the database does not tell."""
    try:
        return {_plain(row[0]) for row in site.rows(OPEN)}
    except Exception:  # noqa: BLE001 - whatever a database in trouble raises
        return None


def is_settled(response: SpokenResponse, still: set[str]) -> bool:
    return bool(response.saved) and _plain(response.response) not in still


@dataclass
class Struck:
    """One fault as it went. `well` is None when somebody had to help."""

    kind: str
    at_rest: bool
    begun: float
    undone: float
    well: float | None
    left: list[str] = field(default_factory=list)
    store: bool = False

    @property
    def seconds(self) -> float | None:
        return None if self.well is None else self.well - self.begun


def strike(scene: Scene, kind: Kind, patience: float = PATIENCE) -> Struck:
    """Do it, wait until it is well: every answer from before is final, and two spoken since."""
    if kind.at_rest:
        come_to_rest(scene, patience)
    begun = time.monotonic()
    try:
        kind.act(scene)
    finally:
        scene.load.resume()
    undone = time.monotonic()
    well, left = wait_well(scene, undone, patience)
    return Struck(kind.name, kind.at_rest, begun, undone, well, left, kind.store)


def come_to_rest(scene: Scene, seconds: float) -> None:
    """Nobody speaks, what was spoken is final, every worker is idle."""
    scene.load.pause()
    until = time.monotonic() + seconds
    while open_ids(scene.site) != set() and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.5)


def wait_well(scene: Scene, since: float, patience: float) -> tuple[float | None, list[str]]:
    left: list[str] = []
    while time.monotonic() < since + patience:
        # before the look into the database: what is saved after it would seem to be final
        responses = [replace(response) for response in scene.load.responses()]
        still = open_ids(scene.site)
        if still is not None:
            left = [a.key for a in responses if a.begun < since and not _done(a, still)]
            canaries = [a for a in responses if a.begun >= since and _done(a, still)]
            if not left and len(canaries) >= CANARIES and scene.site.look("/healthz") == 200:
                return time.monotonic(), []
        time.sleep(0.1)
    return None, left or ["nothing sent since was settled"]


def _done(response: SpokenResponse, still: set[str]) -> bool:
    return bool(response.refused) or is_settled(response, still)


# --- at the end of a leg ------------------------------------------------------------------------
@dataclass
class Verdict:
    """Names of answers in each list; all must be empty but `killed_in_call` and `unstored`."""

    responses: int = 0
    lost: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    broken_files: list[str] = field(default_factory=list)
    files_without_row: list[str] = field(default_factory=list)
    paid_twice: list[str] = field(default_factory=list)
    killed_in_call: int = 0
    unstored: int = 0
    tries: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def faults(self) -> dict[str, list[str]]:
        names = ("lost", "refused", "doubled", "waiting", "broken_files", "files_without_row")
        return {
            name: problems_here
            for name in (*names, "paid_twice")
            if (problems_here := getattr(self, name))
        }

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    scene: Scene,
    struck: list[Struck],
    model: Model | None = None,
    patience: float = PATIENCE,
    *,
    is_last: bool = True,
) -> Verdict:
    """While nobody speaks: wait for the last answers, then read every row; at the very end every
    file too.
    """
    site, responses = scene.site, scene.load.responses()
    verdict = Verdict(responses=len(responses), codes=dict(scene.load.codes()))
    until = time.monotonic() + patience
    while (still := open_ids(site)) != set() and time.monotonic() < until:
        time.sleep(0.2)
    verdict.waiting = [one for struck_one in struck for one in struck_one.left] + sorted(
        still or []
    )
    verdict.refused = [
        f"{response.key}: {response.refused}" for response in responses if response.refused
    ]
    _judge_rows(site, responses, verdict)
    _judge_ratings(site, verdict)
    if is_last:
        _judge_files(site, verdict)
    if model:
        _judge_calls(model, struck, verdict)
    return verdict


def _judge_rows(site: Site, responses: list[SpokenResponse], verdict: Verdict) -> None:
    rows = site.rows("SELECT upload_key, id, tries FROM scoring_response")
    by_key: dict[str, list[str]] = {}
    for key, pk, tries in rows:
        by_key.setdefault(_plain(key), []).append(_plain(pk))
        verdict.tries[str(tries)] = verdict.tries.get(str(tries), 0) + 1
    verdict.doubled += [key for key, ids in by_key.items() if len(ids) > 1]
    for response in responses:
        if response.saved and by_key.get(_plain(response.key)) != [_plain(response.response)]:
            verdict.lost.append(response.key)
    takes = site.rows("SELECT response_id, count(*) FROM practice_practicetake GROUP BY 1")
    if {_plain(row[0]) for row in takes} != {pk for ids in by_key.values() for pk in ids}:
        verdict.lost.append("answers and takes differ")


def _judge_ratings(site: Site, verdict: Verdict) -> None:
    sql = "SELECT response_id, kind, count(*) FROM scoring_rating GROUP BY 1, 2"
    verdict.doubled += [f"{pk} {kind} {n}" for pk, kind, n in site.rows(sql) if n > 1]


def _judge_files(site: Site, verdict: Verdict) -> None:
    """Every row has its file and it decodes; a day later the hourly sweep has left no other."""
    rows = site.rows("SELECT audio, length_ms FROM scoring_response WHERE audio IS NOT NULL")
    private = site.folder / "private"
    for name, milliseconds in rows:
        if not _decodes(private / name, milliseconds / 1000):
            verdict.broken_files.append(name)
    site.step_clock(0)
    site.python(SWEEP)
    spoken = site.rows("SELECT spoken FROM scoring_rating WHERE spoken IS NOT NULL")
    named = {private / str(name) for name, *_more in (*rows, *spoken)}
    files = {path for path in private.rglob("*") if path.is_file() and path.parent != private}
    verdict.files_without_row = [str(path) for path in sorted(files - named)]


SWEEP = """
import os
from pathlib import Path
from django.conf import settings
from scoring import tasks
for path in (settings.DATA_DIR / "private").rglob("*.m4a"):
    os.utime(path, (0, 0))
tasks.sweep_files()
"""


def _decodes(path: Path, seconds: float) -> bool:
    try:
        with av.open(io.BytesIO(path.read_bytes())) as source:
            long = sum(frame.samples / frame.sample_rate for frame in source.decode(audio=0))
    except (OSError, av.FFmpegError):
        return False
    return abs(long - seconds) < 0.3


def _judge_calls(model: Model, struck: list[Struck], verdict: Verdict) -> None:
    """A second call for one answer is right only where the worker of the first was killed, or where
    the database could not keep what came back.
    """
    for first, was_alive in model.again:
        if not was_alive:
            verdict.killed_in_call += 1
        elif any(_overlaps(first, one) for one in struck if one.store):
            verdict.unstored += 1
        else:
            verdict.paid_twice.append(f"{first.kind} {first.token}")


def _overlaps(call: Asked, one: Struck) -> bool:
    return call.begun < one.undone + 20 and call.ended + 5 > one.begun


def as_json(struck: list[Struck]) -> list[dict[str, Any]]:
    return [asdict(one) for one in struck]
