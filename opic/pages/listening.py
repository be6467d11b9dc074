"""A playlist of past responses to listen to, for where nobody can speak aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import User
from materials.clips import clip_url
from materials.models import SampleResponse
from opic.lib.pagination import Span, page_of
from scoring.models import Response

ENTRIES = 10
# the entries are chosen from so many of the newest responses with sound
LOOKED_AT = 60
# columns that are long, and nothing to listen to
UNHEARD = (
    "measures",
    "shown_rating__advice",
    "shown_rating__criteria",
    "shown_rating__versions",
)


@dataclass(frozen=True)
class Entry:
    """The question, a good reply and one's own best one, as URLs; empty where there is no sound."""

    title: str
    kind: str
    question: str
    good: str
    own: str


def _worth(response: Response) -> int:
    rating = response.shown_rating
    return (rating.points or 0) if rating else 0


def _best(responses: Iterable[Response]) -> list[Response]:
    """Return the best response of each prompt, of equals the newest; the newest prompts first."""
    best: dict[UUID, Response] = {}
    for response in responses:
        prompt = response.revision.prompt_id
        if prompt not in best or _worth(response) > _worth(best[prompt]):
            best[prompt] = response
    return list(best.values())[:ENTRIES]


def _with_sound(person: User) -> list[Response]:
    """Return the newest responses with sound.

    Where all sound was deleted, this gives up in time.
    """
    mine = Response.objects.spoken_by(person).select_related(
        "shown_rating", "revision__prompt__topic", "revision__clip", "revision__spare_clip"
    )
    has_sound = Q(audio__isnull=False) & ~Q(audio="")
    newest = page_of(
        mine.defer(*UNHEARD), by="recorded_at", span=Span(), size=LOOKED_AT, wanted=has_sound
    )
    return newest.rows


def _samples(responses: Sequence[Response]) -> dict[UUID, SampleResponse]:
    """Return our sample responses by prompt, of each the highest."""
    prompts = [response.revision.prompt_id for response in responses]
    samples = SampleResponse.objects.filter(prompt__in=prompts, is_published=True).order_by("level")
    return {row.prompt_id: row for row in samples.select_related("clip", "spare_clip")}


def _entry(response: Response, sample: SampleResponse | None) -> Entry:
    rating, prompt = response.shown_rating, response.revision.prompt
    if rating and rating.spoken:
        good = reverse("scoring:response-better", args=[response.pk])
    else:
        good = clip_url(sample.best_clip if sample else None)
    return Entry(
        title=prompt.topic.name,
        kind=str(prompt.get_item_type_display()),
        question=clip_url(response.revision.best_clip),
        good=good,
        own=reverse("scoring:response-audio", args=[response.pk]),
    )


def queue_of(person: User) -> list[Entry]:
    """Return the playlist, in three queries whatever its length."""
    best = _best(_with_sound(person))
    samples = _samples(best) if best else {}
    return [_entry(response, samples.get(response.revision.prompt_id)) for response in best]


@require_GET
def listen(request: HttpRequest) -> HttpResponse:
    """Show the player: a question, a pause to think, a good reply, the learner's own best."""
    return render(request, "listen.html", {"entries": queue_of(cast(User, request.user))})
