"""Replies to failed requests that have to say more than a bare code."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from accounts.security.log import Event, write
from opic.lib.incidents import request_id
from opic.lib.web import trouble

PLAIN = "<!DOCTYPE html><title>500</title><p>That was our fault. Try again in a minute.</p>"


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Reply 403 to a stale CSRF token, most often after signing in again in another tab.

    A script gets a fresh token to try once more with; a person gets a page with a way on.
    """
    write(Event.CSRF_REFUSED, request, getattr(request, "user", None), how=request.path)
    token = get_token(request)
    is_script = request.headers.get("HX-Request") or request.headers.get("X-Wants") == "json"
    if is_script:
        return HttpResponse(status=403, headers={"X-CSRF-Token": token})
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Reply to an exception that nothing caught: 503 where a service is away, else 500.

    Scripts get JSON that tells a device to keep its recording, people get a page; both name the
    request's id.
    """
    if trouble.is_trouble(sys.exc_info()[1]):
        return trouble.reply_to(request)
    if trouble.wants_json(request):
        return JsonResponse(
            {"status": "error", "keep": True, "request": request_id.get()}, status=500
        )
    return HttpResponse(trouble.page("500.html", PLAIN), status=500)
