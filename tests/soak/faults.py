"""`make soak`: faults under load, by the hundred, in lots that can be taken up again.

A lot runs legs until its minutes are over; a leg is one site from its start to its verdict, and
counts when the verdict is written. What is done stands in a state file: the next lot goes on from
there. When enough faults are done, section "Faults" of docs/benchmarks.md is written.

    python -m tests.soak.faults            one lot after another until all are done
    SOAK_FAULTS=320 SOAK_MINUTES=60        how many in all; the longest a lot may take
    SOAK_LOTS=1                            one lot, then stop (exit code 3: more to do)
    SOAK_FOLDER=.soak                      where the state and the logs of legs lie
"""

import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import verdict
from tests.faults.kinds import Kind, Scene, kinds_for
from tests.faults.load import Load
from tests.faults.model import Model
from tests.faults.site import HostsSite, RunSite, Site, mounted
from tests.product import BASE
from tests.soak import faults_report

FAULTS = int(os.environ.get("SOAK_FAULTS", "320"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
LOTS = int(os.environ.get("SOAK_LOTS", "1000"))
PATIENCE = float(os.environ.get("SOAK_PATIENCE", str(verdict.PATIENCE)))
ONLY = os.environ.get("SOAK_ONLY", "")  # a pattern kinds begin with
SITES = os.environ.get("SOAK_SITES", "run,hosts").split(",")
FOLDER = BASE / os.environ.get("SOAK_FOLDER", ".soak")
LEG_FAULTS = 20
LEG_MINUTES = 15.0
PEOPLE, GAP = 5, (0.4, 1.6)
# slower than three workers rate with a model: a backlog would hide what a fault costs
GAP_WITH_MODEL = (3.0, 6.0)
UPLOADS = 2000  # a person, in the longest leg at the shortest gap
DATA_MEGABYTES, SOUND_MEGABYTES = 400, 120
KINDS_OF_SITE: dict[str, type[Site]] = {"run": RunSite, "hosts": HostsSite}
MORE_TO_DO = 3
LEAST = 300  # a trial of fewer writes nothing down


@dataclass(frozen=True)
class Leg:
    """What a leg is made of follows from its number alone."""

    number: int

    @property
    def site(self) -> type[Site]:
        return KINDS_OF_SITE[SITES[self.number % len(SITES)]]

    @property
    def has_model(self) -> bool:
        return self.number // len(SITES) % 2 == 1

    def kinds(self, site: Site) -> list[Kind]:
        """Every kind of this site once before any comes again, over all legs of the site."""
        own = [kind for kind in kinds_for(site) if re.match(ONLY, kind.name)]
        turn = self.number // len(SITES) * LEG_FAULTS
        order: list[Kind] = []
        for index in range(turn, turn + LEG_FAULTS):
            shuffled = random.Random(f"{site.kind} {index // len(own)}").sample(own, len(own))
            order.append(shuffled[index % len(own)])
        return order


def print_line(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def run_leg(leg: Leg, most: int, until: float) -> dict[str, Any]:
    """One site, its load, its faults, its verdict."""
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="opic-soak-")))
        parts = {"data": base / "data", "private": base / "data" / "private"}
        for name, megabytes in (("data", DATA_MEGABYTES), ("private", SOUND_MEGABYTES)):
            if not stack.enter_context(mounted(parts[name], megabytes)):
                raise PermissionError("file systems of our own are needed: run this as root")
        model = Model(leg.number) if leg.has_model else None
        if model:
            stack.enter_context(model.fake)
        site = leg.site(parts["data"], **(model.environment() if model else {}))
        stack.callback(site.drop_database)
        site.prepare()
        stack.callback(save_log, site, leg)
        stack.callback(site.stop)
        site.start()
        people = site.people(PEOPLE, uploads=UPLOADS)
        load = Load(site.where, people, leg.number, GAP_WITH_MODEL if model else GAP)
        scene = Scene(site, load, random.Random(leg.number), parts)
        with load:
            struck = strike_all(scene, leg.kinds(site)[:most], until)
        seen = verdict.judge(scene, struck, model, PATIENCE)
    print_line(
        f"leg {leg.number}: {seen.responses} answers, {seen.faults or 'nothing lost or doubled'}"
    )
    return {
        "leg": leg.number,
        "site": site.kind,
        "model": leg.has_model,
        "faults": verdict.as_json(struck),
        "verdict": seen.as_dict(),
    }


def strike_all(scene: Scene, kinds: list[Kind], until: float) -> list[verdict.Struck]:
    """One after another; after one that is not well by itself, somebody restarts the site."""
    struck: list[verdict.Struck] = []
    end = min(until, time.monotonic() + 60 * LEG_MINUTES)
    time.sleep(3)
    for kind in kinds:
        if time.monotonic() > end:
            break
        one = verdict.strike(scene, kind, PATIENCE)
        struck.append(one)
        seconds = "NOT WELL" if one.seconds is None else f"{one.seconds:.1f} s"
        rest = ", at rest" if kind.at_rest else ""
        print_line(f"  {kind.name}{rest}: {seconds} {' '.join(one.left[:3])}")
        if one.well is None:
            scene.site.leave_alone()
            scene.site.kill()
            scene.site.start()
        time.sleep(scene.rng.uniform(0.5, 2.5))
    return struck


def save_log(site: Site, leg: Leg) -> None:
    shutil.copy(site.log, FOLDER / f"leg-{leg.number}.log")


def read_state() -> list[dict[str, Any]]:
    path = FOLDER / "state.json"
    return list(json.loads(path.read_text())) if path.exists() else []


def write_state(legs: list[dict[str, Any]]) -> None:
    making = FOLDER / "state.json.part"
    making.write_text(json.dumps(legs))
    making.replace(FOLDER / "state.json")


def run_lot(legs: list[dict[str, Any]]) -> None:
    """Until enough faults are done or the minutes are over; the last leg is cut to fit."""
    until = time.monotonic() + 60 * MINUTES
    # the last verdict and a start take their minutes too
    last_begin = until - 60 * min(6.0, MINUTES / 2)
    while faults_report.count(legs) < FAULTS and time.monotonic() < last_begin:
        leg = Leg(len(legs))
        print_line(f"leg {leg.number}: {leg.site.kind}{', with a model' if leg.has_model else ''}")
        legs.append(run_leg(leg, FAULTS - faults_report.count(legs), last_begin))
        write_state(legs)


def main() -> int:
    # whoever ends this ends its processes and file systems with it
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_given: sys.exit(130))
    FOLDER.mkdir(exist_ok=True)
    legs = read_state()
    for _ in range(LOTS):
        if faults_report.count(legs) >= FAULTS:
            break
        run_lot(legs)
    text = faults_report.section(legs)
    sys.stdout.write(text)
    if faults_report.count(legs) < FAULTS:
        return MORE_TO_DO
    if FAULTS >= LEAST and not ONLY:
        faults_report.write(text)
    return 0 if faults_report.holds(legs) else 1


if __name__ == "__main__":
    raise SystemExit(main())
