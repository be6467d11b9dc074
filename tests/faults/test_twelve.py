"""Twelve faults of the hundreds, in every test run: after each all is well by itself."""

import pytest

from tests.faults import verdict
from tests.faults.kinds import HOUR, Kind, Scene, full, killed, locked, stepped

pytestmark = [
    pytest.mark.own_stores,
    pytest.mark.processes,
    pytest.mark.usefixtures("prepared_folder"),
]

BACK = stepped(-HOUR, "cluster, all", least=2, most=3)
TWELVE = [
    Kind("reader", killed("reader"), at_rest=True),
    Kind("busy worker", killed("busy worker")),
    Kind("engine's children, all", killed("engine's children, all")),
    Kind("engine", killed("engine"), at_rest=True),
    Kind("cluster parent", killed("cluster parent")),
    Kind("web worker", killed("web worker")),
    Kind("web master", killed("web master")),
    Kind("SQLite locked", locked(3, 4), store=True),
    Kind("disk full", full("data", 2, 3), store=True),
    Kind("clock 1 h forward and back", stepped(HOUR, least=2, most=3)),
    Kind("clock 1 h back, queue killed, and forward", BACK),
    Kind("run", killed("run"), at_rest=True),
]


@pytest.mark.parametrize("kind", TWELVE, ids=lambda kind: kind.name)
def test_after_a_fault_all_is_well_by_itself(scene: Scene, kind: Kind) -> None:
    scene.load.resume()
    struck = verdict.strike(scene, kind)
    verdict.come_to_rest(scene, verdict.PATIENCE)
    assert struck.well is not None, struck.left
    assert verdict.judge(scene, [struck], is_last=False).faults == {}
