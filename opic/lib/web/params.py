"""Reading what came with a request without trusting it: None for what makes no sense."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

# what an integer column holds
MOST = 2**31 - 1
# a day inside the calendar on both sides: every zone, and a day more or less, still has a date
FIRST = datetime(1, 1, 3, tzinfo=UTC)
LAST = datetime(9999, 12, 29, tzinfo=UTC)


def whole(text: str, *, most: int = MOST) -> int | None:
    """Return the number from 0 to `most` that is written in ASCII digits, else None.

    `str.isdigit` is true for what `int` refuses: superscripts, and digits by the thousand.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def within_calendar(moment: datetime) -> datetime:
    """Return the moment in UTC, moved to where every time zone has a date for it."""
    return min(max(moment, FIRST), LAST).astimezone(UTC)


def moment_of(text: str, *, takes_naive: bool = False) -> datetime | None:
    """Return a moment in UTC, or None; one without a zone only where that is taken for UTC."""
    try:
        moment = parse_datetime(text)
        if moment is None or (timezone.is_naive(moment) and not takes_naive):
            return None
        aware = moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
        return within_calendar(aware.astimezone(UTC))
    except (ValueError, OverflowError):
        # no moment, or one outside the calendar
        return None


def json_object(body: bytes, *, most: int) -> dict[str, Any]:
    """Return a JSON object of at most so many bytes; empty for anything else.

    JSON can write half a character (`\\ud800`) and NUL: no database stores those, so they are
    refused.
    """
    if len(body) > most:
        return {}
    try:
        parsed = json.loads(body)
        written = json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) and b"\\u0000" not in written else {}


def next_url(request: HttpRequest, fallback: str) -> str:
    """Return the request's `next` where it leads to a page of this site, else the fallback."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    # `redirect` would take a bare word for the name of a view
    return url if is_ours and "/" in url else fallback
