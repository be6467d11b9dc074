"""The rows of clusters: written by their own, and ended by others when they fall silent.

The clocks of two hosts are never compared: a cluster is silent when another one has looked at its
row for OPIC_SILENT_SECONDS, on its own monotonic clock, and saw no change.
"""

import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

import opic
from opic.lib import processes
from opic.lib.engine.gauges import Gauges, Standstill
from opic.operations.models import Cluster
from opic.operations.own import Own


class Ended(Exception):
    """Another cluster found this one dead and took its claims."""


def write_row(own: Own, group: int) -> None:
    """Write a cluster's row at its start; a heartbeat process that replaces another finds it."""
    Cluster.objects.get_or_create(
        pk=own.id,
        defaults={
            "host": socket.gethostname()[:120],
            "place": processes.place(),
            "pid": group,
            "version": opic.__version__,
        },
    )


def beat(own: Own, gauges: Gauges, group: int) -> None:
    """Save that this cluster lives, and when its workers last ended a task.

    Raises Ended where another cluster found this one dead.
    """
    now = timezone.now()
    values: dict[str, object] = {"beat_at": now, "up_seconds": own.up_seconds()}
    if gauges["ended_at"]:
        values["worked_at"] = now - timedelta(seconds=time.monotonic() - gauges["ended_at"])
    if Cluster.objects.not_ended().filter(pk=own.id).update(**values):
        return
    if Cluster.objects.ended().filter(pk=own.id).exists():
        raise Ended
    # the row went with a restored or emptied database
    write_row(own, group)


def end(own: Own) -> None:
    """Mark this cluster as ended, unless another one did before."""
    Cluster.objects.not_ended().filter(pk=own.id).update(ended_at=timezone.now())


def forget_old() -> None:
    """Delete rows of clusters that ended a week ago."""
    Cluster.objects.filter(ended_at__lt=timezone.now() - timedelta(days=7)).delete()


@dataclass
class Watch:
    """What one cluster has seen of the others since it started."""

    own_id: uuid.UUID
    clock: Callable[[], float] = time.monotonic
    seen: dict[uuid.UUID, Standstill] = field(default_factory=dict)

    def end_silent(self) -> int:
        """End the clusters that are dead; return how many. Each is ended by one other only."""
        others = list(Cluster.objects.not_ended().exclude(pk=self.own_id))
        self.seen = {row.pk: self.seen.get(row.pk, self._stranger()) for row in others}
        return sum(self._end(row) for row in others if self._is_dead(row))

    def _stranger(self) -> Standstill:
        # after a late look only this much counts: it may be this cluster that was paused
        return Standstill(longest_look=1.5 * settings.OPIC_BEAT_SECONDS)

    def _is_dead(self, row: Cluster) -> bool:
        silent = self.seen[row.pk].look(self.clock(), stands=True, progress=row.beat_at.timestamp())
        return silent >= settings.OPIC_SILENT_SECONDS or self._is_gone(row)

    def _is_gone(self, row: Cluster) -> bool:
        """Return whether none of its processes is left, which only its own machine can say."""
        here = processes.place()
        return bool(here) and row.place == here and not processes.is_group_alive(row.pid)

    def _end(self, row: Cluster) -> int:
        # by the beat that was seen: one that came meanwhile proves it alive
        seen: datetime = row.beat_at
        same = Cluster.objects.not_ended().filter(pk=row.pk, beat_at=seen)
        return same.update(ended_at=timezone.now())
