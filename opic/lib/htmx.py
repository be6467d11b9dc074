"""Replies to htmx: page or partial, `Vary`, redirects, and no sign-in form inside a fragment."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

# for a view that shows a form and takes it
get_or_post = require_http_methods(["GET", "POST"])


class Request(HttpRequest):
    """A request that went through our middleware, for the type checker."""

    htmx: HtmxDetails
    csp_nonce: str


def is_fragment(request: HttpRequest) -> bool:
    """Return whether htmx wants a part of the page: a history restore wants the whole."""
    details = cast(Request, request).htmx
    return bool(details) and not details.history_restore_request and not details.boosted


def render_partial(
    request: HttpRequest,
    template: str,
    partial: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Return the page, or only its partial when htmx asks; invalid forms come with status 422."""
    name = f"{template}#{partial}" if is_fragment(request) else template
    reply = render(request, name, dict(context), status=status)
    patch_vary_headers(reply, ["HX-Request"])
    return reply


def redirect_whole_page(url: str) -> HttpResponse:
    """Redirect the whole page, where htmx would put the new one into the swap target."""
    return HttpResponse(status=204, headers={"HX-Redirect": iri_to_uri(url)})


class SignInMiddleware(LoginRequiredMiddleware):
    """Requires signing in, unless a view says otherwise."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """Reply 401 with a header to a fragment or script, never a sign-in form."""
        if request.headers.get("HX-Request") or request.headers.get("X-Wants") == "json":
            return HttpResponse(status=401, headers={"X-Sign-In": "1"})
        return super().handle_no_permission(request, view_func)
