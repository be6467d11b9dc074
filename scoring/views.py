"""One response: its page, its sound, its rating. Only for the person who spoke."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Goal, User
from opic.lib.htmx import is_fragment
from opic.lib.levels import DEFAULT_TARGET, Level
from opic.lib.media import file_answer
from scoring import again
from scoring.models import Response, audio_storage
from scoring.panel import Panel, of_machine, panel_for
from scoring.rated import level_text

COMPARED = 10


def _own(request: HttpRequest) -> User:
    return cast(User, request.user)


def _panel(request: HttpRequest, response: Response) -> Panel:
    person = _own(request)
    goal = Goal.objects.filter(learner=person).first()
    target = Level(goal.target) if goal else DEFAULT_TARGET
    return panel_for(response, target, has_goal=bool(goal), for_operator=person.is_staff)


@require_GET
def response_audio(request: HttpRequest, response_id: str) -> HttpResponseBase:
    """The sound, in byte ranges; the check is made on every read."""
    mine = Response.objects.spoken_by(_own(request)).exclude(audio=None)
    response = get_object_or_404(mine, pk=response_id)
    try:
        handle = audio_storage().open(response.audio.name, "rb")
    except FileNotFoundError:
        raise Http404 from None
    return file_answer(request, handle, size=response.audio_bytes, content_type="audio/mp4")


@require_GET
def response_better(request: HttpRequest, response_id: str) -> HttpResponseBase:
    """The answer one step up, read aloud: as private as the answer."""
    response = get_object_or_404(Response.objects.spoken_by(_own(request)), pk=response_id)
    rating = of_machine(response)
    if rating is None or not rating.spoken:
        raise Http404
    try:
        handle = audio_storage().open(rating.spoken.name, "rb")
        size = audio_storage().size(rating.spoken.name)
    except FileNotFoundError:
        raise Http404 from None
    return file_answer(request, handle, size=size, content_type="audio/mp4")


@require_GET
def response_rating(request: HttpRequest, response_id: str) -> HttpResponse:
    """The fragment that asks again only while something is due."""
    mine = Response.objects.spoken_by(_own(request)).with_rating()
    response = get_object_or_404(mine, pk=response_id)
    panel = _panel(request, response)
    template = "_rating.html" if is_fragment(request) else "scoring/response_detail.html"
    answer = render(request, template, {"panel": panel})
    answer["Vary"] = "HX-Request, Cookie"
    if panel.is_final:
        answer["HX-Trigger"] = "rating:settled"
    return answer


@require_POST
def response_again(request: HttpRequest, response_id: str) -> HttpResponse:
    """Every try failed: the speaker asks for another."""
    mine = Response.objects.spoken_by(_own(request)).with_rating()
    again.ask(get_object_or_404(mine, pk=response_id))
    if not is_fragment(request):
        return redirect("scoring:response-detail", response_id)
    panel = _panel(request, get_object_or_404(mine, pk=response_id))
    return render(request, "_rating.html", {"panel": panel})


def _others(response: Response) -> list[tuple[Response, str]]:
    """The same person's answers to the same prompt, newest first, each with what it showed."""
    same = Response.objects.filter(
        speaker=response.speaker_id, revision__prompt=response.revision.prompt_id
    ).exclude(pk=response.pk)
    rows = same.select_related("shown_rating").order_by("-recorded_at")[:COMPARED]
    return [(row, level_text(row.shown_rating) or str(row.get_status_display())) for row in rows]


@require_GET
def response_detail(request: HttpRequest, response_id: str) -> HttpResponse:
    mine = Response.objects.spoken_by(_own(request)).with_rating()
    response = get_object_or_404(mine.select_related("revision__prompt__topic"), pk=response_id)
    context = {
        "panel": _panel(request, response),
        "response": response,
        "others": _others(response),
        "is_review": True,
    }
    return render(request, "scoring/response_detail.html", context)
