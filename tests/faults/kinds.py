"""The kinds of faults. Each does its harm and takes its cause away again; nobody helps the
product.
"""

import contextlib
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.faults import roles
from tests.faults.load import Load
from tests.faults.roles import Cluster, Web
from tests.faults.site import HostsSite, RunSite, Site

HOUR = 3600.0
FILLER = "filler"
T = TypeVar("T")


@dataclass
class Scene:
    """Where a fault happens, and the chance that picks."""

    site: Site
    load: Load
    rng: random.Random
    parts: dict[str, Path]  # file systems of their own: "data" (all of it), "private" (sound)

    def cluster(self) -> Cluster:
        return self.rng.choice(_until(self.site.clusters, "a whole cluster"))

    def web(self) -> Web:
        return _until(lambda: [web for web in self.site.webs() if web.workers], "a web server")[0]

    def kill(self, pids: Iterable[int | None]) -> None:
        for pid in pids:
            if pid is not None:
                roles.send(pid, signal.SIGKILL)


Act = Callable[[Scene], None]


@dataclass(frozen=True)
class Kind:
    """`at_rest`: nobody speaks and the queue is empty when it strikes. `store`: the database cannot
    keep what comes meanwhile.
    """

    name: str
    act: Act
    at_rest: bool = False
    store: bool = False
    needs: type[Site] | tuple[type[Site], ...] = (RunSite, HostsSite)


def _until(find: Callable[[], list[T]], what: str, seconds: float = 60) -> list[T]:
    until = time.monotonic() + seconds
    while not (process := find()):
        if time.monotonic() > until:
            raise TimeoutError(f"never found: {what}")
        time.sleep(0.05)
    return process


# --- processes -----------------------------------------------------------------------------------
def _first(find: Callable[[], T | None], what: str, seconds: float = 10) -> T:
    return _until(lambda: [one] if (one := find()) is not None else [], what, seconds)[0]


def part(scene: Scene, name: str) -> list[int]:
    """Processes of one role, now."""
    if name.startswith("web"):
        web = scene.web()
        return {
            "web worker": [scene.rng.choice(web.workers)],
            "web workers, all": [*web.workers],
            "web master": [web.master],
            "web, all": [web.master, *web.workers, *web.others],
        }[name]
    if name == "run":
        return [unit.process.pid for unit in scene.site.units[:1] if unit.process]
    if name in {"a decoder", "decoders, all"}:
        pids = _until(scene.site.decoders, "a decoder")
        return pids if name == "decoders, all" else [scene.rng.choice(pids)]
    if name == "everything":
        return [one.pid for one in scene.site.processes()]
    cluster = scene.cluster()
    if name in {"reader", "waiter", "busy worker"}:
        look = {"reader": Cluster.reader, "waiter": Cluster.waiter, "busy worker": Cluster.busy}
        return [_any_of(scene, look[name], name)]
    return {
        "workers, all": [one.pid for one in cluster.workers],
        "monitor": [cluster.monitor],
        "pusher": [cluster.pusher],
        "pulse": [cluster.pulse],
        "engine": [cluster.engine],
        "cluster parent": [cluster.supervisor],
        "engine's children, all": [*cluster.children()],
        "engine and children": [cluster.engine, *cluster.children()],
        "pulse + engine": [cluster.pulse, cluster.engine],
        "cluster, all": [*cluster.everybody()],
        "clusters, all parents": [one.supervisor for one in scene.site.clusters()],
        "clusters, all": [pid for one in scene.site.clusters() for pid in one.everybody()],
    }[name]


def _any_of(scene: Scene, look: Callable[[Cluster], int | None], what: str) -> int:
    """A process that stands like this in one of the clusters, looked for until there is one."""

    def find() -> int | None:
        return next((pid for one in scene.site.clusters() if (pid := look(one))), None)

    return _first(find, what)


def killed(*names: str) -> Act:
    def act(scene: Scene) -> None:
        scene.kill([pid for pids in [part(scene, name) for name in names] for pid in pids])

    return act


def killed_at_random(count: int) -> Act:
    def act(scene: Scene) -> None:
        everybody = [one.pid for one in scene.site.processes()]
        scene.kill(scene.rng.sample(everybody, min(count, len(everybody))))

    return act


