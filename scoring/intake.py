"""The door both upload views share: who may come in, how much, how often; and what is answered.

Size is judged before anything is read. The ticket alone opens the door: no session, no CSRF token.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts import consents, security_log
from accounts.devices import device_of
from accounts.models import User
from accounts.security_log import Event
from materials.models import PromptRevision
from scoring import tickets, uploads
from scoring.models import Response
from scoring.tickets import Admission
from scoring.uploads import Checked, Part, Stored, UploadError

DRAIN_BLOCK = 64 * 1024
DRAIN_MOST = 128 * 1024 * 1024


@dataclass(frozen=True)
class Arrival:
    """An answer that decodes, with its file stored and its row still to be made."""

    admission: Admission
    checked: Checked
    stored: Stored

    def keep(self, revision: PromptRevision, *, in_sitting: bool = False) -> tuple[Response, bool]:
        return uploads.keep(
            self.checked, self.stored, self.admission, revision, in_sitting=in_sitting
        )


def admit(request: HttpRequest) -> Admission:
    """Raises UploadError: too large, no ticket that stands, no consent, too many in a minute."""
    _judge_size(request)
    try:
        admission = tickets.admit(request.headers.get("X-Upload-Token", ""), request.path)
    except tickets.TicketError:
        security_log.write(Event.TICKET_REFUSED, request, how=request.path)
        text = gettext(
            "You were signed out. Your answer is safe on this device: sign in to send it."
        )
        raise UploadError(
            "token", text, keep=True, status=401, sign_in_url=reverse("account_login")
        ) from None
    if not consents.may_record(admission.speaker):
        text = gettext(
            "We need your consent before we may keep a recording. It waits on this device."
        )
        raise _needs_consent(text, keep=True)
    return admission


def _needs_consent(text: str, *, keep: bool) -> UploadError:
    url = reverse("accounts:consent")
    return UploadError("consent", text, keep=keep, status=403, consent_url=url)


def judge_pace(admission: Admission) -> None:
    since = timezone.now() - timedelta(minutes=1)
    lately = Response.objects.spoken_by(admission.speaker).filter(received_at__gte=since).count()
    if lately >= settings.OPIC_UPLOADS_PER_MINUTE:
        text = gettext("Many answers arrived within a minute. This one is sent by itself shortly.")
        raise UploadError("slow_down", text, keep=True, status=429, retry_after=30)


def _judge_size(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    most = settings.OPIC_UPLOAD_BYTES
    text = gettext("This recording is too large to be sent. It is still on this device.")
    if not length.isdigit():
        raise UploadError("too_large", text, keep=True, status=411)
    if int(length) > most:
        _drain(request, int(length))
        raise UploadError("too_large", text, keep=True, status=413)


def _drain(request: HttpRequest, length: int) -> None:
    """Read and forget: a browser that is still sending would not see the answer."""
    left = min(length, DRAIN_MOST)
    while left > 0 and (block := request.read(min(DRAIN_BLOCK, left))):
        left -= len(block)


def receive(request: HttpRequest, admission: Admission) -> Arrival:
    """Read, join, decode and store what came. Raises UploadError."""
    try:
        manifest, parts = request.POST.get("manifest", ""), request.FILES
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation, OSError):
        text = gettext("The recording did not arrive whole. It will be sent again.")
        raise UploadError("missing_chunk", text, keep=True) from None
    # Django's uploaded files are what `Part` describes
    checked = uploads.check(manifest, cast(dict[str, Part], parts))
    if checked.manifest.key != admission.key:
        raise uploads.bad_manifest()
    return Arrival(admission, checked, uploads.store(checked, admission))


def _judge_tries(speaker: User) -> None:
    """As many in a minute as answers; no row counts them."""
    key = f"tried-out:{speaker.pk}:{time.time() // 60:.0f}"
    cache.add(key, 0, 120)
    if cache.incr(key) > settings.OPIC_UPLOADS_PER_MINUTE:
        text = gettext("That was a lot in a short time. Wait a moment.")
        raise UploadError("slow_down", text, keep=False, status=429, retry_after=30)


def try_out(request: HttpRequest, speaker: User) -> dict[str, Any]:
    """A recording that proves the way here, decoded and dropped: seconds, and how loud it was.

    Raises UploadError.
    """
    if not consents.may_record(speaker):
        raise _needs_consent(gettext("We need your consent to record you."), keep=False)
    _judge_tries(speaker)
    _judge_size(request)
    try:
        manifest, parts = request.POST.get("manifest", ""), request.FILES
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation, OSError):
        text = gettext("The recording did not arrive whole. Please try again.")
        raise UploadError("missing_chunk", text, keep=False) from None
    checked = uploads.check(manifest, cast(dict[str, Part], parts))
    return {
        "status": "heard",
        "length_seconds": checked.length_ms / 1000,
        "voiced_seconds": checked.voiced_ms / 1000,
    }


def saved_reply(request: HttpRequest, response: Response, admission: Admission) -> JsonResponse:
    """What a device may rely on: it is decoded, stored and in the database.

    With the next ticket where its speaker is signed in; a ticket alone is not renewed.
    """
    reply: dict[str, Any] = {
        "status": "saved",
        "response": str(response.pk),
        "url": reverse("scoring:response-detail", args=[response.pk]),
        "rating_url": reverse("scoring:response-rating", args=[response.pk]),
        "length_seconds": response.length_seconds,
    }
    if request.user == admission.speaker:
        reply["ticket"] = tickets.issue(admission.speaker, device_of(request), request.path)
    return JsonResponse(reply)


def refused_reply(fault: UploadError) -> JsonResponse:
    reply = JsonResponse(fault.as_reply(), status=fault.status)
    if "retry_after" in fault.more:
        reply["Retry-After"] = str(fault.more["retry_after"])
    return reply
