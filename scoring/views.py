"""One response: its page, its recording, its rating. Only for the person who spoke."""

from typing import Any, cast
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from accounts import consents
from accounts.level_embargo import embargo_start
from accounts.models import Goal, User
from opic.lib.htmx import Request, is_fragment, redirect_whole_page
from opic.lib.levels import DEFAULT_TARGET, Level
from opic.lib.range_response import stored_reply
from opic.lib.web.params import whole
from scoring import tasks
from scoring.display.other_responses import (
    before_in,
    other_responses_for,
    response_before,
    responses_beside,
)
from scoring.display.panel import Panel, of_machine, panel_for
from scoring.models import Response, audio_storage
from scoring.rating import dismissals

PAGE = "scoring/response_detail.html"


def _own(request: HttpRequest) -> User:
    return cast(User, request.user)


def _panel(request: HttpRequest, response: Response, before: Response | None = None) -> Panel:
    person = _own(request)
    goal = Goal.objects.filter(learner=person).first()
    return panel_for(
        response,
        Level(goal.target) if goal else DEFAULT_TARGET,
        has_goal=bool(goal),
        for_operator=person.is_staff,
        embargo_start=embargo_start(person, goal.exam_on) if goal else None,
        before=before,
    )


def _panel_of_final(request: HttpRequest, response: Response) -> Panel:
    """Return the panel; beside the answer before only where no worker is due: polls stay small."""
    before = response_before(response) if response.is_final else None
    return _panel(request, response, before)


def _review(request: HttpRequest, response_id: str) -> dict[str, Any]:
    """Return everything that the page of one response prints."""
    mine = Response.objects.spoken_by(_own(request)).with_rating().with_neighbours()
    response = get_object_or_404(mine.select_related("revision__prompt__topic"), pk=response_id)
    rows = responses_beside(response)
    panel = _panel(request, response, before_in(rows, response))
    return {
        "panel": panel,
        "response": response,
        "beside": other_responses_for(rows, response, panel.embargo_start),
        "is_review": True,
    }


def _goes_to_review(request: HttpRequest, response_id: str) -> bool:
    """Return whether a fragment goes to the response's own page, which has a player already."""
    current = cast(Request, request).htmx.current_url or ""
    try:
        path = urlsplit(current).path
    except ValueError:
        return False
    return path == reverse("scoring:response-detail", args=[response_id])


@require_GET
def response_audio(request: HttpRequest, response_id: str) -> HttpResponseBase:
    """Reply with the recording, in byte ranges; whose it is is checked on every read."""
    mine = Response.objects.spoken_by(_own(request)).exclude(audio=None)
    response = get_object_or_404(mine, pk=response_id)
    name = str(response.audio.name)
    return stored_reply(request, audio_storage(), name, content_type="audio/mp4")


@require_GET
def response_better(request: HttpRequest, response_id: str) -> HttpResponseBase:
    """Reply with the better answer, read aloud: as private as the response."""
    response = get_object_or_404(Response.objects.spoken_by(_own(request)), pk=response_id)
    rating = of_machine(response)
    if rating is None or not rating.spoken:
        raise Http404
    name = str(rating.spoken.name)
    return stored_reply(request, audio_storage(), name, content_type="audio/mp4")


@require_GET
def response_rating(request: HttpRequest, response_id: str) -> HttpResponse:
    """Show the rating panel; as a fragment it asks again only while something is due."""
    if not is_fragment(request):
        return render(request, PAGE, _review(request, response_id))
    mine = Response.objects.spoken_by(_own(request)).with_rating().select_related("revision")
    response = get_object_or_404(mine, pk=response_id)
    panel = _panel_of_final(request, response)
    context = {"panel": panel, "is_review": _goes_to_review(request, response_id)}
    reply = render(request, "_rating.html", context)
    reply["Vary"] = "HX-Request, Cookie"
    if panel.is_final:
        reply["HX-Trigger"] = "rating:settled"
    return reply


def _to_consent(request: HttpRequest, response: Response) -> HttpResponse:
    back = urlencode({"next": reverse("scoring:response-detail", args=[response.pk])})
    url = f"{reverse('accounts:consent')}?{back}"
    return redirect_whole_page(url) if is_fragment(request) else redirect(url)


@require_POST
def response_again(request: HttpRequest, response_id: str) -> HttpResponse:
    """Queue another try for a response whose tries all failed; ask for consent first."""
    mine = Response.objects.spoken_by(_own(request)).with_rating()
    response = get_object_or_404(mine, pk=response_id)
    if not consents.may_record(response.speaker):
        return _to_consent(request, response)
    tasks.queue_retry(response)
    if not is_fragment(request):
        return redirect("scoring:response-detail", response_id)
    panel = _panel(request, get_object_or_404(mine, pk=response_id))
    context = {"panel": panel, "is_review": _goes_to_review(request, response_id)}
    return render(request, "_rating.html", context)


@require_POST
def correction_dismiss(request: HttpRequest, response_id: str) -> HttpResponse:
    """Take away a correction that the person did not say so; 404 for one that is not shown."""
    mine = Response.objects.spoken_by(_own(request)).select_related("shown_rating", "speaker")
    response = get_object_or_404(mine, pk=response_id)
    kind, start = request.POST.get("kind", ""), whole(request.POST.get("start", ""))
    if start is None or not dismissals.has_correction(response, kind, start):
        raise Http404
    dismissals.dismiss(response, kind, start)
    if not is_fragment(request):
        return redirect("scoring:response-detail", response_id)
    return render(request, "rating/_dismissed.html")


@require_GET
def response_detail(request: HttpRequest, response_id: str) -> HttpResponse:
    """Show the page of one response: recording, rating, and its neighbours in time."""
    return render(request, PAGE, _review(request, response_id))
