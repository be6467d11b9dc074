"""Recordings of guests: the same checks as everybody's, shorter, fewer, and of nobody.

Limits by address are counted in the shared cache, by a hash; the row has no trace of it.
"""

import ipaddress
import uuid

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from materials.models import PromptRevision
from opic.lib.stores import hourly_slots
from scoring.models import GuestResponse
from scoring.models.guests import FOLDER, LIFE
from scoring.uploads import requests, timed_storage
from scoring.uploads import storage as upload_storage
from scoring.uploads.manifest import UploadError

SALT = "opic.guest"
TOLERANCE_MS = 1000  # a recorder stops a moment after the limit
HOUR_SECONDS = 3600


def token_for(guest: GuestResponse) -> str:
    """Return the signed mark by which the page that sent it finds it again."""
    return signing.dumps(str(guest.pk), salt=SALT)


def guest_of(token: str) -> GuestResponse | None:
    """Return the answer of this mark; None where the mark is not ours, or the answer is gone."""
    try:
        guest_id = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    return GuestResponse.objects.live().filter(pk=guest_id).select_related("revision").first()


def are_heard() -> bool:
    """Return whether guests may send anything here at all."""
    return min(settings.OPIC_GUEST_ANSWERS_PER_HOUR, settings.OPIC_GUEST_ANSWERS_SITE_PER_HOUR) > 0


def receive(request: HttpRequest, revision: PromptRevision) -> GuestResponse:
    """Count the try; check, decode and store what came; save its row. Raises UploadError."""
    requests.require_disk_space()
    mark = _mark_of(request)
    _take_slot(mark)
    manifest, parts = requests.parts_of(request)
    checked = upload_storage.check(manifest, parts, f"guest {mark}")
    if checked.length_ms > settings.OPIC_GUEST_SECONDS * 1000 + TOLERANCE_MS:
        raise _too_long()
    guest_id = uuid.uuid4()
    try:
        name = timed_storage.save(f"{FOLDER}/{guest_id}.m4a", checked.sound)
    except timed_storage.StorageAway:
        raise upload_storage.unavailable() from None
    return GuestResponse.objects.create(
        pk=guest_id, revision=revision, audio=name, length_ms=checked.length_ms
    )


def forget(guest: GuestResponse) -> None:
    """Delete row and recording; a worker that is hearing it finds its claim gone."""
    name = str(guest.audio.name or "")
    GuestResponse.objects.filter(pk=guest.pk).delete()
    if name:
        upload_storage.drop_file(name)


def _mark_of(request: HttpRequest) -> str:
    """Return a hash that stands for an address; of one household where there are many."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "nowhere"
    width = 32 if address.version == 4 else 64
    network = str(ipaddress.ip_network(f"{address}/{width}", strict=False))
    return salted_hmac(SALT, network, algorithm="sha256").hexdigest()[:32]


def _take_slot(mark: str) -> None:
    """Take one of the address's slots and one of the site's. Raises UploadError without."""
    if not hourly_slots.take(f"guest:{mark}", settings.OPIC_GUEST_ANSWERS_PER_HOUR):
        text = gettext(
            "That is as often as we show it without an account within an hour. Your recording is"
            " still on this device: sign up to go on."
        )
        raise UploadError("slow_down", text, keep=True, status=429, retry_after=HOUR_SECONDS)
    if not hourly_slots.take("guests", settings.OPIC_GUEST_ANSWERS_SITE_PER_HOUR):
        text = gettext(
            "Many people try this just now. Your recording is still on this device: sign up, or"
            " come back in an hour."
        )
        raise UploadError("slow_down", text, keep=True, status=429, retry_after=HOUR_SECONDS)


def _too_long() -> UploadError:
    text = gettext(
        "Without an account we listen to %(seconds)d seconds at most, and this is longer. It is"
        " still on this device: sign up to send all of it."
    )
    return UploadError("too_long", text % {"seconds": settings.OPIC_GUEST_SECONDS}, keep=True)
