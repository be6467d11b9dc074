"""Refusal of what no database stores and no page of ours ever sends, before anything reads it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
NUL = "\x00"
CHARSET = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)


def _holds_nul(texts: Iterable[str]) -> bool:
    return any(NUL in text for text in texts)


def _fields_hold_nul(fields: QueryDict) -> bool:
    return any(NUL in name or _holds_nul(values) for name, values in fields.lists())


def utf8_only(application: Application) -> Application:
    """Wrap a WSGI application so that everything is UTF-8, whatever charset the sender names.

    Django decodes even the query in it. Python knows a codec `base64` that is no charset: with it
    the request cannot be made at all, before any middleware. `unicode_escape` makes half
    characters.
    """

    def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if kind := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = CHARSET.sub("", kind)
        return application(environ, start_response)

    return served


def unreadable(request: HttpRequest) -> HttpResponse:
    """Return a page with 400 in the reader's language, using nothing else of the request."""
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponseBadRequest(render_to_string("400.html"))


class ReadableMiddleware:
    """Replies 400 to NUL in path, query, cookies and form.

    PostgreSQL refuses NUL, SQLite does not: what is let through here fails in production only. It
    stands before the sessions: a cookie can spell NUL, and would be looked up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        texts = (request.path, *request.COOKIES.keys(), *request.COOKIES.values())
        if _holds_nul(texts) or _fields_hold_nul(request.GET):
            return unreadable(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_args: Any) -> HttpResponse | None:
        """Check the form too, except for upload views.

        They check the size first, and read what came by themselves.
        """
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        try:
            fields = request.POST
        except UnreadablePostError:
            # the sender is gone; the CSRF check, which reads the form next, deals with that
            return None
        return unreadable(request) if _fields_hold_nul(fields) else None
