"""A long past in a few seconds: answers, ratings, takes and days of one person, by bulk insert."""

import random
import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts import streaks
from accounts.models import Activity, User
from materials.bank import load
from materials.models import PROBES_ADVANCED, Prompt, PromptRevision
from materials.packs_reader import read_bank
from opic.lib.clock import day_of
from practice.models import PracticeSession, PracticeTake
from scoring.models import Rating, Response, Status
from scoring.summaries import days
from scoring.summaries.facts import Shown
from tests.benchmarks.seed import signed_in
from tests.factories import MEASURES, make_clip, make_goal, make_user

AT_ONCE = 2000
VOICED_MS = 40_000
SITTING = 5  # one answer of so many belongs to a test, and counts as a first take


def whole_bank() -> list[Prompt]:
    """The built-in bank, published, everything with one clip."""
    load(read_bank())
    clip = make_clip()
    PromptRevision.objects.update(spare_clip=clip)
    for revision in PromptRevision.objects.filter(prompt__retired_at=None):
        Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)
    return list(Prompt.objects.published().order_by("key"))


def _moments(count: int, days: int) -> list[datetime]:
    """Spread over so many days up to today, oldest first; not before this day began in Seoul."""
    now = timezone.now()
    each = -(-count // days)
    moments = [
        now - timedelta(days=day, seconds=5 * at) for day in range(days) for at in range(each)
    ]
    return sorted(moments[:count])


def _rating(response: Response, prompt: Prompt, better: float, rng: random.Random) -> Rating:
    """Judgements that grow a little better with time."""
    weights = (1 + 3 * better, 1, 1.2 - better)
    lower = "".join(rng.choices("MMP", weights, k=5))
    upper = "".join(rng.choices("MPN", weights, k=5)) if _probes(prompt) else ""
    level = rng.choice([5, 6, 6, 7])
    return Rating(
        response=response,
        kind="rating",
        rater="gemini",
        level=level,
        level_low=level - 1,
        level_high=level,
        points=round(100 * (level - 1) / 8) + rng.randint(-8, 8),
        sureness="quite",
        criteria=Shown(prompt.item_type, lower, upper, False, level, False).criteria(),
    )


def _probes(prompt: Prompt) -> bool:
    return prompt.item_type in PROBES_ADVANCED


def _measures(better: float, rng: random.Random) -> dict[str, Any]:
    return {
        **MEASURES,
        "words_per_minute": round(60 + 30 * better + rng.uniform(-8, 8), 1),
        "mean_run_seconds": round(1.6 + better + rng.uniform(-0.3, 0.3), 2),
        "mean_pause_seconds": round(1.4 - 0.6 * better + rng.uniform(-0.2, 0.2), 2),
    }


def speak(person: User, prompts: list[Prompt], count: int, on_days: int) -> None:
    """So many rated answers, each a take, over so many days up to today."""
    rng = random.Random(count)
    session = PracticeSession.objects.create(learner=person)
    tries: Counter[Any] = Counter()
    moments = _moments(count, on_days)
    for start in range(0, count, AT_ONCE):
        part = list(enumerate(moments[start : start + AT_ONCE], start=start))
        chosen = [rng.choice(prompts) for _ in part]
        made = []
        for (at, moment), prompt in zip(part, chosen, strict=True):
            tries[prompt.pk] += 1
            made.append(
                Response(
                    speaker=person,
                    revision_id=prompt.published_id,
                    upload_key=uuid.uuid4(),
                    length_ms=62_000,
                    voiced_ms=VOICED_MS,
                    recorded_at=moment,
                    received_at=moment,
                    is_first=tries[prompt.pk] == 1 or at % SITTING == 0,
                    measures=_measures(at / count, rng),
                )
            )
        Response.objects.bulk_create(made)
        pairs = list(zip(made, chosen, strict=True))
        Rating.objects.bulk_create(
            _rating(response, prompt, (start + at) / count, rng)
            for at, (response, prompt) in enumerate(pairs)
        )
        left = Counter(prompt.pk for prompt in chosen)
        takes = []
        for response, prompt in pairs:
            left[prompt.pk] -= 1
            takes.append(
                PracticeTake(
                    response=response,
                    session=session,
                    learner=person,
                    prompt=prompt,
                    number=tries[prompt.pk] - left[prompt.pk],
                )
            )
        PracticeTake.objects.bulk_create(takes)
    own = Rating.objects.filter(response=OuterRef("pk")).values("pk")[:1]
    mine = Response.objects.spoken_by(person).filter(status=Status.UPLOADED)
    mine.update(shown_rating=Subquery(own), status=Status.RATED, settled_at=timezone.now())
    _days(person, moments)


def _days(person: User, moments: list[datetime]) -> None:
    counts = Counter(day_of(moment, person.time_zone) for moment in moments)
    Activity.objects.bulk_create(
        Activity(person=person, day=day, responses=count, voiced_ms=VOICED_MS * count)
        for day, count in counts.items()
    )
    streaks.recount(person)


def somebody(email: str, responses: int) -> None:
    """A person with a goal and so many answers, two a day; prints the cookie of a session."""
    person = make_user(email, name="Mina")
    if responses:
        make_goal(person, target=8, exam_on=person.today + timedelta(days=24))
        speak(person, list(Prompt.objects.published().order_by("key")), responses, responses // 2)
        sum(days.rebuild(person))
    print(signed_in(person)[0])  # noqa: T201
