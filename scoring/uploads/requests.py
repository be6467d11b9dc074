"""What all upload views share: permission, size, number of tries, and the replies.

A ticket alone is the permission: no session, no CSRF token. The size is checked before anything is
read. Whatever fails behind it, the reply is JSON that says whether the device keeps its bytes.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from accounts import consents
from accounts.devices import device_of
from accounts.models import User
from accounts.security import log as security_log
from accounts.security.log import Event
from materials.models import PromptRevision
from opic.lib.stores import disk
from opic.lib.web.params import whole
from scoring.models import Response
from scoring.uploads import storage as upload_storage
from scoring.uploads import tickets
from scoring.uploads.manifest import Part, UploadError, bad_manifest
from scoring.uploads.storage import DecodedUpload, StoredFile
from scoring.uploads.tickets import UploadGrant

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]
Place = TypeVar("Place")
WINDOW = 60  # seconds in which tries are counted
DRAIN_BLOCK = 64 * 1024
MOST_LENGTH = 10**15  # longer than any body there will be
DRAIN_MOST = 128 * 1024 * 1024


@dataclass(frozen=True)
class ReceivedUpload:
    """A recording that was decoded and stored; its row is still to be made."""

    grant: UploadGrant
    checked: DecodedUpload
    stored: StoredFile

    def save(self, revision: PromptRevision, *, in_sitting: bool = False) -> tuple[Response, bool]:
        """Save its row in the caller's transaction; return it, and whether it is new."""
        return upload_storage.save_response(
            self.checked, self.stored, self.grant, revision, in_sitting=in_sitting
        )


