"""Keeps a running product on this machine: what reaches further is refused and written down.

Python imports this by itself, as the folder stands in the PYTHONPATH of every product under test.
"""

import os
import sys
from pathlib import Path
from typing import Any

LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}
LOG = os.environ.get("TEST_OUTWARD_LOG", "")


def _target(event: str, given: tuple[Any, ...]) -> Any:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = given[1]
        return address[0] if isinstance(address, tuple) else None
    return given[0] if event == "socket.getaddrinfo" else None


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    target = _target(event, given)
    target = target.decode() if isinstance(target, bytes) else target
    if target in LOCAL:
        return
    with Path(LOG).open("a") as log:
        log.write(f"{' '.join(sys.argv[:3])}: {event} {target}\n")
    raise OSError(f"no test reaches {target}")


if LOG:
    sys.addaudithook(_refuse)
