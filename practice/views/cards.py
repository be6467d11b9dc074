"""Reviewing cards one at a time; and the JSON for cards answered without a network."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from opic.lib.htmx import is_fragment, render_partial
from opic.lib.web.params import moment_of
from practice.cards import deck, session
from practice.models import Card
from practice.views.lookup import learner_of
from scoring.raters.base import is_embedded

RESULTS = {"right": True, "wrong": False}
TYPED = 600  # characters that are looked at


def _own(request: HttpRequest, card_id: str) -> Card:
    """Return the learner's own card; a stranger's is a 404."""
    return get_object_or_404(Card.objects.held_by(learner_of(request)), pk=card_id)


def _page(request: HttpRequest, position: session.Position, **more: object) -> HttpResponse:
    context = {"position": position, "session": position.session, "card": position.card, **more}
    context["has_corrections"] = not is_embedded()
    return render_partial(request, "practice/card_review.html", "review-card", context)


@require_GET
def card_review(request: HttpRequest) -> HttpResponse:
    """Show the next card of a review session, or its end."""
    return _page(
        request, session.position_for(learner_of(request), session.parse_session(request.GET))
    )


@require_POST
def card_show(request: HttpRequest, card_id: str) -> HttpResponse:
    """Reveal the other side of a card. To look at it counts as no answer."""
    card = _own(request, card_id)
    shown = session.reveal(card, request.POST.get("typed", "")[:TYPED])
    going_on = session.parse_session(request.POST) or session.ALONE
    return _page(request, session.Position(going_on, card), shown=shown)


@require_POST
def card_answer(request: HttpRequest, card_id: str) -> HttpResponse:
    """Save whether the answer was right; 422 where that is not said.

    A page goes on to the next card; a device is told when this one is due again.
    """
    card, learner = _own(request, card_id), learner_of(request)
    is_right = RESULTS.get(request.POST.get("result", ""))
    if is_right is None:
        return HttpResponse(status=422)
    at = moment_of(request.POST.get("answered_at", ""), takes_naive=True)
    counted = deck.answer(card, learner, is_right=is_right, claimed_at=at)
    if request.headers.get("X-Wants") == "json":
        return JsonResponse({"counted": counted, "stage": card.stage, "due_on": card.due_on})
    going_on = (session.parse_session(request.POST) or session.ALONE).after(is_right=is_right)
    if is_fragment(request):
        return _page(request, session.position_for(learner, going_on))
    return redirect(f"{reverse('practice:card-review')}?{going_on.query}")


@require_GET
def card_list(request: HttpRequest) -> HttpResponse:
    """Reply with the cards that are due, for a device that has no network later."""
    learner = learner_of(request)
    return JsonResponse({"user": str(learner.pk), "cards": deck.due_for(learner)})
