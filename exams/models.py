"""Attempts at the exam: what a candidate says of themselves, the attempt, its items, its results.

The server owns start, deadline and order. A recording for an issued item is accepted in any order
and at any time; only advancing is ordered. Every move is one UPDATE that names the old state.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from materials.models import ItemType, PromptRevision
from opic.lib.levels import Level, cap_for, step_code
from scoring.models import FINAL, Response, Waits


class BackgroundSurvey(models.Model):
    """What a candidate says they do and like: the last answers, for sittings and exam day."""

    candidate = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="survey", primary_key=True
    )
    version = models.CharField(max_length=20)
    answers = models.JSONField(default=dict)  # parts 1-3: question -> choice
    picked = models.JSONField(default=dict)  # part 4: list -> items
    is_complete = models.BooleanField(default=False)
    before_preset = models.JSONField(null=True, blank=True)  # answers and picked, for one step back
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.version}"


class Status(models.TextChoices):
    """How far an attempt is; it is open in `OPEN` and handed in in `OVER`."""

    PREPARING = "preparing", _("being set up")
    IN_PROGRESS = "in_progress", _("going on")
    SUBMITTED = "submitted", _("handed in")
    RATED = "rated", _("finished")  # with a level or without
    ABANDONED = "abandoned", _("given up")


READABLE_AFTER = timedelta(minutes=10)  # no report waits longer for a service that is away
OPEN = (Status.PREPARING, Status.IN_PROGRESS)
OVER = (Status.SUBMITTED, Status.RATED)


def _is_due() -> Q:
    items = AttemptItem.objects.filter(attempt=OuterRef("pk"))
    news = items.filter(response__settled_at__gt=OuterRef("result__made_at"))
    grace = timezone.now() - timedelta(seconds=settings.OPIC_EXAM_GRACE_SECONDS)
    has_all = Q(~Exists(items.on_their_way())) | Q(submitted_at__lt=grace)
    nothing_pending = Q(~Exists(items.pending()), status=Status.SUBMITTED)
    return (nothing_pending & has_all) | Q(Exists(news), status=Status.RATED)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Attempts, chosen by candidate and status, and loaded for their page."""

    def taken_by(self, candidate: User) -> Self:
        """Return this candidate's attempts."""
        return self.filter(candidate=candidate)

    def open(self) -> Self:
        """Return attempts that are set up or going on."""
        return self.filter(status__in=OPEN)

    def over(self) -> Self:
        """Return attempts that were handed in."""
        return self.filter(status__in=OVER)

    def overdue(self, now: datetime | None = None) -> Self:
        """Return attempts whose time is over, and the grace for what is still being said and sent.

        Not those whose candidates were away when it ended and still get that time back: they may go
        on.
        """
        grace = timedelta(seconds=settings.OPIC_EXAM_GRACE_SECONDS)
        pause = timedelta(seconds=settings.OPIC_EXAM_BREAK_SECONDS)
        was_there = Q(seen_at__gte=F("deadline_at") - pause)
        with_break = Q(mode=Attempt.Mode.REAL, break_seconds__gt=0)
        return self.filter(
            was_there | with_break,
            status=Status.IN_PROGRESS,
            deadline_at__lt=(now or timezone.now()) - grace,
        )

    def forgotten(self, now: datetime | None = None) -> Self:
        """Return open attempts with no sign of life for `OPIC_EXAM_FORGOTTEN_DAYS`."""
        day = (now or timezone.now()) - timedelta(days=settings.OPIC_EXAM_FORGOTTEN_DAYS)
        return self.filter(status__in=OPEN, seen_at__lt=day)

    def to_close(self) -> Self:
        """Return attempts handed in with no rating near, or rated with something settled since."""
        return self.filter(_is_due())

    def for_page(self) -> Self:
        """Load assessment, result and goal, and `is_due` (whether a closing is), in one query."""
        rows = self.select_related("assessment", "result", "candidate__goal")
        return rows.annotate(is_due=Case(When(_is_due(), then=True), default=False))


