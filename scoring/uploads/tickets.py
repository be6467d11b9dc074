"""Tickets: signed permission to upload one response to one place.

A ticket can only write, and is bound to a person, a device session, a URL and an upload key. It
replaces sign-in and CSRF token for that one request, so that a recording survives a session that
expired while someone spoke. It ends when the person signs out, ends the device, changes the
password or is not signed in for OPIC_DEVICE_DAYS; the bytes stay on the device for the same person.
A ticket brings no other ticket: who holds one alone, stolen or not, stores one response and no
more.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils import timezone

from accounts.models import DeviceSession, User

SALT = "opic.upload"


class TicketError(Exception):
    """A ticket that is not valid, or not any more."""


@dataclass(frozen=True)
class UploadGrant:
    """What a ticket permits: whose response, under which key, from which device, issued when."""

    speaker: User
    key: uuid.UUID
    device: str
    issued_at: datetime


def _password_mark(person: User) -> str:
    """Return a mark that changes with the password and reveals nothing of it."""
    return person.get_session_auth_hash()[:16]


def issue(person: User, device: str, url: str, key: str | None = None) -> dict[str, str]:
    """Issue a ticket for this person's device to upload to `url`; return `key` and `token`.

    The upload key is made here unless given. Raises ValueError when the key given is no UUID.
    """
    key = str(uuid.UUID(key) if key else uuid.uuid4())
    body = {"u": str(person.pk), "d": device, "p": url, "k": key, "a": _password_mark(person)}
    return {"key": key, "token": signing.dumps(body, salt=SALT, compress=True)}


def verify(token: str, url: str) -> UploadGrant:
    """Return what a ticket permits. Raises TicketError unless it is valid for this URL."""
    try:
        age = timedelta(days=settings.OPIC_TICKET_DAYS)
        body = signing.loads(token, salt=SALT, max_age=age)
        live = DeviceSession.objects.live().select_related("person")
        device = live.get(pk=body["d"], person_id=body["u"], person__is_active=True)
    except (signing.BadSignature, DeviceSession.DoesNotExist, KeyError) as exc:
        raise TicketError from exc
    if body["p"] != url or body["a"] != _password_mark(device.person):
        raise TicketError
    return UploadGrant(device.person, uuid.UUID(body["k"]), body["d"], _issued_at(token))


def _issued_at(token: str) -> datetime:
    stamp = signing.b62_decode(token.rsplit(":", 2)[1])
    return datetime.fromtimestamp(stamp, tz=timezone.get_default_timezone())