def upload_door(view: View) -> View:
    """Wrap a view so that its every reply is JSON with `keep`, whatever error it raises.

    Errors before the view are replied to by opic.lib.web.upload_doors.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except UploadError as exc:
            return refused_reply(exc)
        except Http404:
            text = gettext("This question is not here any more. Your answer is on this device.")
            return refused_reply(UploadError("not_found", text, keep=True, status=404))
        except Exception as exc:
            logger.error("%s could not be served", request.path, exc_info=exc)
            return refused_reply(upload_storage.unavailable())

    guarded.is_upload_door = True  # type: ignore[attr-defined]
    return guarded


def _in_a_line(exc: Exception) -> str:
    """Return the kind of error alone: its text may name what was said, or where it is stored."""
    return type(exc).__qualname__


def authorize(request: HttpRequest) -> UploadGrant:
    """Return what the request's ticket permits.

    Raises UploadError: no valid ticket, too large, no consent to recording.
    """
    try:
        grant = tickets.verify(request.headers.get("X-Upload-Token", ""), request.path)
    except tickets.TicketError:
        security_log.write(Event.TICKET_REFUSED, request, how=request.path)
        text = gettext(
            "You were signed out. Your answer is safe on this device: sign in to send it."
        )
        raise UploadError(
            "token", text, keep=True, status=401, sign_in_url=reverse("account_login")
        ) from None
    _judge_size(request)
    if not consents.may_record(grant.speaker):
        text = gettext(
            "We need your consent before we may keep a recording. It waits on this device."
        )
        raise _needs_consent(text, keep=True)
    return grant


def _needs_consent(text: str, *, keep: bool) -> UploadError:
    url = reverse("accounts:consent")
    return UploadError("consent", text, keep=keep, status=403, consent_url=url)


def require_disk_space() -> None:
    """Refuse when the disk is full, before anybody speaks. Raises UploadError."""
    if disk.is_full():
        raise UploadError("disk_full", disk_full_text(), keep=True, status=503, retry_after=60)


def disk_full_text() -> str:
    """Return the words that ask people not to record now."""
    return gettext(
        "There is no room for new recordings here just now, so please do not record yet. What you"
        " have recorded already is safe. Whoever runs this site can see why."
    )


def count_try(request: HttpRequest, person: User, text: str = "") -> None:
    """Count one more try of this person at any upload view, refused ones too.

    Raises UploadError above `OPIC_UPLOADS_PER_MINUTE`, with `text` for the person.
    """
    left = WINDOW - time.time() % WINDOW
    if _tries_of(person) <= settings.OPIC_UPLOADS_PER_MINUTE:
        return
    _drain(request)
    text = text or gettext(
        "Many answers arrived within a minute. This one is sent by itself shortly."
    )
    after = max(1, round(left + 1))
    raise UploadError("slow_down", text, keep=True, status=429, retry_after=after)


def _tries_of(person: User) -> int:
    """Return the tries in this minute, this one included; 0 where they cannot be counted."""
    key = f"upload-tries:{person.pk}:{int(time.time() // WINDOW)}"
    try:
        # the person's row: not every cache counts in one step, and two processes may count at once
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).values_list("pk").get(pk=person.pk)
            cache.add(key, 0, 2 * WINDOW)
            return cache.incr(key)
    except Exception as exc:  # noqa: BLE001 - each cache raises its own
        logger.warning("tries at uploads are not counted just now: %s", _in_a_line(exc))
        return 0


def _judge_size(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    text = gettext("This recording is too large to be sent. It is still on this device.")
    size = whole(length, most=MOST_LENGTH)
    if size is None:
        raise UploadError("too_large", text, keep=True, status=411)
    if size > settings.OPIC_UPLOAD_BYTES:
        _drain(request)
        raise UploadError("too_large", text, keep=True, status=413)


def _drain(request: HttpRequest) -> None:
    """Read the rest of the body and drop it.

    Only for requests with a ticket or a session; others get their reply at once, and are closed.
    """
    declared = whole(request.META.get("CONTENT_LENGTH") or "", most=MOST_LENGTH)
    left = min(declared or 0, DRAIN_MOST)
    # a browser that is still sending does not see a reply before its body was read
    try:
        while left > 0 and (block := request.read(min(DRAIN_BLOCK, left))):
            left -= len(block)
    except OSError:
        return


def parts_of(request: HttpRequest) -> tuple[str, dict[str, Part]]:
    """Return manifest and parts of a request.

    Raises UploadError when the network cut it short; OSError when our disk takes no more.
    """
    try:
        # Django's uploaded files are what `Part` describes
        return request.POST.get("manifest", ""), cast(dict[str, Part], request.FILES)
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation, UnreadablePostError):
        text = gettext("The recording did not arrive whole. It will be sent again.")
        raise UploadError("missing_chunk", text, keep=True) from None


def receive(request: HttpRequest, grant: UploadGrant) -> ReceivedUpload:
    """Count the try; read, put together, decode and store what came. Raises UploadError."""
    count_try(request, grant.speaker)
    manifest, parts = parts_of(request)
    checked = upload_storage.check(manifest, parts, str(grant.speaker.pk))
    if checked.manifest.key != grant.key:
        raise bad_manifest()
    return ReceivedUpload(grant, checked, upload_storage.store(checked, grant))


def upload_reply(
    request: HttpRequest,
    find: Callable[[UploadGrant], Place],
    save: Callable[[ReceivedUpload, Place], Response],
) -> JsonResponse:
    """Take in a recording: `find` where it belongs, then `save` its rows. Raises UploadError.

    `find` raises Http404 where it belongs nowhere. The same key again gives the same reply, with
    nothing looked up, decoded or stored.
    """
    grant = authorize(request)
    response = upload_storage.existing_response(grant)
    if response is None:
        place = find(grant)
        response = save(receive(request, grant), place)
    return saved_reply(request, response, grant)


def ticket_reply(request: HttpRequest, url: str, key: str | None) -> HttpResponse:
    """Issue a ticket for this address to the person signed in; 422 for a key that is no UUID.

    `may_record` in the reply: whether what is sent with it would be taken now.
    """
    person = cast(User, request.user)
    try:
        made = tickets.issue(person, device_of(request), url, key)
    except ValueError:
        return HttpResponse(status=422)
    return JsonResponse({**made, "may_record": consents.may_record(person)})


def try_out(request: HttpRequest, speaker: User) -> dict[str, Any]:
    """Decode a recording that only tests microphone and connection, and drop it.

    Returns the fields of the reply: length and voiced time in seconds. Raises UploadError.
    """
    if not consents.may_record(speaker):
        raise _needs_consent(gettext("We need your consent to record you."), keep=False)
    _judge_size(request)
    require_disk_space()
    # nothing waits on the device here: the person tries again
    count_try(request, speaker, gettext("That was a lot in a short time. Wait a moment."))
    manifest, parts = parts_of(request)
    checked = upload_storage.check(manifest, parts, str(speaker.pk))
    return {
        "status": "heard",
        "length_seconds": checked.length_ms / 1000,
        "voiced_seconds": checked.voiced_ms / 1000,
    }


def saved_reply(request: HttpRequest, response: Response, grant: UploadGrant) -> JsonResponse:
    """Reply that the recording is decoded, stored and in the database.

    With the next ticket where its speaker is signed in; a ticket alone is not renewed.
    """
    reply: dict[str, Any] = {
        "status": "saved",
        "response": str(response.pk),
        "url": reverse("scoring:response-detail", args=[response.pk]),
        "rating_url": reverse("scoring:response-rating", args=[response.pk]),
        "length_seconds": response.length_seconds,
    }
    if request.user == grant.speaker:
        reply["ticket"] = tickets.issue(grant.speaker, device_of(request), request.path)
    return JsonResponse(reply)


def refused_reply(exc: UploadError) -> JsonResponse:
    """Reply with a refusal; with `Retry-After` where it says when to come back."""
    reply = JsonResponse(exc.as_reply(), status=exc.status)
    if "retry_after" in exc.more:
        reply["Retry-After"] = str(exc.more["retry_after"])
    # Django logs every 4xx and 5xx reply: this one was logged where the error was met
    reply._has_been_logged = True  # type: ignore[attr-defined]
    return reply
