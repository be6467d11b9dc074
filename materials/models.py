"""Content: topics, prompts and their revisions, sets, sample responses, and voice clips.

The words a candidate hears stand in a `PromptRevision`, never changed once published: a response
keeps the text it replied to. A prompt that anyone responded to is retired, not deleted.
"""

import hashlib
import random
import uuid
from typing import Any, Self

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from opic.lib.levels import Level
from opic.lib.stores.prepared import Given
from opic.lib.stores.sort_keys import SortKeyField


def clip_storage() -> Any:
    """Return the storage of voice clips; a function, so that no migration holds its settings."""
    return storages["clips"]


class ItemType(models.TextChoices):
    """What a prompt asks for (exam facts B1)."""

    INTRO = "INTRO", _("Introduce yourself")
    DESC = "DESC", _("Describe")
    ROUT = "ROUT", _("What you usually do")
    DET = "DET", _("Details and preferences")
    PAST = "PAST", _("Something that happened")
    MEM = "MEM", _("A memorable experience")
    CHG = "CHG", _("How it changed")
    CMP = "CMP", _("Compare")
    ISSUE = "ISSUE", _("An issue people discuss")
    RP_ASK = "RP_ASK", _("Role play: ask")
    RP_SOLVE = "RP_SOLVE", _("Role play: solve a problem")
    RP_EXP = "RP_EXP", _("Role play: your own story")
    ASK_AVA = "ASK_AVA", _("Ask Ava")


# types that ask for a function of the Advanced levels
PROBES_ADVANCED = frozenset(
    {
        ItemType.PAST,
        ItemType.MEM,
        ItemType.CHG,
        ItemType.CMP,
        ItemType.ISSUE,
        ItemType.RP_SOLVE,
        ItemType.RP_EXP,
    }
)


def name_column() -> str:
    """Return the name of the column with a name in the reader's language, else `name_en`."""
    code = (get_language() or "en")[:2]
    return f"name_{code}" if code in ("ko", "vi") else "name_en"


def sort_column() -> str:
    """Return the name of the column that sorts names in the reader's language."""
    return name_column().replace("name", "sort")


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics in the order of the reader's language, and as choices of a form."""

    def by_name(self) -> Self:
        """Return topics sorted by their names, as the reader's language sorts."""
        return self.order_by(sort_column(), "slug")

    def as_choices(self) -> list[tuple[str, str]]:
        """Return (slug, name in the reader's language) pairs; no row becomes an object."""
        return list(self.by_name().values_list("slug", name_column()))


class Topic(models.Model):
    """A subject of prompts. Packs and surveys name it by its slug."""

    class Kind(models.TextChoices):
        SURVEY = "survey", _("Survey topic")
        IDENTITY = "identity", _("About you")
        UNEXPECTED = "unexpected", _("Unexpected topic")

    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    name_en = models.CharField(max_length=80)
    name_ko = models.CharField(max_length=80)
    name_vi = models.CharField(max_length=80)
    sort_en = SortKeyField(of="name_en", language="en")
    sort_ko = SortKeyField(of="name_ko", language="ko")
    sort_vi = SortKeyField(of="name_vi", language="vi")

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["sort_en"]

    def __str__(self) -> str:
        return self.name_en

    @property
    def name(self) -> str:
        """Return the name in the reader's language."""
        return str(getattr(self, name_column()))


class PickedTopicQuerySet(models.QuerySet["PickedTopic"]):
    """Picked topics, chosen by person."""

    def picked_by(self, person: User | Given) -> Self:
        """Return the topics that this person picked."""
        return self.filter(person=person)


