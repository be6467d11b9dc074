"""Headers that belong on every answer, set in one place."""

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
    """Permissions, isolation and caching: a page that does not say otherwise is stored nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        records = getattr(answer, "records_speech", False)
        answer["Permissions-Policy"] = _SENSORS.format("(self)" if records else "()")
        answer["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.resolver_match and request.resolver_match.namespaces[:1] == ["admin"]:
            answer._csp_replace = _ADMIN_POLICY  # type: ignore[attr-defined]
        if getattr(request, "is_signing_out", False):
            # not "storage": what was said and not sent yet waits there for its own speaker
            answer["Clear-Site-Data"] = '"cache"'
        if not answer.has_header("Cache-Control"):
            patch_cache_control(answer, private=True, no_store=True)
        return answer


def records_speech(view: View) -> View:
    """Marks a page on which the browser may be asked for the microphone."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        answer.records_speech = True  # type: ignore[attr-defined]
        return answer

    return marked
