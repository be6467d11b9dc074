"""A rating service that fails as a script says, and a clock that is moved: what waits through an
outage of days is played in seconds. The clock moves by setting the times of all rows back.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from unittest import mock

from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from accounts import consents
from accounts.models import User
from scoring import tasks
from scoring.adapter_error import AdapterError
from scoring.audio.measures import Measures, measure
from scoring.ears.base import Heard, HearingJob
from scoring.ears.model_reply import HEAR_VERSION
from scoring.model_clients.usage import Usage
from scoring.models import ModelCall, Response, Status
from scoring.raters.base import Feedback, Rater, RatingJob
from scoring.raters.fluency import FluencyRater
from scoring.rating import waiting_line
from tests.factories import make_prompt, make_response, make_user
from tests.scoring import recordings

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WEEKEND = 2.5 * DAY
WORDS = "I usually go to the park near my house on Sunday and walk there"
# what the adapter raises for each outcome of a call: whether the vendor is meant, and its delay
VENDOR = {
    "down": 30.0,
    "timeout": 30.0,
    "unreachable": 30.0,
    "busy": 54.0,
    "key": 600.0,
    "day_quota": 3600.0,
}
CALLS_A_RESPONSE = 2
PASSING = ("empty", "cut")
# seconds since the beginning, id of a response, kind of a call -> outcome
Health = Callable[[float, str, str], str]
TIMES = ("received_at", "recorded_at", "not_before_at", "settled_at", "claimed_at", "lease_until")


@dataclass(frozen=True)
class Made:
    """One call that the service was asked."""

    at: float
    response_id: str
    kind: str
    outcome: str


class Service:
    """Ears and rater as the pipeline sees them: records its calls, and raises what they would."""

    name = "gemini"
    version = HEAR_VERSION

    def __init__(self, health: Health) -> None:
        self.health = health
        self.seconds = 0.0
        self.calls: list[Made] = []

    def hear(self, job: HearingJob, sound: Any) -> Heard:
        self._call(job, "hear")
        return Heard(WORDS, "m", HEAR_VERSION)

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        self._call(job, "rate")
        return Feedback(kind="rating", level_low=5, level_high=6, level=5, sureness="not")

    def _call(self, job: RatingJob | HearingJob, kind: str) -> None:
        number = job.usage_recorder.opened(kind, "m")
        outcome = self.health(self.seconds, job.response_id, kind)
        job.usage_recorder.closed(number, outcome=outcome, usage=Usage(), seconds=1.0)
        self.calls.append(Made(self.seconds, job.response_id, kind, outcome))
        if outcome in VENDOR:
            after = VENDOR[outcome]
            raise AdapterError(outcome, retry=True, after_seconds=after, is_vendor=True)
        if outcome != "ok":
            raise AdapterError(outcome, retry=outcome in PASSING)


class Outage:
    """A site with this service: people answer, the sweeper runs every minute."""

    def __init__(self, health: Health) -> None:
        self.service = Service(health)
        self.first_waits: dict[str, float] = {}

    @property
    def seconds(self) -> float:
        return self.service.seconds

    @property
    def calls(self) -> list[Made]:
        return self.service.calls

    def submitted(self, person: User, prompt: Any, count: int = 1) -> list[Response]:
        """Answers that came just now, one after another, worked on as the queue does."""
        made = []
        for _ in range(count):
            self.pass_time(1)
            made.append(make_response(person, prompt, sound=b"0"))
        for response in made:
            tasks.rate_response(str(response.pk))
        return made

    def pass_time(self, seconds: float) -> None:
        back = timedelta(seconds=seconds)
        Response.objects.update(**{name: F(name) - back for name in TIMES})
        ModelCall.objects.update(made_at=F("made_at") - back)
        self.service.seconds += seconds

    def minute(self) -> None:
        queued: list[Response] = []
        with mock.patch("scoring.tasks.queue_rating", queued.append):
            tasks.sweep(at_once=True)
        for response in queued:
            tasks.rate_response(str(response.pk))

    def run(self, until: float) -> None:
        """Let the sweeper run until then, or until nothing waits; idle minutes are skipped."""
        while self.seconds < until and self.waiting().exists():
            first = self.waiting().order_by("not_before_at").values_list("not_before_at")[0][0]
            left = (first - timezone.now()).total_seconds() if first else 0.0
            minutes = max(1, -(-left // MINUTE))
            self.pass_time(min(minutes * MINUTE, max(until - self.seconds, 1.0)))
            self.minute()

    def waiting(self) -> Any:
        return Response.objects.filter(status=Status.UPLOADED)

    def most_calls_within(self, seconds: float) -> int:
        times = [call.at for call in self.calls]
        return max(
            (sum(start <= at < start + seconds for at in times) for start in times), default=0
        )


def get_rater_of(service: Service) -> Callable[..., Rater]:
    def get_rater(name: str | None = None) -> Rater:
        return FluencyRater() if name == "fluency" else service

    return get_rater


@cache
def measured_once() -> Measures:
    return measure(recordings.speech(8))


@contextmanager
def playing(health: Health) -> Iterator[Outage]:
    """A site whose sound need not be decoded each time: what is measured is always the same."""
    outage = Outage(health)
    measures = measured_once()
    with ExitStack() as stack:
        pipeline = "scoring.rating.pipeline."
        stack.enter_context(mock.patch(f"{pipeline}get_rater", get_rater_of(outage.service)))
        ears = mock.Mock(return_value=outage.service)
        stack.enter_context(mock.patch("scoring.rating.hearing.get_ears", ears))
        stack.enter_context(mock.patch(f"{pipeline}_sound_of", mock.Mock()))
        stack.enter_context(mock.patch(f"{pipeline}measure", lambda *_a, **_k: measures))
        stack.enter_context(
            override_settings(
                OPIC_RATER="gemini", OPIC_EARS="gemini", OPIC_DAILY_RATINGS_PER_USER=999
            )
        )
        yield outage


def people(count: int) -> list[User]:
    made = [make_user() for _ in range(count)]
    for person in made:
        consents.give(person, ["abroad"])
    return made


def down_until(end: float, outcome: str = "down") -> Health:
    return lambda now, _response, _kind: outcome if now < end else "ok"


def shared_out(responses: int, speakers: int) -> list[int]:
    """How many answers each of so many people gives."""
    counts = [responses // speakers] * speakers
    counts[0] += responses - sum(counts)
    return counts


def played(length: float, responses: int, speakers: int, outcome: str = "down") -> Outage:
    """One outage from its beginning until all are rated, or for ten hours more."""
    with playing(down_until(length, outcome)) as outage:
        prompt = make_prompt()
        for person, count in zip(people(speakers), shared_out(responses, speakers), strict=True):
            outage.submitted(person, prompt, count)
        outage.run(length + 10 * HOUR)
    return outage


def check(outage: Outage, length: float, responses: int) -> None:
    """All are rated by themselves, oldest first; few calls while it lasts, and no rush after it."""
    rows = Response.objects.order_by("received_at")
    assert [row.status for row in rows] == [Status.RATED] * responses
    assert not rows.filter(needs_person=True).exists()
    # one of them found out that the service is back; but for it they come in their order
    asked = [call.response_id for call in outage.calls if call.kind == "rate"]
    assert asked[1:] == [str(row.pk) for row in rows if str(row.pk) != asked[0]]
    during = [call for call in outage.calls if call.at < length]
    assert len(during) <= 8 + 6.5 * length / HOUR
    assert len(outage.calls) - len(during) == CALLS_A_RESPONSE * responses
    assert outage.most_calls_within(MINUTE) <= CALLS_A_RESPONSE * waiting_line.MOST_AT_ONCE
    # the last one waits ten minutes until the service is tried, and a few for its turn
    assert outage.seconds <= length + waiting_line.LONGEST_WAIT + 8 * MINUTE


def in_stretches(stretches: list[tuple[float, str]], *, most_useless: int) -> Health:
    """One outcome after another, each for so many seconds, then health.

    Of one answer no more than so many calls get a reply that cannot be used.
    """
    useless: Counter[str] = Counter()

    def health(now: float, response: str, _kind: str) -> str:
        for seconds, outcome in stretches:
            now -= seconds
            if now < 0:
                if outcome in PASSING and useless[response] >= most_useless:
                    return "ok"
                useless[response] += outcome in PASSING
                return outcome
        return "ok"

    return health
