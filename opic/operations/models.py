"""Rows that tell whether the work is being done: one a queue cluster, one a clockwork task.

Both are read by the health pages of every host and written by queue clusters only.
"""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone


class ClusterQuerySet(models.QuerySet["Cluster"]):
    """Clusters by whether they have ended."""

    def not_ended(self) -> Self:
        """Return clusters that neither ended in order nor were found dead."""
        return self.filter(ended_at=None)

    def ended(self) -> Self:
        """Return those that ended in order, and those that others found dead."""
        return self.exclude(ended_at=None)


class Cluster(models.Model):
    """One queue cluster, from its start to its end. Claims belong to it, not to a host name.

    `ended_at` is written once: by the cluster itself, or by another one that found it dead. A
    cluster that finds itself ended has lost its claims and starts anew under another id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=120)
    # kernel, boot and process namespace: where `pid` means something
    place = models.CharField(max_length=80, blank=True, default="")
    # of its process group
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)
    # written by a process of the cluster itself, whatever its workers do
    beat_at = models.DateTimeField(default=timezone.now)
    # its age at that beat on its own monotonic clock: what leases are measured with
    up_seconds = models.FloatField(default=0)
    # written by a task that came through the queue
    worked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ClusterQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["beat_at"], condition=models.Q(ended_at=None), name="clusters_not_ended"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"


class ClockworkTask(models.Model):
    """A task that runs every so many seconds, on whichever cluster wins its row."""

    name = models.CharField(max_length=200, primary_key=True)
    period_seconds = models.PositiveIntegerField()
    added_at = models.DateTimeField(default=timezone.now)
    last_started_at = models.DateTimeField(null=True, blank=True)
    # only a run that raised no error finishes
    last_finished_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        Cluster, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    def last_seen_at(self) -> datetime:
        """Return when it last finished; before the first time, when its row was made."""
        return self.last_finished_at or self.added_at