class Attempt(models.Model):
    """One sitting, from set-up to report."""

    Status = Status
    MOVES: dict[str, tuple[str, ...]] = {
        Status.PREPARING: (Status.IN_PROGRESS, Status.ABANDONED),
        Status.IN_PROGRESS: (Status.SUBMITTED, Status.ABANDONED),
        Status.SUBMITTED: (Status.RATED,),
    }

    class Mode(models.TextChoices):
        """How faithful an attempt is: as the real exam, or with pauses and texts."""

        REAL = "real", _("Real exam")
        RELAXED = "relaxed", _("Relaxed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts")
    status = models.CharField(max_length=12, choices=Status, default=Status.PREPARING)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.REAL)
    survey = models.JSONField(default=dict)  # the snapshot: version, answers, picked
    blueprint_version = models.CharField(max_length=20)
    bank_revision = models.CharField(max_length=20)
    seed = models.CharField(max_length=40)
    item_count = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=1)  # the item it is at; past the last: all
    made_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)  # relaxed only
    seen_at = models.DateTimeField(default=timezone.now)
    break_seconds = models.PositiveIntegerField(default=0)  # given back, and marked
    submitted_at = models.DateTimeField(null=True, blank=True)
    is_overdue = models.BooleanField(default=False)
    result = models.ForeignKey(
        "AttemptResult", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AttemptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["candidate", "-made_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(status__in=["preparing", "in_progress"]),
                name="one_open_attempt_per_candidate",
            ),
            models.CheckConstraint(
                condition=Q(deadline_at=None) | Q(deadline_at__gt=F("started_at")),
                name="deadline_comes_after_the_start",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["in_progress", "submitted", "rated"])
                | Q(started_at__isnull=False, deadline_at__isnull=False),
                name="a_sitting_has_a_clock",
            ),
            models.CheckConstraint(
                condition=~Q(status="rated") | Q(result__isnull=False),
                name="rated_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    @property
    def is_open(self) -> bool:
        """Return whether it is being set up or going on."""
        return self.status in OPEN

    @property
    def is_over(self) -> bool:
        """Return whether it was handed in, rated by now or not."""
        return self.status in OVER

    @property
    def is_real(self) -> bool:
        """Return whether it runs as the real exam does."""
        return self.mode == self.Mode.REAL

    @property
    def cap(self) -> Level:
        """Return the highest level that its steps can show (exam facts C2)."""
        return cap_for(self.assessment.step, self.assessment.second_step)

    def move_to(self, target: str, **changes: Any) -> bool:
        """Move the status in one UPDATE that names the old one; return whether this call won."""
        if target not in self.MOVES.get(self.status, ()):
            return False
        won = Attempt.objects.filter(pk=self.pk, status=self.status).update(
            status=target, **changes
        )
        if won:
            self.refresh_from_db(fields=["status", *changes])
        return bool(won)

    def start(self) -> bool:
        """Start the clock; False where it runs already."""
        now = timezone.now()
        deadline = now + timedelta(seconds=settings.OPIC_EXAM_SECONDS)
        return self.move_to(Status.IN_PROGRESS, started_at=now, deadline_at=deadline, seen_at=now)

    def submit(self, *, is_overdue: bool = False) -> bool:
        """Hand in; False unless it is going on. `is_overdue`: because the time ran out."""
        return self.move_to(
            Status.SUBMITTED, submitted_at=timezone.now(), is_overdue=is_overdue, paused_at=None
        )

    def abandon(self) -> bool:
        """Give it up; False unless it is open."""
        return self.move_to(Status.ABANDONED)

    def advance(self, number: int) -> bool:
        """Go on from item `number`; False unless it is issued and the one the attempt is at."""
        here = Attempt.objects.filter(
            Exists(AttemptItem.objects.filter(attempt=OuterRef("pk"), number=number)),
            pk=self.pk,
            status=Status.IN_PROGRESS,
            position=number,
        )
        if not here.update(position=number + 1, seen_at=timezone.now()):
            return False
        self.position = number + 1
        return True

    def note_seen(self) -> None:
        """Note a sign of life of the page while the sitting goes on."""
        Attempt.objects.filter(pk=self.pk, status=Status.IN_PROGRESS).update(seen_at=timezone.now())


class SelfAssessment(models.Model):
    """The step chosen before the sitting, and the one after item 7; written `5-6`."""

    attempt = models.OneToOneField(
        Attempt, models.CASCADE, related_name="assessment", primary_key=True
    )
    step = models.PositiveSmallIntegerField()
    second_step = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(step__gte=1, step__lte=6), name="step_is_one_to_six"
            ),
            models.CheckConstraint(
                condition=Q(second_step=None)
                | Q(
                    second_step__gte=F("step") - 1,
                    second_step__lte=F("step") + 1,
                    second_step__range=(1, 6),
                ),
                name="readjusted_by_one_step_at_most",
            ),
        ]

    def __str__(self) -> str:
        return step_code(self.step, self.second_step)

    def readjust(self, second_step: int) -> bool:
        """Save the second step, once; False where there is one already."""
        undecided = SelfAssessment.objects.filter(pk=self.pk, second_step=None)
        if not undecided.update(second_step=second_step):
            return False
        self.second_step = second_step
        return True


