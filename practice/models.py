"""Practising: sittings, and takes on prompts."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts.models import User
from materials.models import Prompt
from scoring.models import Rating, Response

LATE = timedelta(minutes=2)  # from upload to rating: by then a page is probably closed
NEWEST_RATINGS = 300  # looked at each minute


class PracticeSessionQuerySet(models.QuerySet["PracticeSession"]):
    def held_by(self, learner: User) -> Self:
        return self.filter(learner=learner)

    def going_on(self) -> Self:
        """Not more than a pause ago."""
        pause = timedelta(minutes=settings.OPIC_PAUSE_BETWEEN_SESSIONS_MINUTES)
        return self.filter(last_take_at__gte=timezone.now() - pause)


class PracticeSession(models.Model):
    """A sitting of practice: takes with no long pause between them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_sessions"
    )
    started_at = models.DateTimeField(default=timezone.now)
    last_take_at = models.DateTimeField(default=timezone.now)

    objects = PracticeSessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["learner", "-last_take_at"])]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.started_at:%F %T}"

    @classmethod
    def join(cls, learner: User) -> "PracticeSession":
        """The sitting that is going on, or a new one."""
        session = cls.objects.held_by(learner).going_on().order_by("-last_take_at").first()
        if session is None:
            return cls.objects.create(learner=learner)
        cls.objects.filter(pk=session.pk).update(last_take_at=timezone.now())
        return session


SHOWN_OF_A_TAKE = (
    "response__audio",
    "response__measures",
    "response__needs_person",
    "response__not_before_at",
    "response__reason",
    "response__received_at",
    "response__recorded_at",
    "response__shown_rating__advice",
    "response__shown_rating__band_high",
    "response__shown_rating__band_low",
    "response__shown_rating__criteria",
    "response__shown_rating__is_weak",
    "response__shown_rating__kind",
    "response__shown_rating__level_high",
    "response__shown_rating__level_low",
    "response__shown_rating__reason",
    "response__shown_rating__source",
    "response__shown_rating__sureness",
    "response__shown_rating__versions",
    "response__status",
    "response__waits_for",
)


class PracticeTakeQuerySet(models.QuerySet["PracticeTake"]):
    def made_by(self, learner: User) -> Self:
        return self.filter(learner=learner)

    def on_prompt(self, prompt: Prompt) -> Self:
        return self.filter(prompt=prompt)

    def for_comparison(self) -> Self:
        """Everything the list of takes prints, newest first, in one query, and no column more."""
        rows = self.select_related("response__shown_rating").order_by("-number")
        return rows.only("number", "prompt", *SHOWN_OF_A_TAKE)

    def rated_late(self) -> Self:
        """Whose first rating came a moment ago, and long after the answer. The newest ratings are
        found by their numbers: no index is needed, and no query grows.
        """
        newest = Rating.objects.order_by("-pk").values("response")[:NEWEST_RATINGS]
        ratings = Rating.objects.filter(kind=Rating.Kind.RATING)
        earlier = ratings.filter(response=OuterRef("pk"), pk__lt=OuterRef("response__shown_rating"))
        return self.filter(
            ~Exists(earlier),
            pk__in=newest,
            response__shown_rating__kind=Rating.Kind.RATING,
            response__shown_rating__made_at__gt=F("response__received_at") + LATE,
            response__shown_rating__made_at__gte=timezone.now() - 5 * LATE,
        )


class PracticeTake(models.Model):
    """One try at a prompt; the number says which."""

    response = models.OneToOneField(
        Response, models.CASCADE, primary_key=True, related_name="practice_take"
    )
    session = models.ForeignKey(PracticeSession, models.CASCADE, related_name="takes")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="takes")
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="takes")
    number = models.PositiveIntegerField()

    objects = PracticeTakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "prompt", "number"], name="take_numbers_are_unique_on_a_prompt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} take {self.number}"
