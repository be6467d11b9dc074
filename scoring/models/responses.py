"""A response and what was heard in it.

The row is the truth: queue entries and fragments may be lost or come twice. Every move is one
UPDATE that names the old state; settling names the claim's token, so that a task that runs twice
settles once.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User
from materials.models import PromptRevision
from opic.lib.stores.prepared import Given
from opic.operations.models import Cluster
from opic.operations.own import Own
from scoring.models.ratings import Rating
from scoring.models.states import FINAL, Status, Waits
from scoring.models.storage import audio_path, audio_storage
from scoring.reasons import Reason

# the clocks of two hosts differ by less; a time further ahead was written before a step back
CLOCKS_DIFFER = timedelta(seconds=60)


class ResponseQuerySet(models.QuerySet["Response"]):
    """Responses, chosen by speaker, status and age, and loaded for what prints them."""

    def spoken_by(self, person: User | Given) -> Self:
        """Return this speaker's responses."""
        return self.filter(speaker=person)

    def has_response_to(self, person: User, revision: PromptRevision) -> bool:
        """Return whether this person answered the same prompt, in whatever wording."""
        same = PromptRevision.objects.filter(prompt=revision.prompt_id)
        return self.spoken_by(person).filter(revision__in=same).exists()

    def with_sound(self) -> Self:
        """Return those whose recording is still stored."""
        return self.exclude(audio=None).exclude(audio="")

    def with_rating(self) -> Self:
        """Load the rating that is shown, and the last hearing (`heard`, `heard_at`): one query."""
        heard = Hearing.objects.filter(response=OuterRef("pk")).order_by("-pk")
        return self.select_related("shown_rating").annotate(
            heard=Subquery(heard.values("heard")[:1]),
            heard_at=Subquery(heard.values("made_at")[:1]),
        )

    def with_neighbours(self) -> Self:
        """Load the ids of the speaker's response before (`older`) and after (`newer`), or None."""
        here = OuterRef("recorded_at")
        mine = Response.objects.filter(speaker=OuterRef("speaker"))
        older = mine.filter(Q(recorded_at__lt=here) | Q(pk__lt=OuterRef("pk")))
        newer = mine.filter(Q(recorded_at__gt=here) | Q(pk__gt=OuterRef("pk")))
        before = older.filter(recorded_at__lte=here).order_by("-recorded_at", "-pk")
        after = newer.filter(recorded_at__gte=here).order_by("recorded_at", "pk")
        return self.annotate(
            older=Subquery(before.values("pk")[:1]), newer=Subquery(after.values("pk")[:1])
        )

    def for_list(self) -> Self:
        """Load what a list of responses prints, in one query, and no column more."""
        rows = self.select_related("revision__prompt__topic", "shown_rating")
        shown = ("kind", "level_low", "level_high")
        return rows.only(
            "recorded_at",
            "status",
            "shown_rating",
            "revision__prompt__item_type",
            "revision__prompt__topic",
            *(f"revision__prompt__topic__name_{language}" for language in ("en", "ko", "vi")),
            *(f"shown_rating__{name}" for name in shown),
        )

    def due(self, now: datetime | None = None) -> Self:
        """Return those that wait for a worker, and whose time to wait is over.

        A wait that a claim in the future has set is void: the clock has stepped back since.
        """
        now = now or timezone.now()
        is_void = Q(claimed_at__gt=now + CLOCKS_DIFFER)
        is_time = Q(not_before_at=None) | Q(not_before_at__lte=now) | is_void
        return self.filter(is_time, status=Status.UPLOADED)

    def in_line(self) -> Self:
        """Return those that wait for the rating service, or are with it after they waited."""
        return self.filter(waits_for=Waits.VENDOR, status__in=[Status.UPLOADED, Status.RATING])

    def settled_since(self, moment: datetime) -> Self:
        """Return those settled at this moment or later."""
        return self.filter(settled_at__gte=moment)

    def received_before(self, then: datetime) -> Self:
        """Return those received by then; and those of the future: the clock has stepped back."""
        future = timezone.now() + CLOCKS_DIFFER
        return self.filter(Q(received_at__lte=then) | Q(received_at__gt=future))

    def abandoned(self, now: datetime | None = None) -> Self:
        """Return those claimed by a worker that is gone.

        A cluster's claim ends with it. While it lives, the lease is counted by its own age, which
        no step of the clock changes. Only a claim without a cluster goes by the time of day.
        """
        now = now or timezone.now()
        lease = timedelta(seconds=settings.OPIC_LEASE_SECONDS)
        is_ended = Q(claimed_by__in=Cluster.objects.ended().values("pk"))
        age = Cluster.objects.filter(pk=OuterRef("claimed_by")).values("up_seconds")[:1]
        is_held_too_long = Q(claimed_up_seconds__lt=Subquery(age) - settings.OPIC_LEASE_SECONDS)
        is_void = Q(lease_until__lt=now) | Q(lease_until__gt=now + lease + CLOCKS_DIFFER)
        is_over = is_ended | is_held_too_long | (Q(claimed_by=None) & is_void)
        return self.filter(is_over, status=Status.RATING)

    def waiting_for_consent(self) -> Self:
        """Return those only measured, as their speakers had not agreed to processing abroad."""
        return self.filter(status=Status.MEASURED, waits_for=Waits.CONSENT, audio__isnull=False)

    def agreed_to_recording(self) -> Self:
        """Return those whose speakers agree to recording now."""
        mine = Consent.objects.in_force().filter(person=OuterRef("speaker"))
        return self.filter(Exists(mine.filter(kind=Consent.Kind.RECORDING)))

    def waiting_for_recording_consent(self) -> Self:
        """Return those left alone when their speakers withdrew consent, who have given it again."""
        waiting = self.filter(status__in=FINAL, waits_for=Waits.RECORDING)
        return waiting.filter(audio__isnull=False).agreed_to_recording()

    def release(self) -> int:
        """Release claims; return how many. The tries they cost stay counted."""
        return self.update(status=Status.UPLOADED, claim_token=None, lease_until=None)

    # a claim that could not be read back would belong to nobody until its lease ends
    @transaction.atomic
    def claim(self, response_id: str, cluster: Own | None = None) -> "Response | None":
        """Claim a due row for one worker, in one UPDATE: token, lease and one more try.

        None where it is gone, not due or claimed by another worker.
        """
        now = timezone.now()
        token = uuid.uuid4()
        won = (
            self.due(now)
            .filter(pk=response_id)
            .update(
                status=Status.RATING,
                claim_token=token,
                claimed_by=cluster.id if cluster else None,
                claimed_up_seconds=cluster.up_seconds() if cluster else None,
                claimed_at=now,
                lease_until=now + timedelta(seconds=settings.OPIC_LEASE_SECONDS),
                tries=F("tries") + 1,
            )
        )
        mine = self.select_related("speaker", "revision__prompt")
        return mine.get(pk=response_id) if won else None


