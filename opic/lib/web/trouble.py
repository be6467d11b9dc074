"""A database, a Redis or a disk that cannot serve now: 503 in words, never a bare 500.

For people a light page, for scripts JSON that tells a device to keep what it holds.
"""

import errno
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext
from redis.exceptions import RedisError

from opic.lib.incidents import request_id
from opic.lib.stores.database_limits import REQUEST_SECONDS, waiting_at_most

logger = logging.getLogger(__name__)
RETRY_SECONDS = 10
# between two tries of `outlast`
PAUSE_SECONDS = 1.0
T = TypeVar("T")
_DISK = {errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO}
# a standby or a database switched to read-only; a transaction that did nothing for too long:
# neither is an OperationalError for the driver
_STATES = {"25006", "25P03"}
PLAIN = "<!DOCTYPE html><title>503</title><p>Try again in a minute. Nothing is lost.</p>"


def is_trouble(exc: BaseException | None) -> bool:
    """Return whether a service is away, full or too slow; False for a mistake of ours."""
    while exc is not None:
        if isinstance(exc, OperationalError | InterfaceError | RedisError):
            return True
        if isinstance(exc, OSError) and exc.errno in _DISK:
            return True
        if getattr(exc, "sqlstate", None) in _STATES:
            return True
        exc = exc.__cause__
    return False


def outlast(work: Callable[[], T], *, seconds: float) -> T:
    """Run `work`, again as a whole while a service is away; return what it returns.

    For a worker that holds what was paid for, or a claim nobody else may take. Raises the last
    error when the time is up, and at once any other.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return work()
        except Exception as exc:
            if not is_trouble(exc) or time.monotonic() >= until:
                raise
            logger.warning("could not be written yet: %s", type(exc).__name__)
        time.sleep(PAUSE_SECONDS)
        # a broken connection raises at every use until it is closed
        close_old_connections()


def wants_json(request: HttpRequest) -> bool:
    """Return whether a script of ours asks: it says so, or its upload carries a token."""
    return request.headers.get("X-Wants") == "json" or "X-Upload-Token" in request.headers


def json_reply(*, retry_after: int = RETRY_SECONDS) -> JsonResponse:
    """Return 503 in the shape of a refused upload: the device keeps the recording for later."""
    reply = JsonResponse(
        {
            "status": "refused",
            "code": "unavailable",
            "message": gettext(
                "We cannot take this now. It waits on this device and is sent later."
            ),
            "keep": True,
            "retry_after": retry_after,
            "request": request_id.get(),
        },
        status=503,
    )
    reply["Retry-After"] = str(retry_after)
    # whoever asks for this reply has logged the reason; Django would log each 503 once more
    reply._has_been_logged = True  # type: ignore[attr-defined]
    return reply


def reply_to(request: HttpRequest) -> HttpResponse:
    """Return 503 as JSON for a script, as a page for a person."""
    if wants_json(request):
        return json_reply()
    reply = HttpResponse(page("503.html", PLAIN), status=503)
    reply["Retry-After"] = str(RETRY_SECONDS)
    reply._has_been_logged = True  # type: ignore[attr-defined]
    return reply


def page(template: str, plain: str) -> str:
    """Return an error page, or `plain` where even its template cannot be rendered."""
    try:
        return render_to_string(template, {"code": request_id.get()})
    # there is no other page after this one: whatever is wrong with templates or static files
    except Exception:  # noqa: BLE001
        return plain


class TroubleMiddleware:
    """Replies 503 where a view could not reach a service, and limits waits for the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with waiting_at_most(REQUEST_SECONDS):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Return 503 for a service that is away; None leaves the rest to the error view."""
        if not is_trouble(exc):
            return None
        logger.error("%s could not be served", request.path, exc_info=exc)
        return reply_to(request)