class AttemptItemQuerySet(models.QuerySet["AttemptItem"]):
    """Items, chosen by how far their responses are, and loaded for the report."""

    def not_final(self) -> Self:
        """Return items for whose response a worker is still due."""
        return self.exclude(response=None).exclude(response__status__in=FINAL)

    def pending(self) -> Self:
        """Return items whose rating is near: neither final nor waiting for long."""
        waits = Q(response__waits_for__in=[Waits.VENDOR, Waits.REPLY])
        waits &= Q(response__received_at__lt=timezone.now() - READABLE_AFTER)
        waits |= Q(response__waits_for__in=[Waits.PERSON_BUDGET, Waits.SITE_BUDGET])
        return self.not_final().exclude(waits)

    def on_their_way(self) -> Self:
        """Return items left with a recording that has not arrived: it is still on the device."""
        return self.filter(response=None, left_at__isnull=False, is_skipped=False)

    def for_report(self) -> Self:
        """Load what the report prints, in the order of the numbers."""
        return self.select_related(
            "response__shown_rating", "revision__prompt__topic", "revision__prompt__combo_set"
        ).order_by("number")


class AttemptItem(models.Model):
    """A numbered place in a sitting: one prompt in one wording, and one response or none."""

    class Purpose(models.TextChoices):
        """Why an item is asked."""

        WARM_UP = "warm_up", _("warm-up")
        LEVEL_CHECK = "level_check", _("level check")
        PROBE = "probe", _("probe")

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    revision = models.ForeignKey(PromptRevision, models.PROTECT, related_name="items")
    item_type = models.CharField(max_length=8, choices=ItemType)
    block = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=12)
    purpose = models.CharField(max_length=12, choices=Purpose)
    fallback = models.CharField(max_length=20, blank=True)
    upload_key = models.UUIDField(default=uuid.uuid4)  # one for all tries to send the answer
    response = models.OneToOneField(
        Response, models.SET_NULL, null=True, blank=True, related_name="attempt_item"
    )
    left_at = models.DateTimeField(null=True, blank=True)
    is_skipped = models.BooleanField(default=False)  # left with nothing said
    is_late = models.BooleanField(default=False)
    heard_twice = models.BooleanField(default=False)
    used_hint = models.BooleanField(default=False)

    objects = AttemptItemQuerySet.as_manager()

    class Meta:
        ordering = ["attempt", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "number"], name="item_numbers_are_unique_in_an_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.number} {self.item_type}"

    @property
    def is_on_its_way(self) -> bool:
        """Return whether it was left with a recording that has not arrived."""
        return self.response_id is None and self.left_at is not None and not self.is_skipped

    @property
    def is_open(self) -> bool:
        """Return whether its response is still to come or still being rated."""
        return self.is_on_its_way if self.response is None else not self.response.is_final


class AttemptResult(models.Model):
    """What an attempt showed. It may have many: rating again adds one and keeps the old."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="results")
    # null: too little of it is rated
    level = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    level_low = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    level_high = models.PositiveSmallIntegerField(null=True, blank=True, choices=Level.choices())
    sureness = models.CharField(max_length=8, blank=True)
    is_complete = models.BooleanField(default=False)  # no better rating of an item is due
    report = models.JSONField(default=dict)
    versions = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level=None, level_low=None, level_high=None)
                | Q(level__gte=F("level_low"), level__lte=F("level_high")),
                name="a_result_lies_in_its_range_or_has_none",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {Level(self.level).name if self.level else 'no level'}"


class OfficialLevel(models.Model):
    """What the real exam said, told by a candidate: it shows how far our levels can be trusted."""

    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="official_levels"
    )
    level = models.PositiveSmallIntegerField(choices=Level.choices())
    taken_on = models.DateField()
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "taken_on"], name="one_official_level_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {Level(self.level).name} {self.taken_on}"
