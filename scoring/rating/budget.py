"""What calls to a model cost, and how many rated responses are left today.

The limits count what is recorded here and nothing else. A call is recorded before it is made, so
that the calls of a killed worker count too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from accounts import consents
from accounts.models import User
from opic.lib.clock import zone_or_default
from opic.lib.stores.prepared import Given
from opic.lib.web.trouble import outlast
from scoring.model_clients.usage import Usage
from scoring.models import ModelCall, Response, Waits

MOST_CALLS = 12  # to models, for one response, that got through: each of them costs


def price_of(model: str, on: date) -> tuple[float, float]:
    """Return the price of a model on a day, in dollars a million tokens: in, and out.

    A model without a price costs what the dearest one does: a forgotten price lifts no limit. One
    on a server of this site's own costs nothing then.
    """
    rows = settings.OPIC_PRICES.get(model)
    own = {settings.OPIC_LLM_MODEL, settings.OPIC_EARS_MODEL} if settings.OPIC_LLM_OWN else set()
    if rows is None and model in own:
        return 0.0, 0.0
    if rows is None:
        rows = max(settings.OPIC_PRICES.values(), key=lambda row: row[-1][2])
    valid = [row for row in rows if row[0] <= on.isoformat()] or rows[:1]
    return valid[-1][1], valid[-1][2]


def cost_of(model: str, usage: Usage, on: date) -> int:
    """Return the cost of a call in millionths of a dollar.

    Sound counts as input, thoughts as output.
    """
    dollars_in, dollars_out = price_of(model, on)
    return round(
        dollars_in * (usage.audio + usage.text) + dollars_out * (usage.output + usage.thought)
    )


class ModelCallRecorder:
    """Records the calls for one response (a `scoring.model_clients.usage.UsageRecorder`)."""

    def __init__(self, response: Response) -> None:
        self.response = response

    def opened(self, kind: str, model: str) -> int:
        """Record a call before it is made; return the id of its row.

        Raises ConsentMissingError where the speaker has not agreed to processing abroad: none is
        made then.
        """
        consents.demand_abroad(self.response.speaker)
        row = ModelCall.objects.create(
            person_id=self.response.speaker_id, response=self.response, kind=kind, model=model
        )
        return row.pk

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        """Record how a call ended, waiting while the database is away.

        A reply that was paid for is not lost because its cost cannot be written at once.
        """
        write = partial(self._close, number, outcome=outcome, usage=usage, seconds=seconds)
        outlast(write, seconds=settings.OPIC_TASK_SECONDS)

    def _close(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        row = ModelCall.objects.get(pk=number)
        ModelCall.objects.filter(pk=number).update(
            outcome=outcome,
            audio_tokens=usage.audio,
            text_tokens=usage.text,
            output_tokens=usage.output + usage.thought,
            cost_microdollars=cost_of(row.model, usage, row.made_at.date()),
            seconds=seconds,
        )


def day_start(zone: str) -> datetime:
    """Return when today began in this time zone; in the default one where it is unknown."""
    now = timezone.now().astimezone(ZoneInfo(zone_or_default(zone)))
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def remaining_today(person: User) -> int:
    """Return how many more of this person's responses may be rated today, by their own day."""
    used = ModelCall.objects.of_person(person).since(day_start(person.time_zone)).rated_responses()
    return max(settings.OPIC_DAILY_RATINGS_PER_USER - used, 0)


def with_usage(since: datetime | Given) -> dict[str, Any]:
    """Return annotations for a query over people: `goes_abroad`, and `rated_today`, how many were
    rated since then, or None. `remaining` reads them.
    """
    abroad = consents.for_rating().filter(person=OuterRef("pk"))
    calls = ModelCall.objects.counted().since(since)
    mine = calls.filter(person=OuterRef("pk")).order_by().values("person")
    return {
        "goes_abroad": Exists(abroad),
        "rated_today": Subquery(
            mine.annotate(count=Count("answer", distinct=True)).values("count")
        ),
    }


def remaining(row: Mapping[str, Any]) -> int | None:
    """Return how many responses may be rated today, by the annotations of `with_usage`.

    None without consent to processing abroad: nothing of theirs is rated.
    """
    if not row["goes_abroad"]:
        return None
    return max(settings.OPIC_DAILY_RATINGS_PER_USER - (row["rated_today"] or 0), 0)


@dataclass(frozen=True)
class Limit:
    """A daily limit: what waits for it, how many responses it leaves, when its next day begins."""

    waits_for: str
    left: int
    opens_at: datetime


def nearest_limit(person: User) -> Limit:
    """Return the limit that leaves fewer responses: the person's or the site's.

    A person's day is that of their time zone, the site's day that of UTC.
    """
    day = timedelta(days=1)
    opens_at = day_start(person.time_zone) + day
    mine = Limit(Waits.PERSON_BUDGET, remaining_today(person), opens_at)
    if not mine.left:
        return mine
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    used = ModelCall.objects.since(today).rated_responses()
    left = max(settings.OPIC_DAILY_RATINGS_SITE - used, 0)
    return min(mine, Limit(Waits.SITE_BUDGET, left, today + day), key=lambda limit: limit.left)


def reached_limit(person: User) -> tuple[str, datetime] | None:
    """Return which limit is reached, and when it opens again; None while budget is left."""
    limit = nearest_limit(person)
    return None if limit.left else (limit.waits_for, limit.opens_at)
