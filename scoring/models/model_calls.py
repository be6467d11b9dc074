"""What each call to a model cost."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import User
from opic.lib.stores.prepared import Given
from scoring.models.responses import Response


class ModelCallQuerySet(models.QuerySet["ModelCall"]):
    """Model calls, chosen and counted as the budget needs them."""

    def since(self, moment: datetime | Given) -> Self:
        """Return calls made at this moment or later."""
        return self.filter(made_at__gte=moment)

    def of_person(self, person: User) -> Self:
        """Return calls for this person's responses."""
        return self.filter(person=person)

    def failed(self) -> Self:
        """Return calls that the service did not answer, or turned away with all others."""
        return self.filter(outcome__in=ModelCall.FAILED)

    def replied(self) -> Self:
        """Return calls that the service answered, whatever the answer was good for."""
        return self.exclude(outcome__in=[*ModelCall.FAILED, *ModelCall.UNKNOWN])

    def failed_since_reply(self) -> Self:
        """Return the calls of this set that failed after its last one that got through."""
        last = self.replied().order_by("-pk").values_list("pk", flat=True).first()
        return self.failed().filter(pk__gt=last or 0)

    def counted(self) -> Self:
        """Return hearings that cost something, or may yet.

        `answer` is the same for all calls of one response.
        """
        calls = self.filter(kind="hear", outcome__in=["ok", "open", "timeout"])
        own = Cast("response_id", models.CharField())
        return calls.annotate(answer=Coalesce(own, Cast("pk", models.CharField())))

    def rated_responses(self) -> int:
        """Return how many responses these calls were for, each counted once."""
        counts = self.counted().aggregate(count=Count("answer", distinct=True))
        return int(counts["count"])


class ModelCall(models.Model):
    """One call to a model and what it cost, failed and open ones too. It outlives the person."""

    # outcomes of calls that every other call would meet just then, and of those where it may be the
    # response
    FAILS_FOR_ALL = frozenset({"busy", "day_quota", "key", "gone", "deaf"})
    MAY_FAIL_FOR_ONE = frozenset({"down", "timeout", "unreachable"})
    FAILED = FAILS_FOR_ALL | MAY_FAIL_FOR_ONE
    # still going on, or its worker is gone: nothing is to be learnt from it
    UNKNOWN = frozenset({"open", "crashed"})

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    response = models.ForeignKey(
        Response, models.SET_NULL, null=True, blank=True, related_name="model_calls"
    )
    kind = models.CharField(max_length=8)
    model = models.CharField(max_length=80)
    outcome = models.CharField(max_length=16, default="open")
    audio_tokens = models.PositiveIntegerField(default=0)
    text_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_microdollars = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ModelCallQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "made_at"]), models.Index(fields=["made_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.model} {self.outcome}"
