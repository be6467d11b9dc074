"""Cards of one's own corrections, or of gaps in good answers.

They are made when somebody looks, shown when due, answered once.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import User
from opic.lib.clock import clamped, day_of
from practice.cards import gaps
from practice.cards.matching import is_same, sentence_around
from practice.models import Card
from scoring.models import Rating, Response
from scoring.raters.base import is_embedded

LONGEST = 300  # characters of a quotation that still fits on a card
CARDS_OFFLINE = 50


def newest_ratings(learner: User) -> QuerySet[Rating]:
    """Return machines' ratings of the newest `OPIC_CARDS_LOOK_BACK` responses, newest first."""
    newest = Response.objects.spoken_by(learner).order_by("-recorded_at")
    return Rating.objects.filter(
        response__in=newest.values("pk")[: settings.OPIC_CARDS_LOOK_BACK],
        source=Rating.Source.MACHINE,
        kind=Rating.Kind.RATING,
    ).order_by("-response__recorded_at", "-pk")


def last_of_each(ratings: Iterable[Rating]) -> Iterator[Rating]:
    """Yield the last rating of each response, of ratings that come newest first."""
    seen: set[Any] = set()
    for rating in ratings:
        if rating.response_id not in seen:
            seen.add(rating.response_id)
            yield rating


def corrections_of(rating: Rating) -> list[dict[str, Any]]:
    """Return the corrections of a rating that change a word and fit on a card."""
    return [
        row
        for row in rating.advice.get("corrections", [])
        if len(row["quote"]) <= LONGEST and not is_same(row["quote"], row["better"])
    ]


def _made_of(ratings: Iterable[Rating], learner: User) -> Iterator[Card]:
    for rating in ratings:
        transcript = str(rating.advice.get("transcript", ""))
        for row in corrections_of(rating):
            before, after = sentence_around(transcript, row["start"], row["end"])
            yield Card(
                learner=learner,
                response_id=rating.response_id,
                before=before,
                quote=row["quote"],
                after=after,
                better=row["better"],
                why=row["why"],
                due_on=learner.today,
            )


def make(learner: User) -> None:
    """Make a card for each correction that has none yet; where no model judges words, for gaps in
    good answers to the questions answered last. Asked twice, it makes nothing twice.
    """
    has_cards = Exists(Card.objects.filter(response=OuterRef("response")))
    fresh = newest_ratings(learner).exclude(has_cards).only("response", "advice")
    cards = list(_made_of(last_of_each(fresh), learner))
    if is_embedded():
        cards += gaps.cards_for(learner)
    if not cards:
        return
    quotes = {card.quote.lower() for card in cards}
    held = Card.objects.held_by(learner).annotate(said=Lower("quote"))
    existing = set(held.filter(said__in=quotes).values_list("said", flat=True))
    new = [card for card in cards if card.quote.lower() not in existing]
    # two pages may make the same cards at once: the constraint on the quotation keeps one of each
    if new:
        Card.objects.bulk_create(new, ignore_conflicts=True)


def due_for(learner: User) -> list[dict[str, str]]:
    """Return the cards due today, as plain values for a device to keep."""
    make(learner)
    due = Card.objects.held_by(learner).due(learner.today)[:CARDS_OFFLINE]
    return [
        {"id": str(card.pk), "quote": _asked(card), "better": card.better, "why": card.why}
        for card in due
    ]


def _asked(card: Card) -> str:
    """Return what a card asks, alone: a gap says nothing without its sentence."""
    return f"{card.before}{card.quote}{card.after}" if card.is_gap else card.quote


def answer(card: Card, learner: User, *, is_right: bool, claimed_at: datetime | None) -> bool:
    """Save an answer at the time the device says it was given; False where it does not count.

    The time is cut to what can be true: after the card was made, and not in the future.
    """
    now = timezone.now()
    at = clamped(claimed_at or now, earliest=card.made_at, latest=now)
    return card.answer(is_right=is_right, at=at, on=day_of(at, learner.time_zone))
