"""Corrections that a person did not say so: nothing is corrected against their word."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from scoring.models.responses import Response


class DismissedCorrectionQuerySet(models.QuerySet["DismissedCorrection"]):
    """Dismissed corrections, chosen by person and response."""

    def of_person(self, person: User) -> Self:
        """Return those that this person dismissed."""
        return self.filter(person=person)

    def of_response(self, response: Response) -> Self:
        """Return those of one response."""
        return self.filter(response=response)


class DismissedCorrection(models.Model):
    """One correction of one response, taken away by the person who spoke: "I did not say this"."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="dismissed_corrections"
    )
    response = models.ForeignKey(Response, models.CASCADE, related_name="dismissed_corrections")
    kind = models.CharField(max_length=40)
    start = models.PositiveIntegerField()  # its first character in the transcript
    dismissed_at = models.DateTimeField(default=timezone.now)

    objects = DismissedCorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "kind", "start"], name="a_correction_is_dismissed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.kind} at {self.start}"
