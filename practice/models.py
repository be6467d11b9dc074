"""Practice: sessions, takes on prompts, and what a learner saves: phrases, cards, stories."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from materials.models import Prompt, Topic, sort_column
from opic.lib.stores.prepared import Given
from practice.spacing import next_review
from scoring.models import Rating, Response

LATE = timedelta(minutes=2)  # from upload to rating: by then a page is probably closed
NEWEST_RATINGS = 300  # looked at each minute


class PracticeSessionQuerySet(models.QuerySet["PracticeSession"]):
    """Practice sessions, chosen by learner and time."""

    def held_by(self, learner: User) -> Self:
        """Return this learner's sessions."""
        return self.filter(learner=learner)

    def going_on(self) -> Self:
        """Return sessions whose last take was less than a pause ago.

        The pause is `OPIC_PAUSE_BETWEEN_SESSIONS_MINUTES`.
        """
        pause = timedelta(minutes=settings.OPIC_PAUSE_BETWEEN_SESSIONS_MINUTES)
        return self.filter(last_take_at__gte=timezone.now() - pause)


class PracticeSession(models.Model):
    """Takes without a long pause between them."""

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
        """Return the session that is going on, with its last take now, or a new one."""
        session = cls.objects.held_by(learner).going_on().order_by("-last_take_at").first()
        if session is None:
            return cls.objects.create(learner=learner)
        cls.objects.filter(pk=session.pk).update(last_take_at=timezone.now())
        return session


