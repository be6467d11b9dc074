"""What was found in a response, by machines and by people."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from opic.lib.levels import Level
from scoring.models.storage import audio_storage
from scoring.reasons import Reason


class RatingQuerySet(models.QuerySet["Rating"]):
    """Ratings, chosen by who gave them."""

    def by_people(self) -> Self:
        """Return those that a person gave and did not take back."""
        return self.filter(source=Rating.Source.PERSON, retracted_at=None)


class Rating(models.Model):
    """A level range with its evidence, or a delivery band without a level.

    A response may have many; `Response.shown_rating` is the one people see.
    """

    class Source(models.TextChoices):
        """Who gave a rating."""

        MACHINE = "machine", _("machine")
        PERSON = "person", _("person")

    class Kind(models.TextChoices):
        """Whether a rating has a level range, or a delivery band alone."""

        RATING = "rating", _("rating")
        MEASURE = "measure", _("delivery band")

    response = models.ForeignKey("Response", models.CASCADE, related_name="ratings")
    source = models.CharField(max_length=8, choices=Source, default=Source.MACHINE)
    kind = models.CharField(max_length=8, choices=Kind)
    rater = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    retracted_at = models.DateTimeField(null=True, blank=True)
    level_low = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    level_high = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    level = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    sureness = models.CharField(max_length=8, blank=True)
    is_weak = models.BooleanField(default=False)
    cache_key = models.CharField(max_length=64, blank=True)
    # the answer one step up, read aloud; as private as the answer, and gone with it
    spoken = models.FileField(storage=audio_storage, null=True, blank=True, max_length=120)
    band_low = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    band_high = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    criteria = models.JSONField(default=dict)
    advice = models.JSONField(default=dict)
    # what the built-in judge read from the words: keys, numbers and quotations, no sentences
    facts = models.JSONField(default=dict, db_default={})
    versions = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["cache_key"], condition=~Q(cache_key=""), name="ratings_by_cache_key"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="measure", level_low=None, level_high=None, band_low__isnull=False)
                | Q(kind="rating", level_low__isnull=False, level_high__gte=F("level_low")),
                name="a_measure_has_a_band_and_no_level",
            ),
            models.CheckConstraint(
                condition=~Q(kind="measure")
                | Q(band_high__gte=F("band_low") + 3, band_high__lte=Level.IH.value),
                name="a_band_is_four_grades_wide_and_ends_at_ih",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.kind}"

    @property
    def unratable_before(self) -> str:
        """Return why the response was unratable before a person rated it."""
        return str(self.versions.get("unratable_before", Reason.GAVE_UP))
