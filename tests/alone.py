"""The product on a machine without any network: `unshare --net python -m tests.alone FOLDER`, or
browser tests there: `unshare --net python -m tests.alone --pytest ARGUMENTS`.

What Python asks for the guard in `opic/lib/outgoing.py` sees; what native code (database, sound,
synthesiser) asks for, nothing but a missing network shows. Prints what worked as JSON.
"""

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests import processes
from tests.benchmarks.client import Learner
from tests.product import Product
from tests.scoring import recordings

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def raise_loopback() -> list[str]:
    """A new network namespace has one device, and that is down. The names of all there are."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as used:
        flags = fcntl.ioctl(used, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        (old,) = struct.unpack_from("h", flags, 16)
        fcntl.ioctl(used, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", old | IFF_UP))
    return sorted(name for _index, name in socket.if_nameindex())


def open_files(folder: Path) -> list[str]:
    """What others of this machine may read, of what is not the same for everybody."""
    paths = [path for path in folder.rglob("*") if not {"clips", "static"} & set(path.parts)]
    return [str(path) for path in (folder, *paths) if path.stat().st_mode & 0o077]


def settled(product: Product, response: str, seconds: float = 60) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ((status,),) = product.rows(
            "SELECT status FROM scoring_response WHERE id = ?", response.replace("-", "")
        )
        if status not in {"uploaded", "rating"}:
            return str(status)
        time.sleep(0.2)
    return "waits"


def journey(product: Product) -> dict[str, Any]:
    """Pages, a question's voice, an answer that is decoded, stored and measured."""
    setup = product.python("from tests.benchmarks import seed; seed.learner(0)")
    learner = Learner(product.port, **json.loads(setup))
    pages = ["/", "/practice/", f"/practice/prompts/{learner.prompt}/", "/history/", "/privacy/"]
    pages_seen: dict[str, Any] = {page: learner.get(page)[0] for page in pages}
    guest_voice, sound = learner.get("/practice/try/audio/")
    pages_seen["voice"] = guest_voice if sound else 0
    spoken = recordings.as_container(recordings.speech(8), recordings.RATE)
    reply = learner.send(spoken)
    pages_seen["settled"] = settled(product, reply["response"])
    audio, heard = learner.get(f"/responses/{reply['response']}/audio/")
    pages_seen["audio"] = audio if heard else 0
    return pages_seen


def decoders(product: Product) -> int:
    """How many there are before anybody spoke: each worker of the web server starts its own."""
    family = [one for group in product.groups().values() for one in processes.family(group)]
    return sum(b"decoder_process" in _words_of(one.pid) for one in family)


def _words_of(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def main() -> int:
    os.environ.pop("TEST_DATABASE_URL", None)
    results: dict[str, Any] = {"devices": raise_loopback()}
    if sys.argv[1] == "--pytest":
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[2:]])
    with Product(Path(sys.argv[1])) as product:
        processes.wait_for(lambda: decoders(product) == 2, 30, "a decoder for each web worker")
        results |= journey(product)
        results["open"] = open_files(product.folder)
    results["log"] = (product.folder / "product.log").read_text()
    sys.stdout.write(json.dumps(results) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
