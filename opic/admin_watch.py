"""The admin in the security log: who was refused, and what was written."""

import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.models import User
from accounts.security.log import Event, write

View = Callable[..., HttpResponseBase]
MOVES = {ADDITION: "add", CHANGE: "change", DELETION: "delete"}


def watched(view: View) -> View:
    """Wrap an admin page so that its refusals and writes are logged.

    Visitors who are signed out are not: they are only sent to sign in.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, User):
            return view(request, *args, **kwargs)
        before = _newest_entry(person) if request.method == "POST" else None
        try:
            reply = view(request, *args, **kwargs)
        except PermissionDenied:
            write(Event.ADMIN_REFUSED, request, person, how=f"{request.method}:{request.path}")
            raise
        if getattr(reply, "url", "").startswith(reverse("admin:login")):
            write(Event.ADMIN_REFUSED, request, person, how=f"{request.method}:{request.path}")
        for what in _written(person, before) if before is not None else ():
            write(Event.ADMIN_WRITE, request, person, how=what)
        return reply

    return page


def _newest_entry(person: User) -> int:
    newest = LogEntry.objects.filter(user=person).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0


def _written(person: User, before: int) -> Iterator[str]:
    """Yield what this page added to the log: `change:accounts.user/<id>:staff_status`."""
    entries = LogEntry.objects.filter(user=person, pk__gt=before).select_related("content_type")
    for entry in entries.order_by("pk"):
        kind = entry.content_type
        model = f"{kind.app_label}.{kind.model}" if kind else ""
        fields = ",".join(_fields_of(entry))
        yield f"{MOVES.get(entry.action_flag, '')}:{model}/{entry.object_id}:{fields}".rstrip(":")


def _fields_of(entry: LogEntry) -> Iterator[str]:
    """Yield names of changed fields, never values.

    Those of the row itself only: the admin names the rows below it by their texts.
    """
    try:
        parts = json.loads(entry.change_message or "[]")
    except ValueError:
        return
    for part in parts if isinstance(parts, list) else ():
        changed = part.get("changed", {})
        if "object" not in changed:
            yield from (str(name).lower().replace(" ", "_") for name in changed.get("fields", ()))