def by_signal(name: str, number: int) -> Act:
    """An orderly signal, as a deployment sends it."""

    def act(scene: Scene) -> None:
        for pid in part(scene, name)[:1]:
            roles.send(pid, number)

    return act


# --- stores --------------------------------------------------------------------------------------
def hung(name: str, least: float, most: float) -> Act:
    def act(scene: Scene) -> None:
        server = getattr(scene.site, name)
        server.hang()
        try:
            time.sleep(scene.rng.uniform(least, most))
        finally:
            server.wake()

    return act


def killed_store(*names: str) -> Act:
    def act(scene: Scene) -> None:
        servers = [getattr(scene.site, name) for name in names]
        for server in servers:
            server.kill()
        time.sleep(scene.rng.uniform(1, 8))
        for server in servers:
            server.start()

    return act


def restarted_store(name: str) -> Act:
    def act(scene: Scene) -> None:
        server = getattr(scene.site, name)
        server.stop()
        server.start()

    return act


def emptied(scene: Scene) -> None:
    assert isinstance(scene.site, HostsSite)
    scene.site.redis.empty()


def locked(least: float, most: float) -> Act:
    """Another writer holds SQLite's lock."""

    def act(scene: Scene) -> None:
        path = scene.site.folder / "opic.sqlite3"
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as base:
            base.execute("BEGIN IMMEDIATE")
            time.sleep(scene.rng.uniform(least, most))
            base.execute("ROLLBACK")

    return act


# --- disk ----------------------------------------------------------------------------------------
def full(name: str, least: float, most: float) -> Act:
    """Not a byte left. Where nobody may mount a file system of our own, no file of the product may
    grow: to the product the same.
    """

    def act(scene: Scene) -> None:
        if name not in scene.parts:
            return _no_file_grows(scene, scene.rng.uniform(least, most))
        filler = scene.parts[name] / FILLER
        try:
            until = time.monotonic() + scene.rng.uniform(least, most)
            while time.monotonic() < until:
                _fill(filler)
                time.sleep(0.2)
        finally:
            filler.unlink(missing_ok=True)

    return act


def _no_file_grows(scene: Scene, seconds: float) -> None:
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            _limit_files(scene.site, 0)
            time.sleep(0.2)
    finally:
        _limit_files(scene.site, resource.RLIM_INFINITY)


def _limit_files(site: Site, size: int) -> None:
    for one in site.processes():
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _fill(path: Path) -> None:
    """Up to the last byte; what others give free meanwhile is taken too."""
    for size in (1 << 20, 4096, 64):
        try:
            with path.open("ab", buffering=0) as file:
                while file.write(b"\0" * size):
                    pass
        except OSError:
            continue


def read_only(name: str, least: float, most: float) -> Act:
    def act(scene: Scene) -> None:
        _first(lambda: _remount(scene.parts[name], "ro"), f"{name} read-only", 20)
        try:
            time.sleep(scene.rng.uniform(least, most))
        finally:
            _first(lambda: _remount(scene.parts[name], "rw"), f"{name} writable", 20)

    return act


def _remount(folder: Path, mode: str) -> bool | None:
    """None while a file there is being written: the kernel refuses then."""
    done = subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], capture_output=True)
    return True if done.returncode == 0 else None


# --- clock ---------------------------------------------------------------------------------------
def stepped(seconds: float, *names: str, least: float = 3, most: float = 12) -> Act:
    """The product's clock stands wrong for a while; meanwhile something may be killed."""

    def act(scene: Scene) -> None:
        scene.site.step_clock(seconds)
        time.sleep(scene.rng.uniform(least, most))
        if names:
            killed(*names)(scene)
            time.sleep(scene.rng.uniform(1, 6))
        scene.site.step_clock(0)

    return act


