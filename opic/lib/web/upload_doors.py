"""Replies of upload views are JSON even when what stands before them breaks.

A script reads the reply, and a page of ours would tell it nothing.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from opic.lib.web.trouble import json_reply


class UploadDoorMiddleware:
    """Turns a 5xx page at an upload view into 503 JSON with `keep`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reply = self.get_response(request)
        is_ours = reply.headers.get("Content-Type", "").startswith("application/json")
        if reply.status_code < 500 or (is_ours and reply.status_code == 503):
            return reply
        if not _is_door(request):
            return reply
        return json_reply()


def _is_door(request: HttpRequest) -> bool:
    try:
        return hasattr(resolve(request.path_info).func, "is_upload_door")
    except Resolver404:
        return False