class PickedTopic(models.Model):
    """A topic that a person's survey opens: what they are asked about in practice."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="picked_topics"
    )
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="picks")

    objects = PickedTopicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "topic"], name="a_person_picks_a_topic_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.topic_id}"


class ComboSet(models.Model):
    """Prompts that only make sense in a row: a role play in three parts, or a pair."""

    class Kind(models.TextChoices):
        ROLE_PLAY = "ROLE_PLAY", _("Role play")
        PAIR = "PAIR", _("Compare and issue")

    key = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="sets")
    name_en = models.CharField(max_length=80)
    name_ko = models.CharField(max_length=80)
    name_vi = models.CharField(max_length=80)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name_en


class PromptQuerySet(models.QuerySet["Prompt"]):
    """Prompts by state, step, topic and type."""

    def published(self) -> Self:
        """Return prompts that can be asked: a wording is published, none is retired."""
        return self.filter(published__isnull=False, retired_at=None)

    def at_step(self, step: int | Given) -> Self:
        """Return prompts that fit this self-assessment step, 1 to 6."""
        return self.filter(min_step__lte=step, max_step__gte=step)

    def of_topic(self, slug: str) -> Self:
        """Return prompts of the topic with this slug."""
        return self.filter(topic__slug=slug)

    def of_type(self, item_type: str) -> Self:
        """Return prompts of this `ItemType`."""
        return self.filter(item_type=item_type)

    def with_voice(self) -> Self:
        """Load topic, published wording and its clips in the same query."""
        return self.select_related("topic", "published__clip", "published__spare_clip")


# more than a bank has prompts, and a prime: multiplied and divided by it, numbers stay different
SHUFFLE_PRIME = 1_000_003


def draw_shuffle_number() -> int:
    """Return a number by chance, from 1 to below `SHUFFLE_PRIME`."""
    return random.randrange(1, SHUFFLE_PRIME)


class Prompt(models.Model):
    """One thing the interviewer can ask, whatever its present wording."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=80, unique=True)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="prompts")
    item_type = models.CharField(max_length=8, choices=ItemType)
    min_step = models.PositiveSmallIntegerField(_("from step"))
    max_step = models.PositiveSmallIntegerField(_("to step"))
    combo_set = models.ForeignKey(
        ComboSet, models.PROTECT, null=True, blank=True, related_name="prompts"
    )
    place_in_set = models.PositiveSmallIntegerField(default=0)
    published = models.ForeignKey(
        "PromptRevision", models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    is_built_in = models.BooleanField(_("from our packs"), default=False, editable=False)
    # drawn once: (number x factor) modulo the prime is another order for each factor
    shuffle_number = models.BigIntegerField(default=draw_shuffle_number, editable=False)

    objects = PromptQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        indexes = [models.Index(fields=["item_type", "min_step", "max_step"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_step__gte=1, max_step__lte=6, min_step__lte=F("max_step")),
                name="prompt_steps_are_a_range_in_one_to_six",
            )
        ]

    def __str__(self) -> str:
        return self.key

    def get_item_type_display(self) -> str:  # type: ignore[no-redef]
        # Django's own translates every choice to find one
        return str(ItemType(self.item_type).label)

    @property
    def probes_advanced(self) -> bool:
        """Return whether it asks for a function of the Advanced levels."""
        return self.item_type in PROBES_ADVANCED

    @property
    def latest(self) -> "PromptRevision | None":
        """Return the newest revision, published or not; None where there is none."""
        return self.revisions.order_by("-number").first()

    def retire(self) -> bool:
        """Take the prompt out of use; return False when it was before."""
        live = type(self).objects.filter(pk=self.pk, retired_at=None)
        return bool(live.update(retired_at=timezone.now()))

    def restore(self) -> bool:
        """Bring a retired prompt back into use; return False when it was not retired."""
        gone = type(self).objects.filter(pk=self.pk).exclude(retired_at=None)
        return bool(gone.update(retired_at=None))


class VoiceClip(models.Model):
    """A text read aloud once and stored for good: one row a (text, voice, rate)."""

    class Source(models.TextChoices):
        HUMAN = "human", _("recorded by a person")
        NEURAL = "neural", _("neural voice")
        ESPEAK = "espeak", _("built-in voice")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text_sha256 = models.CharField(max_length=64)
    voice = models.CharField(max_length=40)
    rate = models.PositiveSmallIntegerField(help_text=_("words a minute"))
    source = models.CharField(max_length=8, choices=Source)
    file = models.FileField(storage=clip_storage, upload_to="voices/", max_length=120)
    seconds = models.FloatField()
    size_bytes = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["text_sha256", "voice", "rate"], name="one_clip_a_text_voice_and_rate"
            )
        ]

    def __str__(self) -> str:
        return f"{self.voice} {self.text_sha256[:8]}"


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal digits; stored clips are looked up by it."""
    return hashlib.sha256(text.encode()).hexdigest()


class SpokenText(models.Model):
    """A text with its stored voices: `clip`, the good one, and `spare_clip`, the built-in one."""

    text = models.TextField(_("text"))
    clip = models.ForeignKey(VoiceClip, models.SET_NULL, null=True, blank=True, related_name="+")
    spare_clip = models.ForeignKey(
        VoiceClip, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def best_clip(self) -> VoiceClip | None:
        """Return the good clip if there is one, else the spare one or None."""
        return self.clip or self.spare_clip

    @property
    def best_clip_id(self) -> uuid.UUID | None:
        """Return the id of `best_clip` without loading it."""
        return self.clip_id or self.spare_clip_id

    @property
    def is_voiced(self) -> bool:
        """Return whether any clip reads this text aloud."""
        return bool(self.clip_id or self.spare_clip_id)


class PromptRevision(SpokenText):
    """One wording of a prompt, numbered from 1; never changed once published."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField(default=1)
    points = models.JSONField(_("points a good answer contains"), default=list)
    expressions = models.JSONField(_("useful expressions"), default=list)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["prompt_id", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "number"], name="revision_numbers_are_unique_in_a_prompt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} r{self.number}"

    @property
    def is_published(self) -> bool:
        """Return whether this is the wording that candidates hear."""
        return self.prompt.published_id == self.pk

    def publish(self) -> bool:
        """Make this the wording that candidates hear; return False while nothing reads it aloud."""
        if not self.is_voiced:
            return False
        Prompt.objects.filter(pk=self.prompt_id).update(published=self)
        return True


class SampleResponse(SpokenText):
    """A model reply to a prompt, at a level, shown after the learner's first take."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="samples")
    level = models.PositiveSmallIntegerField(choices=Level.choices(), default=Level.IH.value)
    is_published = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "level"], name="one_sample_a_prompt_and_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} {Level(self.level).name}"
