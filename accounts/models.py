"""People: accounts, goals, consents, devices, days of speaking, streaks and notices."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from opic.lib.clock import day_of, is_zone
from opic.lib.levels import DEFAULT_STEP, DEFAULT_TARGET, Level


class UserManager(BaseUserManager["User"]):
    """Makes accounts by e-mail address, which is stored in lower case."""

    def _made(self, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._made(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._made(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def to_remind(self, since: date) -> models.QuerySet["User"]:
        """Return active people who spoke since this day and did not switch the reminder off.

        Ordered by id, with streak and notice settings loaded.
        """
        wanted = Q(notice_settings=None) | Q(notice_settings__push_reminder=True)
        rows = self.filter(wanted, is_active=True, streak__last_on__gte=since)
        return rows.select_related("streak", "notice_settings").order_by("pk")


class User(AbstractUser):
    """A person, signed in by e-mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul")
    # stored here as well as with the notices, so that the dot on every page costs no query
    has_unread = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def is_operator(self) -> bool:
        """Return whether the admin may be open to this person: stricter rules hold then."""
        return self.is_staff or self.is_superuser

    @property
    def today(self) -> date:
        """Return the current date in the person's own time zone."""
        return day_of(timezone.now(), self.time_zone)

    def save_zone(self, zone: str) -> None:
        """Save the time zone that the browser named; an unknown one is ignored."""
        if is_zone(zone) and zone != self.time_zone:
            self.time_zone = zone
            self.save(update_fields=["time_zone"])


def display_name(user: User) -> str:
    """Return what allauth calls a person: the name, or the first part of the address."""
    return user.get_short_name()


class Goal(models.Model):
    """What a learner aims at. Asked after the first take, never before."""

    learner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="goal", primary_key=True
    )
    target = models.PositiveSmallIntegerField(
        _("target level"), choices=Level.choices(), default=DEFAULT_TARGET.value
    )
    exam_on = models.DateField(_("exam date"), null=True, blank=True)
    step = models.PositiveSmallIntegerField(
        _("step"), choices=[(step, str(step)) for step in range(1, 7)], default=DEFAULT_STEP
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(step__gte=1, step__lte=6), name="goal_step_is_one_to_six"
            ),
            models.CheckConstraint(
                condition=Q(target__gte=1, target__lte=9), name="goal_target_is_a_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner_id}: {Level(self.target).name}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents by person, and by whether they are in force."""

    def given_by(self, person: User) -> Self:
        """Return the person's consents, withdrawn ones included."""
        return self.filter(person=person)

    def in_force(self) -> Self:
        """Return consents that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def holds(self, person: User, kind: str) -> bool:
        """Return whether the person's consent of this kind is in force."""
        return self.given_by(person).in_force().filter(kind=kind).exists()


class Consent(models.Model):
    """What someone agreed to, to which text, and when; kept when withdrawn."""

    class Kind(models.TextChoices):
        RECORDING = "recording", _("Recording and measuring my voice")
        ABROAD = "abroad", _("Sending recordings abroad to be rated")
        WORDS = "words", _("Sending the words of my answers, not my voice, to be rated")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=12, choices=Kind)
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(withdrawn_at=None),
                name="one_standing_consent_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind}"

    def withdraw(self) -> bool:
        """End the consent; return False when it was withdrawn before."""
        won = type(self).objects.filter(pk=self.pk, withdrawn_at=None)
        return bool(won.update(withdrawn_at=timezone.now()))


class DeviceSessionQuerySet(models.QuerySet["DeviceSession"]):
    """Devices by whether they are still in use."""

    def live(self, now: datetime | None = None) -> Self:
        """Return devices not signed out, and signed in within the last OPIC_DEVICE_DAYS."""
        since = (now or timezone.now()) - timedelta(days=settings.OPIC_DEVICE_DAYS)
        return self.filter(ended_at=None, seen_at__gt=since)

    def past(self, now: datetime | None = None) -> Self:
        """Return devices so long out of use that their rows may be deleted.

        A ticket of a device without a row is refused as well.
        """
        now = now or timezone.now()
        ended = now - timedelta(days=settings.OPIC_ENDED_DEVICE_DAYS)
        unseen = ended - timedelta(days=settings.OPIC_DEVICE_DAYS)
        return self.filter(Q(ended_at__lt=ended) | Q(ended_at=None, seen_at__lt=unseen))


