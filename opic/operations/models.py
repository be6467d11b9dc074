"""Rows that tell whether the work is being done: one a queue cluster, one a clockwork task.

Both are read by the health pages of every host and written by queue clusters only.
"""

import uuid

from django.db import models
from django.utils import timezone


class Cluster(models.Model):
    """One queue cluster, from its start to its end. Claims belong to it, not to a host name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)
    # written by the parent process itself
    beat_at = models.DateTimeField(default=timezone.now)
    # written by a task that came through the queue
    worked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

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
    last_started_at = models.DateTimeField(null=True, blank=True)
    last_finished_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        Cluster, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
