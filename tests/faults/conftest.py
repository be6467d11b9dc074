"""One running product for the faults of every test run."""

import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults import verdict
from tests.faults.kinds import Scene
from tests.faults.load import Load
from tests.faults.site import RunSite, mounted

PEOPLE, GAP = 3, (0.2, 0.8)
MEGABYTES = 200
# everything that waits for a watch or a limit, shortened
QUICK = {
    "OPIC_VENDOR_SECONDS": "2",
    "OPIC_TASK_SECONDS": "20",
    "OPIC_LEASE_SECONDS": "30",
    "OPIC_WATCHDOG_SECONDS": "6",
    "OPIC_BEAT_SECONDS": "1",
    "OPIC_SILENT_SECONDS": "6",
    "OPIC_STARTS_A_MINUTE": "60",
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, prepared_folder: None) -> Iterator[Scene]:
    """`manage.py run` on SQLite, somebody who starts it again, learners who wait for their turn."""
    folder = tmp_path_factory.mktemp("faults") / "data"
    with ExitStack() as stack:
        parts = {"data": folder} if stack.enter_context(mounted(folder, MEGABYTES)) else {}
        site = RunSite(folder, **QUICK)
        site.prepare()
        stack.callback(site.stop)
        site.start()
        load = Load(site.where, site.people(PEOPLE, uploads=500), 1, GAP)
        scene = Scene(site, load, random.Random(1), parts)
        with load:
            yield scene
        judged = verdict.judge(scene, [])
        assert judged.faults == {}
