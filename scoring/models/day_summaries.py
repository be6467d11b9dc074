"""A day's answers in figures, so that no page has to read them all again."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from opic.lib.stores.prepared import Given


class DaySummaryQuerySet(models.QuerySet["DaySummary"]):
    def of_person(self, person: User | Given) -> Self:
        return self.filter(speaker=person)

    def since(self, day: date | Given) -> Self:
        return self.filter(day__gte=day)


class DaySummary(models.Model):
    """One row a speaker and day, the learner's own by the time of recording.

    Made anew from that day's answers whenever one of them settles, changes or goes
    (`scoring.summaries.days`); `facts` is what `scoring.summaries.facts` says of them.
    """

    speaker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="day_summaries"
    )
    day = models.DateField()
    answers = models.PositiveIntegerField(default=0)
    first_takes = models.PositiveIntegerField(default=0)
    voiced_ms = models.PositiveBigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    objects = DaySummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "day summaries"
        constraints = [
            models.UniqueConstraint(fields=["speaker", "day"], name="one_summary_a_speaker_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.speaker_id} {self.day}"