SHOWN_OF_A_TAKE = (
    "response__audio",
    "response__length_ms",
    "response__measures",
    "response__needs_person",
    "response__not_before_at",
    "response__reason",
    "response__received_at",
    "response__recorded_at",
    "response__shown_rating__advice",
    "response__shown_rating__criteria",
    "response__shown_rating__facts",
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
    """Takes, chosen by learner and prompt, and loaded for what prints them."""

    def made_by(self, learner: User | Given) -> Self:
        """Return this learner's takes."""
        return self.filter(learner=learner)

    def on_prompt(self, prompt: Prompt | Given) -> Self:
        """Return takes on this prompt, in whatever wording."""
        return self.filter(prompt=prompt)

    def for_comparison(self) -> Self:
        """Load what the list of takes prints, newest first, in one query, and no column more."""
        rows = self.select_related("response__shown_rating").order_by("-number")
        return rows.only("number", "prompt", *SHOWN_OF_A_TAKE)

    def rated_late(self) -> Self:
        """Return takes whose first rating came a moment ago, and long after the recording.

        The newest ratings are looked up by their ids: no index is needed, and the query does not
        grow.
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
    """One try at a prompt, numbered from 1 for each learner and prompt."""

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


PHRASE_LENGTH = 300


class PhraseQuerySet(models.QuerySet["Phrase"]):
    """Phrases, chosen by learner, topic and words, and loaded for the phrase book."""

    def saved_by(self, learner: User) -> Self:
        """Return the phrases in this learner's phrase book."""
        return self.filter(learner=learner)

    def of_topic(self, slug: str) -> Self:
        """Return phrases of the topic with this slug."""
        return self.filter(topic__slug=slug)

    def holding(self, words: str) -> Self:
        """Return phrases with these words in text or note, in upper or lower case."""
        return self.filter(Q(text__icontains=words) | Q(note__icontains=words))

    def saved_before(self, moment: datetime) -> Self:
        """Return phrases saved before this moment."""
        return self.filter(saved_at__lt=moment)

    def for_list(self) -> Self:
        """Load what the list prints, newest first, in one query."""
        return self.select_related("topic").order_by("-saved_at")


class Phrase(models.Model):
    """Something worth saying again, in the learner's own phrase book.

    It outlives the response that it came from: it was saved on purpose.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="phrases")
    text = models.CharField(_("phrase"), max_length=PHRASE_LENGTH)
    note = models.CharField(_("note"), max_length=PHRASE_LENGTH, blank=True)
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="phrases")
    response = models.ForeignKey(
        Response, models.SET_NULL, null=True, blank=True, related_name="phrases"
    )
    saved_at = models.DateTimeField(default=timezone.now)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["learner", "-saved_at"])]
        constraints = [
            models.UniqueConstraint("learner", Lower("text"), name="a_phrase_is_kept_once")
        ]

    def __str__(self) -> str:
        return self.text


class CardQuerySet(models.QuerySet["Card"]):
    """Cards, chosen by learner and day."""

    def held_by(self, learner: User) -> Self:
        """Return this learner's cards."""
        return self.filter(learner=learner)

    def due(self, day: date) -> Self:
        """Return the cards due on a day: the longest due first, then the lowest stage."""
        return self.filter(due_on__lte=day).order_by("due_on", "stage", "made_at", "pk")

    def coming(self, day: date) -> list[tuple[date, int]]:
        """Return (day, number of cards) for the days after this one."""
        later = self.filter(due_on__gt=day).order_by("due_on")
        return list(later.values_list("due_on").annotate(count=Count("pk")))


class Card(models.Model):
    """A sentence of the learner's own to correct, or one of a good answer with a gap to fill.

    The first is made from one correction, and deleted with the response that this was found in; the
    second of the sample response to a `prompt` that the learner has answered. `stage` counts the
    times in a row it was right; `settings.OPIC_CARD_DAYS` says how long it rests after each.
    """

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("correction")
        GAP = "gap", _("gap to fill")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="cards")
    response = models.ForeignKey(
        Response, models.CASCADE, null=True, blank=True, related_name="cards"
    )
    kind = models.CharField(
        max_length=10, choices=Kind, default=Kind.CORRECTION, db_default=Kind.CORRECTION
    )
    prompt = models.ForeignKey(Prompt, models.CASCADE, null=True, blank=True, related_name="cards")
    before = models.TextField(blank=True)  # the sentence round the quotation
    quote = models.TextField()  # of a gap: its words with their first letters alone
    after = models.TextField(blank=True)
    better = models.TextField()
    why = models.TextField(blank=True)
    stage = models.PositiveSmallIntegerField(default=0)
    due_on = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    right_count = models.PositiveIntegerField(default=0)
    wrong_count = models.PositiveIntegerField(default=0)

    objects = CardQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["learner", "due_on"])]
        constraints = [
            models.UniqueConstraint("learner", Lower("quote"), name="one_card_a_learner_and_quote")
        ]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.quote[:40]}"

    @property
    def is_gap(self) -> bool:
        """Return whether this is a gap in somebody else's sentence."""
        return self.kind == self.Kind.GAP

    @property
    def corrected(self) -> str:
        """Return the whole sentence, corrected."""
        return f"{self.before}{self.better}{self.after}"

    def answer(self, *, is_right: bool, at: datetime, on: date) -> bool:
        """Count an answer given at `at`, on the learner's day `on`; False where it does not count.

        A card takes one answer each time it is due: sent twice, or given on two devices, it counts
        once.
        """
        stage, days = next_review(self.stage, settings.OPIC_CARD_DAYS, is_right=is_right)
        count = "right_count" if is_right else "wrong_count"
        changes: dict[str, Any] = {
            "stage": stage,
            "due_on": on + timedelta(days=days),
            "last_seen_at": at,
            count: F(count) + 1,
        }
        is_new = Q(last_seen_at=None) | Q(last_seen_at__lt=at)
        open_cards = Card.objects.filter(is_new, pk=self.pk, stage=self.stage, due_on__lte=on)
        if not open_cards.update(**changes):
            return False
        self.refresh_from_db(fields=list(changes))
        return True


class StoryQuerySet(models.QuerySet["Story"]):
    """Stories, chosen by learner and topic, and loaded for the list."""

    def written_by(self, learner: User) -> Self:
        """Return this learner's stories."""
        return self.filter(learner=learner)

    def of_topic(self, slug: str) -> Self:
        """Return stories of the topic with this slug."""
        return self.filter(topic__slug=slug)

    def same_as(self, story: "Story") -> Self:
        """Return stories of the same learner and topic in the same words."""
        return self.filter(
            learner=story.learner_id,
            topic=story.topic_id,
            title=story.title,
            keywords=story.keywords,
        )

    def for_list(self) -> Self:
        """Load what the list prints, by topic, in one query."""
        return self.select_related("topic").order_by(f"topic__{sort_column()}", "title", "pk")


class Story(models.Model):
    """Keywords to tell a story of one's own by; one story serves every prompt of its topic."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="stories")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="stories")
    title = models.CharField(_("title"), max_length=80)
    keywords = models.TextField(_("keywords"), max_length=1000)
    updated_at = models.DateTimeField(auto_now=True)

    objects = StoryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["learner", "topic"])]

    def __str__(self) -> str:
        return self.title

    @property
    def lines(self) -> list[str]:
        """Return the keywords, a text for each line that has any."""
        return [line.strip() for line in self.keywords.splitlines() if line.strip()]
