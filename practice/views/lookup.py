"""Who asks, and what a page says when something of theirs was deleted."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from opic.lib.htmx import is_fragment


def learner_of(request: HttpRequest) -> User:
    """Return the signed-in person who asks."""
    return cast(User, request.user)


def deleted_reply(request: HttpRequest, name: str) -> HttpResponse:
    """Take the row off the page, or send to the page of this URL name."""
    return HttpResponse() if is_fragment(request) else redirect(name)