class Response(models.Model):
    """One recorded reply to one prompt, in the wording it was asked."""

    Status = Status
    Reason = Reason

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    speaker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="responses")
    revision = models.ForeignKey(PromptRevision, models.PROTECT, related_name="responses")
    upload_key = models.UUIDField()

    audio = models.FileField(
        storage=audio_storage, upload_to=audio_path, null=True, blank=True, max_length=120
    )
    audio_sha256 = models.CharField(max_length=64, blank=True)
    audio_bytes = models.PositiveIntegerField(default=0)
    audio_expires_on = models.DateField(null=True, blank=True)
    length_ms = models.PositiveIntegerField()
    voiced_ms = models.PositiveIntegerField(default=0)
    segments = models.PositiveSmallIntegerField(default=1)
    is_partial = models.BooleanField(default=False)
    # the speaker's first answer to its prompt, or one of a sitting: shows what needed no practice
    is_first = models.BooleanField(default=False)

    recorded_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    time_zone = models.CharField(max_length=64, default="Asia/Seoul")

    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    measures = models.JSONField(null=True, blank=True)
    shown_rating = models.ForeignKey(
        Rating, models.RESTRICT, null=True, blank=True, related_name="+"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    claim_token = models.UUIDField(null=True, blank=True)
    # only workers of the release before write it: it goes when none of them can run any more
    claimed_on = models.CharField(max_length=120, blank=True)
    claimed_by = models.ForeignKey(
        Cluster, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # the cluster's age at that moment
    claimed_up_seconds = models.FloatField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before_at = models.DateTimeField(null=True, blank=True)
    waits_for = models.CharField(max_length=8, choices=Waits, blank=True)
    needs_person = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        permissions = [("listen_response", _("Can listen to and read what people said"))]
        indexes = [
            models.Index(fields=["speaker", "-recorded_at"]),
            models.Index(fields=["speaker", "revision", "-recorded_at"]),
            models.Index(
                fields=["received_at"],
                condition=Q(status__in=["uploaded", "rating"]),
                name="responses_still_open",
            ),
            models.Index(
                fields=["waits_for"], condition=~Q(waits_for=""), name="responses_that_wait"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["speaker", "upload_key"], name="one_response_a_speaker_and_upload_key"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["measured", "rated"]) | Q(shown_rating__isnull=False),
                name="measured_and_rated_show_a_rating",
            ),
            models.CheckConstraint(
                condition=~Q(status="unratable") | ~Q(reason=""),
                name="unratable_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="rating") | Q(claim_token__isnull=False),
                name="rating_has_a_claim",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        # Django's own translates every choice to find one
        return str(Status(self.status).label)

    @property
    def is_final(self) -> bool:
        """Return whether no worker is due: it is measured, rated or unratable."""
        return self.status in FINAL

    @property
    def is_waiting(self) -> bool:
        """Return whether it is final only until somebody agrees or there is budget again."""
        open_ended = (Status.MEASURED, Status.UNRATABLE)
        if self.waits_for == Waits.RECORDING and not self.audio:
            return False
        return bool(self.waits_for) and self.status in open_ended

    @property
    def length_seconds(self) -> float:
        """Return the length of the recording in seconds."""
        return self.length_ms / 1000

    def _if_mine(self, **changes: Any) -> bool:
        """Change the row only while this claim holds it; return whether it does."""
        mine = Response.objects.filter(
            pk=self.pk, status=Status.RATING, claim_token=self.claim_token
        )
        return bool(mine.update(**changes))

    def save_measures(self, measures: dict[str, Any]) -> bool:
        """Save the measures; False where the claim is somebody else's by now."""
        self.measures = measures
        return self._if_mine(measures=measures)

    def give_back(self, *, after_seconds: float, waits_for: str = "") -> bool:
        """Give the claim back and wait so long; the sweeper queues it again.

        Waiting for somebody else (`waits_for`) costs no try. False where the claim is somebody
        else's by now.
        """
        spent = {} if waits_for == Waits.NOTHING else {"tries": F("tries") - 1}
        return self._if_mine(
            status=Status.UPLOADED,
            claim_token=None,
            lease_until=None,
            not_before_at=timezone.now() + timedelta(seconds=after_seconds),
            waits_for=waits_for,
            **spent,
        )

    def show(self, rating: Rating) -> bool:
        """Show a rating while the claim goes on; False where it is somebody else's by now."""
        self.shown_rating = rating
        return self._if_mine(shown_rating=rating)

    def settle(
        self,
        status: str,
        *,
        rating: Rating | None = None,
        reason: str = "",
        waits_for: str = "",
        needs_person: bool = False,
    ) -> bool:
        """End the claim with a final status; False where it is somebody else's by now.

        Without a `rating`, what is shown stays shown.
        """
        shown: dict[str, Any] = {"shown_rating": rating} if rating else {}
        shown |= {"waits_for": waits_for, "needs_person": needs_person}
        return self._if_mine(
            status=status,
            reason=reason,
            claim_token=None,
            lease_until=None,
            not_before_at=None,
            settled_at=timezone.now(),
            **shown,
        )

    def rate_again(self) -> bool:
        """Queue a final response again, still showing what it showed.

        It only becomes due: the caller or the sweeper makes the queue's entry. False while a worker
        is due, without its recording, and without the speaker's consent.
        """
        final = Response.objects.filter(pk=self.pk, status__in=FINAL, audio__isnull=False)
        return bool(
            final.agreed_to_recording().update(
                status=Status.UPLOADED,
                reason="",
                tries=0,
                # from now on it waits: its age begins here
                not_before_at=timezone.now(),
                settled_at=None,
                waits_for="",
                needs_person=False,
            )
        )


class Hearing(models.Model):
    """What was heard: saved before anything is judged, so that a retry need not hear again.

    While hearing goes on, the row holds what was heard so far.
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="hearings")
    ears = models.CharField(max_length=40, db_column="rater")  # as workers of 0.3 write it
    model = models.CharField(max_length=80, blank=True)
    instruction_version = models.CharField(max_length=20, blank=True)
    heard = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.response_id} by {self.ears}"
