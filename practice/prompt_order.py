"""Prompts in the order in which a learner should meet them: one query, whatever the bank.

Never by the alphabet: within what is equally good they stand in an order of the person and the day.
Each prompt has a number drawn once; times a factor, modulo a prime, this is another order for every
factor, and the database works it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)

from accounts.models import User
from materials.models import SHUFFLE_PRIME, ItemType, PickedTopic, Prompt, Topic
from opic.lib.clock import zone_or_default
from opic.lib.stores.prepared import Fetched, Given, PreparedQuery
from practice.models import PracticeTake
from practice.scheduling import PROMPT_GAPS, Kind, Source
from scoring.models import Response
from scoring.summaries.board import ASKED_BY

CANDIDATES = 20
# besides all unexpected ones: what tests ask everybody about
FREQUENT_TOPICS = ("home",)


@dataclass(frozen=True)
class PromptRules:
    """What the next question should be: kinds, best first; away from topics (by id); from which
    sources, best first. `wants_gap`: rather one that fills an empty place of the board, which has
    these `tasks` and lately `held` these (topic, task) pairs.
    """

    order: Sequence[str]
    topics: Sequence[int]
    wants_old: bool
    kinds: Mapping[str, Kind]
    sources: Sequence[Source]
    has_few: bool
    wants_gap: bool = False
    tasks: Sequence[str] = ()
    held: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_new(self) -> bool:
        """Return whether nothing was answered yet."""
        return not self.topics

    def fills_gap(self, prompt: Prompt) -> bool:
        """Return whether a prompt asks for what the board lacks in its topic."""
        task = ASKED_BY.get(prompt.item_type)
        return task in self.tasks and (prompt.topic.slug, task) not in self.held

    def source_of(self, prompt: Prompt) -> Source:
        """Return where the topic of a prompt that was fetched by these rules comes from."""
        # 0 is what comes first whatever its topic: the introduction of somebody new
        place = getattr(prompt, "fit", 0) - 1
        return self.sources[place] if 0 <= place < len(self.sources) else Source.OTHER


def seed_of(person: User) -> str:
    """Return the seed of all that is drawn for a person today."""
    return f"{person.pk} {person.today}"


def _factor_of(person: User) -> int:
    """Return the factor, 1 to below the prime, that makes the order of this person and day."""
    digest = sha256(seed_of(person).encode()).digest()
    return 1 + int.from_bytes(digest[:8], "big") % (SHUFFLE_PRIME - 1)


def _condition(source: Source, person: Given) -> Q:
    picked = PickedTopic.objects.filter(person=person, topic=OuterRef("topic"))
    if source is Source.SURVEY:
        return Q(Exists(picked))
    unexpected = Q(topic__kind=Topic.Kind.UNEXPECTED)
    if source is Source.UNEXPECTED:
        return unexpected
    return unexpected | Q(topic__slug__in=FREQUENT_TOPICS)


def _rows(
    kinds: int,
    topics: int,
    wants_old: bool,
    is_new: bool,
    sources: tuple[Source, ...],
    limit: int,
) -> QuerySet[Prompt]:
    """Return prompts of a step, best first: none that was asked a moment ago, by source, by kind,
    away from these topics, those not answered yet (here or in a test) before those answered longest
    ago, or the other way round. Whoever is new begins with the introduction that guests are asked.
    """
    person = Given("person", UUIDField())
    step = Given("step", PositiveSmallIntegerField())
    order = [Given(f"kind_{at}", CharField()) for at in range(kinds)]
    near = [Q(topic=Given(f"topic_{at}", BigIntegerField())) for at in range(topics)]
    takes = PracticeTake.objects.made_by(person).filter(prompt=OuterRef("pk")).order_by("-number")
    responses = Response.objects.spoken_by(person).filter(revision=OuterRef("published"))
    intro = Q(item_type=ItemType.INTRO)
    first = [When(intro, then=Value(0))] if is_new else []
    same_for_all = [Case(When(intro, then=F("key")), default=Value(""))] if is_new else []
    fits = [
        When(_condition(source, person), then=Value(at)) for at, source in enumerate(sources, 1)
    ]
    places = [When(item_type=kind, then=Value(at)) for at, kind in enumerate(order)]
    is_recent = Q(last_at__gte=Given("recent", DateTimeField()))
    last = F("last_at").asc(nulls_last=True) if wants_old else F("last_at").asc(nulls_first=True)
    turn = F("shuffle_number") * Given("factor", BigIntegerField()) % Value(SHUFFLE_PRIME)
    return (
        Prompt.objects.published()
        .at_step(step)
        .select_related("topic")
        .annotate(
            tries=Subquery(takes.values("number")[:1]),
            last_at=Subquery(responses.order_by("-recorded_at").values("recorded_at")[:1]),
            fit=Case(*first, *fits, default=Value(len(sources) + 1)),
        )
        .order_by(
            Case(When(is_recent, then=Value(1)), default=Value(0)),
            "fit",
            Case(*places, default=Value(kinds)),
            Case(*(When(one, then=Value(1)) for one in near), default=Value(0))
            if near
            else Value(0),
            last,
            *same_for_all,
            turn,
            "pk",
        )[:limit]
    )


_ROWS: PreparedQuery[Prompt] = PreparedQuery(_rows)


def fetch(person: User, step: int, rules: PromptRules, limit: int = CANDIDATES) -> Fetched[Prompt]:
    """Read the prompts of a step that fit best, in their order, with `tries`, `last_at`, `fit`."""
    return _ROWS.fetch(
        len(rules.order),
        len(rules.topics),
        rules.wants_old,
        rules.is_new,
        tuple(rules.sources),
        limit,
        person=person.pk,
        step=step,
        factor=_factor_of(person),
        recent=_recent(person),
        **{f"kind_{at}": kind for at, kind in enumerate(rules.order)},
        **{f"topic_{at}": topic for at, topic in enumerate(rules.topics)},
    )


def _recent(person: User) -> datetime:
    """Return since when an answer is too fresh for its question to come again."""
    day = person.today - timedelta(days=PROMPT_GAPS[0] - 1)
    zone = ZoneInfo(zone_or_default(person.time_zone))
    return datetime.combine(day, time.min, tzinfo=zone)
