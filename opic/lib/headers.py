"""Headers that belong on every reply, set in one place."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

View = Callable[..., HttpResponseBase]
# jQuery 3, which the admin site brings along, writes markup as text while it loads
_ADMIN_POLICY = {"require-trusted-types-for": None, "trusted-types": None}
_SENSORS = "camera=(), geolocation=(), microphone={}, payment=(), usb=()"


class HeadersMiddleware:
    """Sets permissions, isolation and caching; nothing is cached unless a page says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reply = self.get_response(request)
        records = getattr(reply, "records_speech", False)
        reply["Permissions-Policy"] = _SENSORS.format("(self)" if records else "()")
        reply["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.resolver_match and request.resolver_match.namespaces[:1] == ["admin"]:
            reply._csp_replace = _ADMIN_POLICY  # type: ignore[attr-defined]
        if getattr(request, "is_signing_out", False):
            # not "storage": recordings that are not sent yet wait there for their own speaker
            reply["Clear-Site-Data"] = '"cache"'
        if not reply.has_header("Cache-Control"):
            patch_cache_control(reply, private=True, no_store=True)
        return reply


def records_speech(view: View) -> View:
    """Mark a view's page as one that may ask for the microphone."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        reply = view(request, *args, **kwargs)
        reply.records_speech = True  # type: ignore[attr-defined]
        return reply

    return marked
