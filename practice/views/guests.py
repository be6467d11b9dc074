"""One prompt before there is an account.

What a guest says stays on the device until they ask to see how it went. Then it is heard by this
site's own machines, shown on the page that asked, and deleted within the hour. After sign-up and
consent the device sends it as a take of theirs; its ticket is issued then, in their name.
"""

from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from materials.clips import clip_reply
from materials.models import Prompt, PromptRevision
from opic.lib.headers import records_speech
from opic.lib.web.bodies import accepts_upload
from practice import next_prompt
from practice.recorder_context import player_for, recorder_for_guest
from scoring import tasks
from scoring.display.guest_panel import panel_for_guest, result_for_guests
from scoring.uploads import guests
from scoring.uploads.requests import upload_door

TOKEN_HEADER = "X-Guest-Answer"  # not in an address: those stand in logs


def _revision() -> PromptRevision | None:
    """Return the wording that guests are asked, with its voice; None while the bank is empty."""
    first = next_prompt.first_prompt()
    if first is None:
        return None
    prompt = Prompt.objects.published().with_voice().get(pk=first.pk)
    revision = cast(PromptRevision, prompt.published)
    revision.prompt = prompt
    return revision


@login_not_required
@records_speech
@require_GET
def try_prompt(request: HttpRequest) -> HttpResponse:
    """Show the one prompt for guests; redirect who is signed in.

    While there is no prompt, it redirects to the sign-up.
    """
    if request.user.is_authenticated:
        return redirect("practice:start")
    revision = _revision()
    if revision is None:
        return redirect("account_signup")
    context = {
        "prompt": revision.prompt,
        "revision": revision,
        "player": {**player_for(revision), "src": reverse("practice:try-audio")},
        "recorder": recorder_for_guest(revision),
        "guest_result": result_for_guests(),
    }
    return render(request, "practice/try.html", context)


@login_not_required
@require_GET
def try_audio(request: HttpRequest) -> HttpResponseBase:
    """Play the voice of that one prompt; every other clip takes a sign-in."""
    revision = _revision()
    clip = revision.best_clip if revision else None
    if clip is None:
        raise Http404
    return clip_reply(request, clip)


@login_not_required
@upload_door
@require_POST
@accepts_upload("OPIC_GUEST_BYTES")
def try_send(request: HttpRequest) -> HttpResponse:
    """Take a guest's recording, which they asked to have heard; reply with its signed mark."""
    revision = _revision()
    if request.user.is_authenticated or revision is None or not guests.are_heard():
        raise Http404
    guest = guests.receive(request, revision)
    tasks.queue_guest(guest)
    return JsonResponse({"status": "received", "token": guests.token_for(guest)})


@login_not_required
@require_GET
def try_result(request: HttpRequest) -> HttpResponse:
    """Show what was heard, as a part of the page that sent it; or that it is gone."""
    token = request.headers.get(TOKEN_HEADER, "")
    guest = guests.guest_of(token)
    context: dict[str, Any] = {"panel": None}
    if guest is not None:
        context = {
            "panel": panel_for_guest(guest),
            "token": token,
            "token_header": TOKEN_HEADER,
            "guest_result": result_for_guests(),
        }
    reply = render(request, "practice/_guest_result.html", context)
    reply["Vary"] = f"Cookie, {TOKEN_HEADER}"
    return reply


@login_not_required
@require_POST
def try_forget(request: HttpRequest) -> HttpResponse:
    """Delete what a guest sent; the same reply where nothing is there any more."""
    guest = guests.guest_of(request.headers.get(TOKEN_HEADER, ""))
    if guest is not None:
        guests.forget(guest)
    return HttpResponse(status=204)
