"""Which cluster this process works for: set before the cluster forks, so that all of it knows."""

import time
import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Own:
    """A cluster as its own processes know it."""

    id: uuid.UUID = field(default_factory=uuid.uuid4)
    # on the monotonic clock, which all processes of a machine share
    started: float = field(default_factory=time.monotonic)

    def up_seconds(self) -> float:
        """Return the cluster's age on the monotonic clock."""
        return time.monotonic() - self.started


_own: Own | None = None


def cluster() -> Own | None:
    """Return the cluster of this process; None in web servers, commands and tests."""
    return _own


def begin(cluster: Own | None) -> None:
    """Set the cluster that this process, and every fork of it, works for."""
    global _own
    _own = cluster
