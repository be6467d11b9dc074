"""What a guest said: heard once, shown on the page it came from, and deleted within the hour.

Nothing in the row is of a person: no account, no address, no name. Who holds the signed mark of its
id sees it, and nobody else.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from materials.models import PromptRevision
from scoring.models.responses import CLOCKS_DIFFER
from scoring.models.states import FINAL, Status
from scoring.models.storage import audio_storage
from scoring.reasons import Reason

FOLDER = "guests"
# the sweeper comes every five minutes, so that all is gone within the hour
LIFE = timedelta(minutes=50)
AT_ONCE = 1  # of all workers: the others are left to those who learn here


def guest_path(guest: Any, _name: str) -> str:
    """Return where the recording of a guest belongs in the storage."""
    return f"{FOLDER}/{guest.pk}.m4a"


class GuestResponseQuerySet(models.QuerySet["GuestResponse"]):
    """Answers of guests, by age and by whether a worker is due."""

    def live(self, now: datetime | None = None) -> Self:
        """Return those that may be read; one far ahead was written before the clock went back."""
        now = now or timezone.now()
        return self.filter(received_at__gt=now - LIFE, received_at__lte=now + CLOCKS_DIFFER)

    def expired(self, now: datetime | None = None) -> Self:
        """Return those to delete: all that are not live."""
        return self.exclude(pk__in=self.live(now).values("pk"))

    def due(self, now: datetime | None = None) -> Self:
        """Return those that wait for a worker, or whose worker is long gone."""
        now = now or timezone.now()
        is_left = Q(status=Status.RATING, lease_until__lte=now)
        is_time = Q(not_before_at=None) | Q(not_before_at__lte=now)
        return self.live(now).filter(is_left | (is_time & Q(status=Status.UPLOADED)))

    def claim(self, guest_id: str) -> "GuestResponse | None":
        """Claim a due row for one worker, in one UPDATE: token, lease and one more try.

        None where it is gone, not due, or as many as may be are heard already.
        """
        now = timezone.now()
        if self.filter(status=Status.RATING, lease_until__gt=now).count() >= AT_ONCE:
            return None
        won = (
            self.due(now)
            .filter(pk=guest_id)
            .update(
                status=Status.RATING,
                claim_token=uuid.uuid4(),
                lease_until=now + timedelta(seconds=settings.OPIC_LEASE_SECONDS),
                tries=F("tries") + 1,
            )
        )
        return self.select_related("revision__prompt").get(pk=guest_id) if won else None


class GuestResponse(models.Model):
    """One answer of somebody without an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.ForeignKey(PromptRevision, models.CASCADE, related_name="+")
    # until it was heard: nobody plays it from here, its speaker has it on the device
    audio = models.FileField(
        storage=audio_storage, upload_to=guest_path, null=True, blank=True, max_length=120
    )
    length_ms = models.PositiveIntegerField()
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    measures = models.JSONField(null=True, blank=True)
    heard = models.JSONField(null=True, blank=True)  # so far, while it is being heard
    facts = models.JSONField(default=dict, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    claim_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before_at = models.DateTimeField(null=True, blank=True)

    objects = GuestResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="rating") | Q(claim_token__isnull=False),
                name="heard_guest_has_a_claim",
            ),
            models.CheckConstraint(
                condition=~Q(status="rated"), name="a_guest_is_measured_and_never_rated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    @property
    def is_final(self) -> bool:
        """Return whether no worker is due."""
        return self.status in FINAL

    def save_if_mine(self, **changes: Any) -> bool:
        """Change the row only while this claim holds it; False where it is gone, or another's."""
        mine = GuestResponse.objects.filter(
            pk=self.pk, status=Status.RATING, claim_token=self.claim_token
        )
        return bool(mine.update(**changes))

    def _end_claim(self, status: str, **changes: Any) -> bool:
        return self.save_if_mine(status=status, claim_token=None, lease_until=None, **changes)

    def give_back(self, *, after_seconds: float = 0, costs_a_try: bool = True) -> bool:
        """Give the claim back, to be taken up so many seconds later; False where it is lost."""
        at = timezone.now() + timedelta(seconds=after_seconds) if after_seconds else None
        tries = self.tries if costs_a_try else max(self.tries - 1, 0)
        return self._end_claim(Status.UPLOADED, not_before_at=at, tries=tries)

    def settle(self, status: str, *, reason: str = "", facts: dict[str, Any] | None = None) -> bool:
        """End the claim with a final status; the row names its recording no more.

        False where the claim is somebody else's by now.
        """
        return self._end_claim(
            status, reason=reason, facts=facts or {}, heard=None, audio=None, not_before_at=None
        )
