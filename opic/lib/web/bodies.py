"""How much may be sent: judged by the length alone, before a byte is parsed or reaches the disk.

Every view takes DATA_UPLOAD_MAX_MEMORY_SIZE; one that takes more says so here. The middleware
stands before the CSRF check, which reads the whole body to look for a token.
"""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])
# dotted name of each view that takes more, and the setting that says how much
UPLOADS: dict[str, str] = {}


def accepts_upload(setting: str) -> Callable[[ViewT], ViewT]:
    """Mark a view that takes bodies up to this setting.

    A view that a ticket opens (csrf-exempt, no sign-in) checks the length itself, before it reads:
    it alone knows whether a device is still sending and should see the reply.
    """

    def mark(view: ViewT) -> ViewT:
        UPLOADS[f"{view.__module__}.{view.__qualname__}"] = setting
        view.upload_setting = setting  # type: ignore[attr-defined]
        return view

    return mark


class BodyLimitMiddleware:
    """Replies 413 to a body over the view's limit, 411 to one whose length is not given."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Return a refusal; None where the view may read the body, or checks it itself."""
        setting = getattr(view, "upload_setting", "")
        if setting and _judges_itself(view):
            return None
        length = length_of(request)
        if length is None:
            return _refusal(request, 411, is_upload=bool(setting))
        if length > _limit(request, setting):
            return _refusal(request, 413, is_upload=bool(setting))
        return None


def length_of(request: HttpRequest) -> int | None:
    """Return how many bytes follow; None where the client does not say it in plain digits."""
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    if request.META.get("HTTP_TRANSFER_ENCODING") or not (
        declared.isascii() and declared.isdecimal()
    ):
        return None
    # int() refuses thousands of digits
    return int(declared) if len(declared) < 20 else sys.maxsize


def _judges_itself(view: Callable[..., Any]) -> bool:
    return getattr(view, "csrf_exempt", False) and not getattr(view, "login_required", True)


def _limit(request: HttpRequest, setting: str) -> int:
    """Return the view's limit in bytes; for somebody signed out the usual one.

    They are sent to sign in whatever they send.
    """
    most = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if setting and request.user.is_authenticated:
        return max(most, int(getattr(settings, setting)))
    return most


def _refusal(request: HttpRequest, status: int, *, is_upload: bool) -> HttpResponse:
    if is_upload:
        text = gettext("This recording is too large to be sent. It is still on this device.")
        payload = {"status": "refused", "code": "too_large", "message": text, "keep": True}
        return JsonResponse(payload, status=status)
    if request.headers.get("HX-Request") or request.headers.get("X-Wants") == "json":
        return HttpResponse(status=status)
    return render(request, "413.html", status=status)
