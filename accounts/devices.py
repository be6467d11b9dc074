"""Device sessions: begun at sign-in, ended at sign-out and from the session list.

A browser that was signed out gets no pushes either. The only signals we listen to are Django's own
about signing in and out.
"""

import time
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import DeviceSession, User
from accounts.push import subscriptions

SESSION_KEY = "device"
SEEN_KEY = "device_seen"
SIGNED_IN_KEY = "signed_in_at"
PUSH_KEY = "push"


def device_of(request: HttpRequest) -> str:
    """Return the id of this sign-in's device, and note once a day that it is in use.

    A new one is made for a session from before devices were stored, or whose device is gone.
    """
    device, today = request.session.get(SESSION_KEY), timezone.now().date().isoformat()
    if device and request.session.get(SEEN_KEY) == today:
        return str(device)
    if device and DeviceSession.objects.live().filter(pk=device).update(seen_at=timezone.now()):
        request.session[SEEN_KEY] = today
        return str(device)
    return begin(request, request.user)  # type: ignore[arg-type]


def begin(request: HttpRequest, person: User) -> str:
    """Create a device for this sign-in, store its id in the session and return it."""
    device = DeviceSession.objects.create(person=person)
    request.session[SESSION_KEY] = str(device.pk)
    request.session[SEEN_KEY] = device.seen_at.date().isoformat()
    return str(device.pk)


def end_of_session(session_key: str) -> None:
    """End the device and the pushes of a session that is closed from the list."""
    _end(import_module(settings.SESSION_ENGINE).SessionStore(session_key))


def _end(session: Any) -> None:
    if device := session.get(SESSION_KEY):
        DeviceSession(pk=device).end()
    if push := session.get(PUSH_KEY):
        subscriptions.drop([push])


def _signed_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    if hasattr(request, "session"):
        begin(request, user)
        request.session[SIGNED_IN_KEY] = time.time()


def is_over(request: HttpRequest, person: User) -> bool:
    """Return whether an operator signed in more than OPIC_STAFF_SESSION_HOURS ago.

    Sessions from before the time of signing in was stored count as over.
    """
    if not person.is_operator:
        return False
    age = time.time() - request.session.get(SIGNED_IN_KEY, 0)
    return bool(age > settings.OPIC_STAFF_SESSION_HOURS * 3600)


def _signed_out(request: HttpRequest | None, **_kwargs: Any) -> None:
    _end(getattr(request, "session", {}))
    if request is not None:
        request.is_signing_out = True  # type: ignore[attr-defined]


def listen() -> None:
    """Connect the receivers of Django's signals of signing in and out."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.devices.begin")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.devices.end")
