"""Views with faults, put among the real ones: the walks have to find them."""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.models import User
from opic.urls import urlpatterns as real
from practice.models import Card, Story


def trusting(request: HttpRequest) -> HttpResponse:
    """Takes what a URL says for a number."""
    return HttpResponse(int(request.GET.get("planted", "0")))


def hiding(request: HttpRequest) -> HttpResponse:
    """Reads a second name only after a first, which no form tells."""
    if request.POST.get("first") == "nobody sends this" and request.POST.get("hidden"):
        return HttpResponse()
    if "hidden" in request.POST:
        return HttpResponse(str(request.POST["hidden"]))
    return HttpResponse()


def leaking(request: HttpRequest, card_id: str) -> HttpResponse:
    """Finds everybody's card."""
    return HttpResponse(get_object_or_404(Card, pk=card_id).quote)


@login_not_required
def spoiling(request: HttpRequest, story_id: str) -> HttpResponse:
    """Changes everybody's story, and says nothing."""
    Story.objects.filter(pk=story_id).update(title="mine now")
    return HttpResponse(status=404)


def telling(request: HttpRequest, response_id: str) -> HttpResponse:
    """Says by its status that somebody else's row is there."""
    from scoring.models import Response

    response = get_object_or_404(Response, pk=response_id)
    is_own = response.speaker_id == cast(User, request.user).pk
    return HttpResponse(status=200 if is_own else 403)


urlpatterns = [
    *real,
    path("planted/trusting/", trusting),
    path("planted/hiding/", hiding),
    path("planted/leaking/<uuid:card_id>/", leaking),
    path("planted/spoiling/<uuid:story_id>/", spoiling),
    path("planted/telling/<uuid:response_id>/", telling),
]
