"""Answers to failures that have to say more than a bare code."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A stale token, most often after signing in again in another tab.

    A script gets a fresh token to try once more with; a person gets a page with a way on.
    """
    token = get_token(request)
    is_script = request.headers.get("HX-Request") or request.headers.get("X-Wants") == "json"
    if is_script:
        return HttpResponse(status=403, headers={"X-CSRF-Token": token})
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
