"""Who waits for the rating service, and who is tried next while it does not answer.

The line is the rows that wait for the vendor, the oldest first; how the service is doing is read
from the recorded calls. So every host sees the same, and nothing has to be kept beside them.

- While calls fail one response alone is tried, at growing waits; the others wait behind it and
  make no call.
- When calls get through again, the sweeper lets more of the line through each minute: as many
  responses as calls got through since the last failure, `MOST_AT_ONCE` at most.
- A response that fails while nearly all calls for others get through, again and again, fails by
  itself: no waiting would help it.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from scoring.adapter_error import AdapterError
from scoring.models import ModelCall, Response, Status, Waits

FIRST_WAIT, LONGEST_WAIT = 30.0, 600.0
MOST_AT_ONCE = 20  # of the line, a minute
# each so-manyth try is the next oldest's: the oldest may be one that fails by itself
OTHERS_TURN = 4
MOST_FAILURES_ALONE = 4  # of one response, calls for others having got through around each
MOST_FAILURES_APART = 12  # the same, in between them at whatever distance
FEW_FAILURES = 4  # of the others: for one that fails at least so many get through
NEAR = timedelta(minutes=15)


@dataclass(frozen=True)
class Service:
    """How the last calls went: failures in a row up to now, or else how many got through."""

    failures: int
    failed_responses: int  # for how many different responses
    fails_for_all: bool  # the last failure was of a kind that every call would meet
    through: int  # since the last failure, as far as it matters

    @property
    def is_down(self) -> bool:
        """Return whether to try one response alone: a single one may fail by itself."""
        return self.fails_for_all or self.failed_responses > 1

    @property
    def allowance(self) -> int:
        """Return how many of the line may be with the service at once."""
        return 1 if self.failures else max(1, min(self.through, MOST_AT_ONCE))


def service() -> Service:
    """Read from the recorded calls how the rating service is doing."""
    failed, through = ModelCall.objects.failed(), ModelCall.objects.replied()
    since = failed.filter(pk__gt=_newest(through))
    counts = since.aggregate(count=Count("pk"), responses=Count("response", distinct=True))
    if counts["count"]:
        newest = since.order_by("-pk").values_list("outcome", flat=True)[0]
        for_all = newest in ModelCall.FAILS_FOR_ALL
        return Service(counts["count"], counts["responses"], for_all, 0)
    well = through.filter(pk__gt=_newest(failed)).order_by()
    return Service(0, 0, False, well[:MOST_AT_ONCE].count())


def _newest(calls: "QuerySet[ModelCall]") -> int:
    # by id: no step of a clock changes their order
    return calls.order_by("-pk").values_list("pk", flat=True).first() or 0


def has_to_wait(response: Response) -> bool:
    """Return whether a claimed response must not be sent now: others are before it in the line."""
    line = Response.objects.in_line().exclude(pk=response.pk)
    if not line.exists():
        return False
    now = service()
    older = line.filter(received_at__lt=response.received_at)
    if response.waits_for == Waits.VENDOR:
        return older.filter(status=Status.RATING).count() >= now.allowance
    return now.is_down or older.due().count() >= now.allowance


def next_in_line() -> Sequence[Response]:
    """Return the responses of the line that may be sent now, the oldest first."""
    line = Response.objects.in_line()
    due = line.due().order_by("received_at", "pk")
    if not due.exists():
        return []
    now, at_work = service(), line.filter(status=Status.RATING).count()
    left = now.allowance - at_work
    if left <= 0:
        return []
    if not now.failures:
        return list(due[:left])
    return [_tried_next(due, now)]


def _tried_next(due: "QuerySet[Response]", now: Service) -> Response:
    """Return the oldest, or at each `OTHERS_TURN`th try another one."""
    if now.failures % OTHERS_TURN == 0 and (others := due.count() - 1):
        place = 1 + (now.failures // OTHERS_TURN - 1) % others
        return due[place]
    return due[0]


def join(response: Response) -> bool:
    """Give a claimed response that was not sent to the line: it is due with the others.

    False where the claim is somebody else's by now.
    """
    wait = _line_opens(timezone.now())
    return response.give_back(after_seconds=wait, waits_for=Waits.VENDOR)


def join_after(response: Response, exc: AdapterError) -> bool:
    """Give a claimed response back to the line after the service failed on it.

    The waits grow with the failures in a row, and are never shorter than the service asks for.
    While it does not answer at all, the whole line waits as long. False where the claim is
    somebody else's by now.
    """
    now = service()
    failures = max(now.failures, response.model_calls.failed_since_reply().count(), 1)
    grown = min(FIRST_WAIT * 2.0 ** min(failures - 1, 10), LONGEST_WAIT)
    wait = max(exc.after_seconds, grown)
    if now.is_down:
        until = timezone.now() + timedelta(seconds=wait)
        behind = Response.objects.in_line().filter(status=Status.UPLOADED)
        behind.filter(not_before_at__lt=until).update(not_before_at=until)
    return response.give_back(after_seconds=wait, waits_for=Waits.VENDOR)


def _line_opens(now: datetime) -> float:
    """Return the seconds until the line is tried again; 0 where that is due."""
    waiting = Response.objects.in_line().filter(status=Status.UPLOADED)
    times = waiting.filter(not_before_at__gt=now).order_by("not_before_at")
    first = times.values_list("not_before_at", flat=True).first()
    return (first - now).total_seconds() if first and not waiting.due().exists() else 0.0


def fails_alone(response: Response) -> bool:
    """Return whether the service fails on this response while nearly all others get through.

    That is: few of the others' calls failed meanwhile, and calls for others got through right
    before and right after its failures, `MOST_FAILURES_ALONE` times; or, where few people speak, in
    between them, `MOST_FAILURES_APART` times.
    """
    own = response.model_calls.failed_since_reply().order_by("pk")
    own = own.filter(outcome__in=ModelCall.MAY_FAIL_FOR_ONE)
    failures = list(own.values_list("pk", "made_at"))
    if len(failures) < MOST_FAILURES_ALONE:
        return False
    since = failures[0][1] - NEAR
    others = ModelCall.objects.filter(made_at__gte=since).exclude(response=response)
    through = list(others.replied().order_by("pk").values_list("pk", "made_at"))
    failed = list(others.failed().order_by("pk").values_list("pk", flat=True))
    if len(failed) * FEW_FAILURES > len(through):
        return False
    alone = sum(_is_alone(failure, through, failed) for failure in failures)
    apart = len({bisect(through, failure) for failure in failures}) - 1
    return alone >= MOST_FAILURES_ALONE or apart >= MOST_FAILURES_APART


def _is_alone(
    failure: tuple[int, datetime], through: Sequence[tuple[int, datetime]], failed: Sequence[int]
) -> bool:
    """Return whether the calls for others next to this failure got through, not long from it."""
    place = bisect(through, failure)
    if place in (0, len(through)):
        return False
    (before, was_at), (after, is_at) = through[place - 1], through[place]
    is_near = failure[1] - was_at <= NEAR and is_at - failure[1] <= NEAR
    return is_near and bisect(failed, before) == bisect(failed, after)
