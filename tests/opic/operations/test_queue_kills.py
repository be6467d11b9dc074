"""Every process of the queue killed or stopped, for real: what was spoken is settled all the same,
by nobody's hand, and one SIGTERM ends all of it.

On SQLite, or on PostgreSQL and Redis where the environment names them. Times are shortened.
"""

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import processes
from tests.benchmarks.client import Learner
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import Call, FakeGemini, Script, ScriptedReply
from tests.processes import Process
from tests.product import BASE, Product, free_port
from tests.scoring import recordings

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("prepared_folder")]

QUICK = {
    "OPIC_WATCHDOG_SECONDS": "4",
    "OPIC_BEAT_SECONDS": "1",
    "OPIC_SILENT_SECONDS": "5",
    "OPIC_STOP_SECONDS": "3",
    "OPIC_STARTS_A_MINUTE": "1000",
    "OPIC_UPLOADS_PER_MINUTE": "1000",
}
ENDS_WITHIN = 30  # seconds after SIGTERM, with the shipped times; these here are shorter
SETTLED_WITHIN = 60


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[Product]:
    with Product(folder, **QUICK, **environment) as product:
        processes.wait_working(product.groups()["queue"])
        yield product


def learner_of(product: Product) -> Learner:
    code = "from tests.benchmarks import seed; seed.learner(0)"
    return Learner(product.port, **json.loads(product.python(code).splitlines()[-1]))


def wait_settled(product: Product, count: int) -> None:
    final = "SELECT count(*) FROM scoring_response WHERE status IN ('measured', 'rated')"
    processes.wait_for(
        lambda: product.rows(final) == [(count,)],
        SETTLED_WITHIN,
        f"{count} settled answers, {product.rows(final)} are",
    )


def one(role: str) -> Callable[[int], list[Process]]:
    return lambda queue: processes.of_role(queue, role)[:1]


# whom to kill, by the supervisor's id
VICTIMS: dict[str, Callable[[int], list[Process]]] = {
    "idle reader": lambda queue: [processes.idle_reader(queue)],
    "idle waiter": lambda queue: [processes.idle_waiter(queue)],
    "both workers": lambda queue: processes.of_role(queue, "opic-worker"),
    "pusher and monitor": lambda queue: processes.of_role(queue, "opic-pusher", "opic-monitor"),
    "guard": one("opic-engine"),
    "heartbeat": one("opic-pulse"),
    "supervisor": one("opic-queue"),
    "all but the supervisor": lambda queue: processes.family(queue)[1:],
}
# who does not die, but stands: found by the watch alone
STANDING: dict[str, Callable[[int], list[Process]]] = {
    "guard": one("opic-engine"),
    "workers": lambda queue: processes.of_role(queue, "opic-worker"),
    "pusher": one("opic-pusher"),
}


def test_whoever_dies_or_stands_answers_are_settled_by_nobodys_hand(tmp_path: Path) -> None:
    data = recordings.as_container(recordings.speech(4))
    with running(tmp_path / "product") as product:
        learner = learner_of(product)
        sent = 0
        blows = [(name, pick, signal.SIGKILL) for name, pick in VICTIMS.items()]
        blows += [(name, pick, signal.SIGSTOP) for name, pick in STANDING.items()]
        for name, pick, number in blows:
            queue = product.groups()["queue"]
            processes.wait_working(queue)
            hit = pick(queue)
            assert hit, name
            for process in hit:
                process.kill(number)
            for _ in range(2):
                learner.send(data)
                sent += 1
            wait_settled(product, sent)
            # replaced, not only passed by
            processes.wait_gone(hit, 30)
        log = (product.folder / "product.log").read_text()
        for words in ("worker", "monitor", "engine's guard", "heartbeat process"):
            assert f"{words} " in log and "was killed by signal 9" in log
        for words in ("its guard does not turn", "nothing is taken from the broker", "no worker"):
            assert words in log


