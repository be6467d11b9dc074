"""Who asks, and the reply when something of theirs was deleted."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from opic.lib.htmx import is_fragment


def learner_of(request: HttpRequest) -> User:
    """Return the signed-in person who asks."""
    return cast(User, request.user)


def deleted_reply(request: HttpRequest, name: str) -> HttpResponse:
    """Reply with nothing, so that htmx removes the row; or redirect to this URL name."""
    return HttpResponse() if is_fragment(request) else redirect(name)
