"""When a page that waits for a rating should look again, by how long ratings usually take."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from django.db.models import F, Min

from scoring.models import Response, Status

LAST = 20
CACHE_SECONDS = 20.0
SOONEST, LATEST, LONGEST_JUMP = 0.3, 5.0, 4.0
USUAL = 20.0  # seconds within which nearly every answer is rated: until then looks stay close
MOST_AT_WORK, FAR = 30.0, 600.0  # of a page with several answers: one at work, none
# seconds after the median at most: a look at the third quartile finds three of four, not one of two
NEAR = 0.15
AFTER = 0.03


@dataclass(frozen=True)
class Usual:
    """How long the last ratings took: seconds from receipt to heard, and from heard to rated."""

    heard: float
    rating: float


_cached: tuple[float, Usual | None] = (float("-inf"), None)


def usual() -> Usual | None:
    """Return the usual times, cached for `CACHE_SECONDS`; None while nothing was rated."""
    global _cached
    if time.monotonic() - _cached[0] > (CACHE_SECONDS if _cached[1] else SOONEST):
        _cached = (time.monotonic(), _looked_up())
    return _cached[1]


def _looked_up() -> Usual | None:
    rated = Response.objects.filter(status=Status.RATED, tries=1).order_by("-settled_at")
    rows = rated.annotate(heard_at=Min("hearings__made_at")).exclude(heard_at=None)
    spans = rows.annotate(to_heard=F("heard_at") - F("received_at")).values_list(
        "to_heard", "settled_at", "heard_at"
    )[:LAST]
    if not spans:
        return None
    return Usual(
        heard=_moment([to_heard.total_seconds() for to_heard, _settled, _heard in spans]),
        rating=_moment([(settled - heard).total_seconds() for _t, settled, heard in spans]),
    )


def _moment(seconds: list[float]) -> float:
    """Return the median, or the third quartile where that is only a moment later."""
    middle = median(seconds)
    most = quantiles(seconds, n=4)[2] if len(seconds) > 1 else middle
    return min(most, middle + NEAR)


def next_look(waited: float, since_heard: float | None) -> float:
    """Return the seconds to the next look at a response, `waited` seconds after its receipt.

    Soon, for what ends early; then at the usual moment, close together around it, and slower
    afterwards. `since_heard` is None until it was heard.
    """
    typical = usual() if waited > SOONEST else None
    if typical is not None:
        left = typical.heard - waited if since_heard is None else typical.rating - since_heard
        if left + AFTER > SOONEST:
            return min(left + AFTER, LONGEST_JUMP)
    return SOONEST if waited < USUAL else min(max(1.0, waited / 20), LATEST)


def next_look_at_many(waited: float, *, soonest: float, most: float) -> float:
    """Return the seconds to the next look at a page of several, `waited` seconds after news.

    A twentieth of that, so that a page nobody closes asks less and less.
    """
    return min(max(soonest, waited / 20), most)


def until_due(due_at: Sequence[datetime | None], now: datetime) -> float:
    """Return the seconds until the first is due, if all wait; 0 where one may be rated now.

    `due_at` has each response's `not_before_at`. The most is `FAR`.
    """
    times = [moment for moment in due_at if moment is not None and moment > now]
    if not times or len(times) < len(due_at):
        return 0.0
    return min((min(times) - now).total_seconds() + 1, FAR)
