"""How long a database may keep us waiting, by what this process is for."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Time limits in seconds; 0 means none."""

    statement: int
    lock: int
    idle_in_transaction: int
    sqlite_busy: int


CONNECT_SECONDS = 3
# all that one web request may wait for the database: its reply is out within 20 s
REQUEST_SECONDS = 16.0
# the server ends a statement at its limit; where it does not, we hang up so much later
GRACE_SECONDS = 2
LIMITS = {
    "web": Limits(statement=15, lock=10, idle_in_transaction=30, sqlite_busy=15),
    "command": Limits(statement=300, lock=60, idle_in_transaction=600, sqlite_busy=30),
    "schema": Limits(statement=0, lock=0, idle_in_transaction=0, sqlite_busy=120),
}
SCHEMA_COMMANDS = {"migrate", "prepare", "createcachetable"}


def kind_of(arguments: Sequence[str]) -> str:
    """Return which limits hold: `web`, or `command` or `schema` for manage.py."""
    if not arguments or Path(arguments[0]).name != "manage.py":
        return "web"
    return "schema" if set(arguments[1:2]) & SCHEMA_COMMANDS else "command"


def postgres_options(limits: Limits, connect_seconds: int = CONNECT_SECONDS) -> dict[str, Any]:
    """Return driver options: the server's limits, and a dead network noticed in a minute."""
    options = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    return {
        "options": " ".join(f"-c {name}={1000 * value}" for name, value in options.items()),
        "connect_timeout": connect_seconds,
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }


def sqlite_options(limits: Limits) -> dict[str, Any]:
    """Return options of the SQLite connection, with its limit."""
    return {
        # takes the write lock at the start: SQLite does not wait for it later in a transaction
        "transaction_mode": "IMMEDIATE",
        "timeout": limits.sqlite_busy,
        # secure_delete: what is deleted is overwritten, not only marked as free
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
        ),
    }


class _Left(threading.local):
    """How many seconds the request of this thread may still wait; None outside of requests."""

    seconds: float | None = None


_left = _Left()


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Limit how long everything inside waits for the database in all.

    Within another limit it is this one or what is left of the other, whichever is less.
    """
    before = _left.seconds
    _left.seconds = seconds if before is None else min(seconds, before)
    allowed = _left.seconds
    try:
        yield
    finally:
        if before is not None:
            before -= allowed - _left.seconds
        _left.seconds = before


@contextmanager
def counted_wait(longest: float | None) -> Iterator[float | None]:
    """Yield how long one statement may take, and subtract what it took.

    `longest` is the limit of a statement; a request has no more than what is left to it.
    """
    left = _left.seconds
    # a little is always left: enough to roll back
    most = longest if left is None else max(left, 0.5)
    begun = time.monotonic()
    try:
        yield most
    finally:
        if left is not None:
            _left.seconds = left - (time.monotonic() - begun)