class DeviceSession(models.Model):
    """One sign-in on one device; it outlives the row of its session.

    An upload ticket names it. Losing the session does not end it. Signing out, ending it from the
    list and OPIC_DEVICE_DAYS without being signed in do, and so does a change of the password,
    whose hash is part of the ticket.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    started_at = models.DateTimeField(default=timezone.now)
    # when a live session last asked for tickets here; an upload alone never moves it
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DeviceSessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["seen_at"])]

    def __str__(self) -> str:
        return str(self.pk)

    def end(self) -> bool:
        """Mark the device as ended; return False when it was before."""
        live = type(self).objects.filter(pk=self.pk, ended_at=None)
        return bool(live.update(ended_at=timezone.now()))


class Activity(models.Model):
    """A day on which someone really spoke: the learner's own day, by the time of recording."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="activity")
    day = models.DateField()
    responses = models.PositiveIntegerField(default=0)
    voiced_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "day"], name="one_activity_row_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"


class Streak(models.Model):
    """The latest streak, as `accounts.streaks` counted it, and the longest ever."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="streak", primary_key=True
    )
    length = models.PositiveIntegerField(default=0)
    longest = models.PositiveIntegerField(default=0)
    started_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    last_free_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(longest__gte=F("length")), name="the_longest_streak_is_the_longest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.length}"


def _hour(default: int, label: Any) -> models.PositiveSmallIntegerField[int, int]:
    """Return a column for an hour of the person's own day, 0 to 23."""
    hours = [(hour, f"{hour:02}:00") for hour in range(24)]
    return models.PositiveSmallIntegerField(label, choices=hours, default=default)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by reader, by age, and by whether their push is due."""

    def sent_to(self, person: User) -> Self:
        """Return the person's notices, read ones included."""
        return self.filter(person=person)

    def unread(self) -> Self:
        """Return notices that were not marked as read."""
        return self.filter(read_at=None)

    def for_list(self, person: User) -> Self:
        """Return the person's newest notices, at most `Notice.SHOWN`."""
        return self.sent_to(person).order_by("-made_at")[: Notice.SHOWN]

    def made_before(self, moment: datetime) -> Self:
        """Return notices that are older than this moment."""
        return self.filter(made_at__lt=moment)

    def due(self, now: datetime | None = None) -> Self:
        """Return notices whose push has not gone out yet and may be tried."""
        return self.filter(push_due_at__lte=now or timezone.now())

    def claim_push(self, notice_id: str) -> "Notice | None":
        """Claim a push that is due and count the try; None when another worker has it."""
        won = (
            self.due().filter(pk=notice_id).update(push_due_at=None, push_tries=F("push_tries") + 1)
        )
        return self.select_related("person__notice_settings").get(pk=notice_id) if won else None


class Notice(models.Model):
    """Something a person is told in the app, and perhaps by a push.

    Stored as a kind and facts: the words are made when it is read, in the reader's language.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Streak reminder")
        RESULT = "result", _("Result ready")
        REPLY = "reply", _("Comment on my answer")
        REVIEW = "review", _("Instructor's review")

    SHOWN = 50

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    # what it is about: there is one notice for each person and key
    key = models.CharField(max_length=80)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    # None: no push is wanted, or none any more
    push_due_at = models.DateTimeField(null=True, blank=True)
    push_tries = models.PositiveSmallIntegerField(default=0)
    # ids of the devices that an error kept it from; None: all devices
    push_left = models.JSONField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-made_at"]),
            models.Index(fields=["made_at"]),
            models.Index(
                fields=["push_due_at"],
                condition=Q(push_due_at__isnull=False),
                name="pushes_still_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="told_once_a_person_and_key"),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"),
                name="notice_leads_to_a_page_of_ours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.key}"

    def push_again(self, device_ids: list[int], *, at: datetime) -> None:
        """Make the push due again, for the devices (by id) that an error kept it from."""
        type(self).objects.filter(pk=self.pk).update(push_left=device_ids, push_due_at=at)


class NoticeSettings(models.Model):
    """Which notices may be pushed to a person's devices, and at which hours of their day."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_settings", primary_key=True
    )
    push_reminder = models.BooleanField(_("Remind me when my streak stands"), default=True)
    push_result = models.BooleanField(_("A result is ready"), default=True)
    push_reply = models.BooleanField(_("Someone comments on my answer"), default=True)
    push_review = models.BooleanField(_("An instructor reviews my answer"), default=True)
    reminder_hour = _hour(21, _("Reminder at"))
    quiet_from = _hour(22, _("Quiet from"))
    quiet_to = _hour(8, _("Quiet until"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reminder_hour__lt=24, quiet_from__lt=24, quiet_to__lt=24),
                name="notice_hours_are_hours_of_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.reminder_hour}:00"

    @classmethod
    def of(cls, person: User) -> "NoticeSettings":
        """Return the person's settings, or unsaved defaults where nothing was chosen yet."""
        saved = getattr(person, "notice_settings", None)
        return saved if isinstance(saved, cls) else cls(person=person)

    def wants(self, kind: str) -> bool:
        """Return whether notices of this kind may be pushed."""
        return bool(getattr(self, f"push_{kind}"))
