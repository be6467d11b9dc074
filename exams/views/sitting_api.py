"""The moves on a sitting, for its page: each is posted, and replied to with the state.

A move that is not allowed changes nothing and is a 409. Recordings arrive here too.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.devices import device_of
from exams.models import Attempt, AttemptItem
from exams.sitting import lifecycle, payload
from exams.sitting.assembly import AssemblyError
from exams.sitting.blueprint import READJUST_AFTER
from exams.tasks import queue_closing
from exams.views.lookup import candidate_of, own_attempt
from opic.lib.web.bodies import accepts_upload
from opic.lib.web.params import whole
from scoring.uploads import requests as upload_requests
from scoring.uploads.requests import upload_door
from scoring.uploads.tickets import UploadGrant

MOST_ITEMS = 99
ADVANCE_FIELDS = {"number", "heard_twice", "used_hint", "is_skipped", "csrfmiddlewaretoken"}


def _state(attempt: Attempt, *, status: int = 200, **more: Any) -> JsonResponse:
    return JsonResponse({**payload.state_of(attempt), **more}, status=status)


@require_POST
def attempt_start(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Start the clock; 409 where it runs already."""
    attempt = own_attempt(request, attempt_id)
    return _state(attempt, status=200 if attempt.start() else 409)


@require_POST
def attempt_advance(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Go on from an item, with how it was left; 409 where it is not the one at hand.

    422 for a field that is not known.
    """
    attempt = own_attempt(request, attempt_id)
    number = whole(request.POST.get("number", ""), most=MOST_ITEMS)
    if number is None or set(request.POST) - ADVANCE_FIELDS:
        return _state(attempt, status=422)
    left = lifecycle.Left(
        number,
        heard_twice=request.POST.get("heard_twice") == "1",
        used_hint=not attempt.is_real and request.POST.get("used_hint") == "1",
        is_skipped=request.POST.get("is_skipped") == "1",
    )
    return _state(attempt, status=200 if lifecycle.advance(attempt, left) else 409)


@require_POST
def attempt_readjust(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Take the choice after item 7; reply with items 8-end."""
    attempt = own_attempt(request, attempt_id)
    try:
        is_new = lifecycle.readjust(attempt, request.POST.get("shift", ""))
    except AssemblyError:
        return _state(attempt, status=503)
    after = attempt.assessment.second_step and READJUST_AFTER
    more = payload.items_of(attempt, device_of(request), after=after) if after else []
    return _state(attempt, status=200 if is_new else 409, items=more)


@require_POST
def attempt_resume(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Resume the sitting after an absence."""
    attempt = own_attempt(request, attempt_id)
    lifecycle.resume(attempt)
    return _state(attempt)


@require_POST
def attempt_pause(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Pause a relaxed sitting; 409 for a real one."""
    attempt = own_attempt(request, attempt_id)
    is_new = lifecycle.pause(attempt)
    attempt.refresh_from_db()
    return _state(attempt, status=200 if is_new else 409)


@require_POST
def attempt_state(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Note a sign of life; reply with the state and the seconds that are left."""
    attempt = own_attempt(request, attempt_id)
    attempt.note_seen()
    return _state(attempt)


@require_POST
def attempt_submit(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Hand in: at the end, early, or because the time is over."""
    attempt = own_attempt(request, attempt_id)
    won = attempt.submit(is_overdue=not lifecycle.seconds_left(attempt))
    # every response may be final already
    if won:
        queue_closing(attempt)
    return _state(attempt, status=200 if won else 409)


@require_POST
def attempt_abandon(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Give the attempt up: responses stay, without a report."""
    if own_attempt(request, attempt_id).abandon():
        text = gettext("Given up. Your answers so far are kept, without a report.")
        messages.success(request, text)
    return redirect("exams:attempt-list")


@upload_door
@require_POST
@accepts_upload("OPIC_UPLOAD_BYTES")
def attempt_check(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Check the microphone: reply whether a recording arrived and was decoded, and drop it."""
    own_attempt(request, attempt_id)
    return JsonResponse(upload_requests.try_out(request, candidate_of(request)))


@upload_door
@require_POST
def ticket_create(request: HttpRequest, attempt_id: str, number: int) -> HttpResponse:
    """Issue a new ticket for a recording whose ticket expired, under the item's own upload key."""
    mine = AttemptItem.objects.filter(attempt__candidate=candidate_of(request))
    item = get_object_or_404(mine, attempt=attempt_id, number=number)
    return upload_requests.ticket_reply(request, payload.upload_url(item), str(item.upload_key))


@csrf_exempt
@login_not_required
@upload_door
@require_POST
@accepts_upload("OPIC_UPLOAD_BYTES")
def item_response(request: HttpRequest, attempt_id: str, number: int) -> HttpResponse:
    """Save the recording of an item, whenever it comes. The ticket is the permission."""

    def find(grant: UploadGrant) -> AttemptItem:
        rows = AttemptItem.objects.select_related("attempt", "revision")
        mine = rows.filter(attempt__candidate=grant.speaker, upload_key=grant.key)
        return get_object_or_404(mine, attempt=attempt_id, number=number)

    return upload_requests.upload_reply(request, find, lifecycle.save_response)
