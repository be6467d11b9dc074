"""A day's responses in figures, so that no page has to read them all again."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from opic.lib.stores.prepared import Given


class DaySummaryQuerySet(models.QuerySet["DaySummary"]):
    """Day summaries, chosen by speaker and day."""

    def of_person(self, person: User | Given) -> Self:
        """Return the days on which this person spoke."""
        return self.filter(speaker=person)

    def since(self, day: date | Given) -> Self:
        """Return this day and the ones after it."""
        return self.filter(day__gte=day)


class DaySummary(models.Model):
    """One row for each speaker and day: the speaker's own day, by the time of recording.

    Made anew from that day's responses whenever one of them settles, changes or is deleted
    (`scoring.summaries.days`). `facts` is what `scoring.summaries.facts` makes of them, and `board`
    what `scoring.summaries.board` does: it holds words of the responses.
    """

    speaker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="day_summaries"
    )
    day = models.DateField()
    answers = models.PositiveIntegerField(default=0)
    first_takes = models.PositiveIntegerField(default=0)
    voiced_ms = models.PositiveBigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    board = models.JSONField(default=dict, db_default={})
    made_at = models.DateTimeField(default=timezone.now)

    objects = DaySummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "day summaries"
        constraints = [
            models.UniqueConstraint(fields=["speaker", "day"], name="one_summary_a_speaker_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.speaker_id} {self.day}"