@contextlib.contextmanager
def cluster(product: Product, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A cluster of its own, as systemd would start it."""
    with (product.folder / "cluster.log").open("ab") as log:
        started = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            cwd=BASE,
            env=product.environment | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        left = processes.family(started.pid)
        started.kill()
        started.wait(10)
        processes.wait_gone(left)


def prepared(folder: Path) -> Product:
    product = Product(folder, **QUICK)
    product.prepare()
    return product


def test_one_sigterm_ends_it_in_every_state_and_sigkill_leaves_nothing(tmp_path: Path) -> None:
    product = prepared(tmp_path / "product")
    states = [(), ("opic-worker",), ("opic-engine",), ("opic-pulse",), ("opic-monitor",)]
    for stopped in states:
        with cluster(product) as queue:
            processes.wait_working(queue.pid)
            members = processes.family(queue.pid)
            for process in processes.of_role(queue.pid, *stopped):
                process.kill(signal.SIGSTOP)
            queue.terminate()
            assert queue.wait(ENDS_WITHIN) == 0, stopped
            assert not [each for each in members if each.is_alive], stopped
    product.drop_database()


def test_run_starts_again_what_died_and_leaves_no_orphan(tmp_path: Path) -> None:
    with running(tmp_path / "product") as product:
        for name in ("web", "queue"):
            product.kill_part(name)
        processes.wait_working(product.groups()["queue"])
        everything = processes.family(product.process.pid)
        assert len(everything) >= 9
        product.process.kill()
        product.process.wait(10)
        processes.wait_gone(everything)
        # the port is free again, and what was left is taken up
        product.start()


def test_a_part_that_dies_at_every_start_ends_run_with_a_line(tmp_path: Path) -> None:
    product = Product(tmp_path / "product", OPIC_STARTS_A_MINUTE="2")
    # no such folder: the queue cannot load what it measures with
    environment = product.environment | {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=BASE,
        env=environment | {"OPIC_START_SECONDS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "the database does not answer" in done.stderr
    assert "The queue ended with code 1, once too often within a minute" in done.stderr


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"DATABASE_URL": "postgres://u:p@127.0.0.1:{port}/x"}, "the database does not answer"),
        ({"REDIS_URL": "redis://127.0.0.1:{port}/0"}, "the queue's broker does not answer"),
    ],
)
def test_without_a_store_it_waits_and_ends_with_a_line_that_names_it(
    tmp_path: Path, missing: dict[str, str], words: str
) -> None:
    product = prepared(tmp_path / "product")
    port = str(free_port())
    absent = {name: url.replace("{port}", port) for name, url in missing.items()}
    with cluster(product, OPIC_START_SECONDS="1", **absent) as queue:
        assert queue.wait(90) == 1
    assert words in (product.folder / "cluster.log").read_text()
    product.drop_database()


# a call that is held open for a whole round is not given up meanwhile
PATIENT = {
    "OPIC_VENDOR_SECONDS": "100",
    "OPIC_TASK_SECONDS": "500",
    "OPIC_LEASE_SECONDS": "600",
}


def held(script: Script, gate: threading.Event) -> Script:
    def reply(call: Call) -> ScriptedReply:
        gate.wait(90)
        return script(call)

    return reply


def in_hand(product: Product, queue: int) -> set[str]:
    """The answers that this supervisor's cluster has claimed; its processes are held for good."""
    for process in processes.family(queue):
        process.kill(signal.SIGSTOP)
    groups = [process.group for process in processes.of_role(queue, "opic-pulse")]
    rows = product.rows(
        "SELECT r.id FROM scoring_response r JOIN operations_cluster c ON c.id = r.claimed_by_id"
        " WHERE r.status = 'rating' AND c.pid = ? AND c.ended_at IS NULL",
        groups[0],
    )
    return {str(key) for (key,) in rows}


def test_two_clusters_on_one_host_pay_for_each_answer_once(tmp_path: Path) -> None:
    """Except where an answer's own worker was killed.

    A model that holds its reply back keeps answers in hand while a second cluster starts, works
    and is killed.
    """
    row = example("past-im2-a")
    gate = threading.Event()
    fake = FakeGemini(held(hears(row["transcript"]), gate), rates(row))
    sounds = [recordings.as_container(recordings.speech(24, seed)) for seed in range(4)]
    orphaned: set[str] = set()
    with fake:
        model = {"GEMINI_API_KEY": fake.key, "GEMINI_API_ENDPOINT": fake.url, **PATIENT}
        with running(tmp_path / "product", **model) as product:
            learner = learner_of(product)

            def send_and_wait(number: int, heard: int) -> None:
                learner.send(sounds[number])
                processes.wait_for(lambda: len(fake.of_kind("hear")) > heard, 60, "a call")

            for first in (0, 2):
                gate.clear()
                send_and_wait(first, len(fake.of_kind("hear")))
                with cluster(product, **model) as second:
                    processes.wait_working(second.pid)
                    # what it takes over at its start, it has by then
                    processes.wait_for(
                        lambda queue=second.pid: not processes.of_role(queue, "opic-clockwork"),
                        60,
                        "the end of its first clockwork",
                    )
                    send_and_wait(first + 1, len(fake.of_kind("hear")))
                    orphaned |= in_hand(product, second.pid)
                gate.set()
                wait_settled(product, first + 2)
            calls = "(SELECT count(*) FROM scoring_modelcall c WHERE r.id = c.response_id AND kind"
            rows = product.rows(
                f"SELECT r.id, r.tries, {calls} = 'hear'), {calls} = 'rate'), (SELECT count(*)"
                " FROM scoring_rating g WHERE g.response_id = r.id AND g.kind = 'rating')"
                " FROM scoring_response r"
            )
    assert len(rows) == len(sounds)
    for key, *counts in rows:
        assert counts == [1, 1, 1, 1] or str(key) in orphaned, (rows, orphaned)
        assert counts[-1] == 1