# --- all of them ---------------------------------------------------------------------------------
ALONE = (
    "web worker",
    "web master",
    "monitor",
    "pusher",
    "pulse",
    "engine",
    "cluster parent",
    "workers, all",
    "engine's children, all",
    "engine and children",
    "pulse + engine",
    "cluster, all",
    "web workers, all",
    "web, all",
    "a decoder",
    "decoders, all",
    "everything",
)
PAIRS = (
    ("reader", "waiter"),
    ("reader", "monitor"),
    ("reader", "pusher"),
    ("reader", "engine"),
    ("reader", "pulse"),
    ("waiter", "engine"),
    ("monitor", "pusher"),
    ("monitor", "engine"),
    ("pusher", "cluster parent"),
    ("engine", "cluster parent"),
    ("pulse", "cluster parent"),
    ("web worker", "reader"),
    ("web worker", "engine"),
    ("web master", "cluster parent"),
    ("a decoder", "web worker"),
    ("decoders, all", "workers, all"),
    ("busy worker", "monitor"),
    ("busy worker", "web worker"),
    ("busy worker", "cluster parent"),
)
AT_REST = {"reader", "waiter"}


def _process_kinds() -> list[Kind]:
    made = [Kind("reader", killed("reader"), at_rest=True)]
    made += [Kind("waiter", killed("waiter"), at_rest=True)]
    made += [Kind("busy worker", killed("busy worker"))]
    for name in ALONE:
        made += [Kind(name, killed(name)), Kind(name, killed(name), at_rest=True)]
    for pair in PAIRS:
        made.append(Kind(" + ".join(pair), killed(*pair), at_rest=bool(AT_REST & {*pair})))
    made += [Kind(f"any {count}", killed_at_random(count)) for count in (1, 2, 3, 5)]
    made += [
        Kind("run", killed("run"), needs=RunSite),
        Kind("run", killed("run"), at_rest=True, needs=RunSite),
        Kind("run + reader", killed("run", "reader"), at_rest=True, needs=RunSite),
        Kind("run + web master", killed("run", "web master"), needs=RunSite),
        Kind("both clusters' parents", killed("clusters, all parents"), needs=HostsSite),
        Kind("both clusters, all", killed("clusters, all"), needs=HostsSite),
        Kind("web master, TERM", by_signal("web master", signal.SIGTERM), needs=HostsSite),
        Kind("web master, HUP", by_signal("web master", signal.SIGHUP)),
        Kind("cluster, TERM", by_signal("cluster parent", signal.SIGTERM), needs=HostsSite),
        Kind("run, TERM", by_signal("run", signal.SIGTERM), needs=RunSite),
    ]
    return made


def _store_kinds() -> list[Kind]:
    hosts = [
        Kind("database hangs 3-10 s", hung("postgres", 3, 10), store=True),
        Kind("database hangs 40-60 s", hung("postgres", 40, 60), store=True),
        Kind("database killed", killed_store("postgres"), store=True),
        Kind("database restarted", restarted_store("postgres"), store=True),
        Kind("Redis hangs 3-10 s", hung("redis", 3, 10)),
        Kind("Redis hangs 40-60 s", hung("redis", 40, 60)),
        Kind("Redis killed", killed_store("redis")),
        Kind("Redis restarted", restarted_store("redis")),
        Kind("Redis emptied", emptied),
        Kind("database + Redis killed", killed_store("postgres", "redis"), store=True),
    ]
    made = [Kind(k.name, k.act, k.at_rest, k.store, HostsSite) for k in hosts]
    made += [
        Kind("SQLite locked 3-10 s", locked(3, 10), needs=RunSite),
        Kind("SQLite locked 25-40 s", locked(25, 40), store=True, needs=RunSite),
        Kind("disk full", full("data", 4, 12), store=True, needs=RunSite),
        Kind("web host's disk full", full("data", 4, 12), needs=HostsSite),
        Kind("sound's disk full", full("private", 4, 12)),
        Kind("sound's disk read-only", read_only("private", 4, 12)),
    ]
    return made


def _clock_kinds() -> list[Kind]:
    made = []
    for seconds, name in ((HOUR, "1 h"), (24 * HOUR, "1 day")):
        made += [
            Kind(f"clock {name} forward and back", stepped(seconds)),
            Kind(f"clock {name} back and forward", stepped(-seconds)),
            Kind(f"clock {name} forward, queue killed, back", stepped(seconds, "cluster, all")),
            Kind(f"clock {name} back, queue killed, forward", stepped(-seconds, "cluster, all")),
        ]
    return made


KINDS = [*_process_kinds(), *_store_kinds(), *_clock_kinds()]


def kinds_for(site: Site) -> list[Kind]:
    return [kind for kind in KINDS if isinstance(site, kind.needs)]
