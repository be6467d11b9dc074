"""One prompt before there is an account: the recording stays on the device.

Nothing that a guest says reaches the server. After sign-up and consent the person may send it as a
take of theirs; its ticket is issued then, in their name.
"""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from materials.clips import clip_reply
from materials.models import Prompt, PromptRevision
from opic.lib.headers import records_speech
from practice import next_prompt
from practice.recorder_context import player_for, recorder_for_guest


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
