"""`/healthz`, `/healthz/ready`, `/healthz/work`: replied to before anything that could fail.

At the very front: no Host check (balancers ask by address), no redirect to https, no session, no
database in the thread that replies.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase

from opic import __version__
from opic.health.report import Report, ready_report, work_report

RETRY_SECONDS = 5


def alive(_request: HttpRequest) -> JsonResponse:
    """Reply that this process lives; nothing else is looked at."""
    return JsonResponse({"status": "ok", "version": __version__})


def is_ready(_request: HttpRequest) -> JsonResponse:
    """Reply to the balancer: 200 where this host can serve, 503 with the reasons where not."""
    return _reply(ready_report())


def is_working(_request: HttpRequest) -> JsonResponse:
    """Reply to the alarm: 200 while responses are rated, 503 with the reasons when not."""
    return _reply(work_report())


def _reply(report: Report) -> JsonResponse:
    status = 503 if report.is_down else 200
    reply = JsonResponse(report.as_json(), status=status)
    if status == 503:
        reply["Retry-After"] = str(RETRY_SECONDS)
    return reply


PAGES: dict[str, Callable[[HttpRequest], JsonResponse]] = {
    "/healthz": alive,
    "/healthz/ready": is_ready,
    "/healthz/work": is_working,
}


class HealthMiddleware:
    """Replies to the three health addresses; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        page = PAGES.get(request.path_info)
        if page is None:
            return self.get_response(request)
        is_safe = request.method in {"GET", "HEAD"}
        reply: HttpResponse = page(request) if is_safe else HttpResponseNotAllowed(["GET", "HEAD"])
        reply["Cache-Control"] = "no-store"
        # the checks log what is wrong; Django would log each 503 once more
        reply._has_been_logged = True  # type: ignore[attr-defined]
        return reply
