"""Where a learner stands in practice, and what to take up next."""

from typing import Any

from django.conf import settings

from accounts.models import Consent, User
from materials.models import ItemType, Prompt
from opic.lib.levels import DEFAULT_STEP, DEFAULT_TARGET, Level
from practice.models import PracticeTake
from scoring import ledger
from scoring.rated import level_text
from scoring.tasks import EMBEDDED

LAST = 5


class Standing:
    """Consent and goal of a learner, read together because every page of practice needs both."""

    def __init__(self, person: User) -> None:
        consent = Consent.objects.given_by(person).standing().filter(kind=Consent.Kind.RECORDING)
        columns = ["person__goal__target", "person__goal__step"]
        more = ledger.with_use_of(person) if settings.OPIC_RATER != EMBEDDED else {}
        row = consent.annotate(**more).values(*columns, *more).first()
        self.may_record = row is not None
        target, step = (row[name] for name in columns) if row else (None, None)
        self.rated_left = ledger.left_of(row) if row and more else None
        self.has_goal = target is not None
        self.target = Level(target or DEFAULT_TARGET)
        self.step = step or DEFAULT_STEP


def first_prompt(step: int = DEFAULT_STEP) -> Prompt | None:
    """What a newcomer is asked, and a guest: an introduction."""
    fitting = Prompt.objects.published().at_step(step)
    return fitting.of_type(ItemType.INTRO).order_by("key").first() or fitting.first()


def next_prompt(person: User, step: int) -> Prompt | None:
    """First an introduction; then something not tried yet, away from the topics of the last
    takes.
    """
    mine = PracticeTake.objects.made_by(person)
    fitting = Prompt.objects.published().at_step(step)
    untried = fitting.exclude(pk__in=mine.values("prompt"))
    recent = mine.order_by("-response__received_at").values_list("prompt__topic_id", flat=True)[
        :LAST
    ]
    topics = list(recent)
    if not topics:
        return first_prompt(step)
    fresh = untried.exclude(topic__in=topics).exclude(item_type=ItemType.INTRO)
    return fresh.order_by("pk").first() or untried.first() or fitting.order_by("pk").first()


def home_for(person: User) -> dict[str, Any]:
    standing = Standing(person)
    takes = PracticeTake.objects.made_by(person).select_related(
        "response__shown_rating", "prompt__topic"
    )
    return {
        "standing": standing,
        "next_prompt": next_prompt(person, standing.step),
        "last_takes": [
            (take, level_text(take.response.shown_rating) or take.response.get_status_display())
            for take in takes.order_by("-response__received_at")[:LAST]
        ],
    }
