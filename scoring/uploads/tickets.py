"""Tickets: signed permission to upload one answer to one place.

A ticket is write-only and bound to a person, a device session, a URL and an upload key. It
replaces sign-in and CSRF for that one request, so that an answer survives a session that expired
while someone spoke. Signing out, ending the device, changing the password or OPIC_DEVICE_DAYS
without being signed in kills it; the bytes stay on the device for the same person. A ticket brings
no other: who holds one alone, stolen or not, stores what it is for and no more.
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
    """This ticket opens nothing (any more)."""


@dataclass(frozen=True)
class UploadGrant:
    """Who may store which answer, and since when the ticket has been out."""

    speaker: User
    key: uuid.UUID
    device: str
    issued_at: datetime


def _password_mark(person: User) -> str:
    """Changes with the password; tells nothing about it."""
    return person.get_session_auth_hash()[:16]


def issue(person: User, device: str, url: str, key: str | None = None) -> dict[str, str]:
    """Issue a ticket for this person's device to upload to `url`; with a key made here unless
    given.

    Raises ValueError when the key given is no UUID.
    """
    key = str(uuid.UUID(key) if key else uuid.uuid4())
    body = {"u": str(person.pk), "d": device, "p": url, "k": key, "a": _password_mark(person)}
    return {"key": key, "token": signing.dumps(body, salt=SALT, compress=True)}


def verify(token: str, url: str) -> UploadGrant:
    """Raises TicketError unless the ticket was made for this URL and still stands."""
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
