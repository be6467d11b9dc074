"""Gaps to fill in good answers: what cards are made of where no model judges words.

A gap is a useful expression of a question, in the sentence of our sample response that uses it.
"""

import re
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.models import User
from materials.models import SampleResponse
from practice.cards.matching import sentence_around
from practice.models import Card, PracticeTake

PROMPTS = 10  # the last that were answered
GAPS_A_PROMPT = 2
LEAST_WORDS, MOST_WORDS = 2, 6
_PLACE = re.compile(r"\s*(?:\.\.\.|…)\s*")  # what an expression leaves open


def spans(text: str, expressions: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where expressions stand in a text, as characters; each by its longest part, once."""
    for expression in expressions:
        parts = [part.strip(" .,;:!?") for part in _PLACE.split(expression)]
        longest = max(parts, key=lambda part: len(part.split()))
        if not LEAST_WORDS <= len(longest.split()) <= MOST_WORDS:
            continue
        match = re.search(rf"(?<!\w){re.escape(longest)}(?!\w)", text, re.IGNORECASE)
        if match:
            yield match.span()


def first_letters(words: str) -> str:
    """Return words with a line for each letter but the first: `o_ m_ w__`."""
    return re.sub(r"(?<=\w)\w", "_", words)


def cards_for(learner: User) -> Iterator[Card]:
    """Yield cards of the questions answered last that have none, unsaved; in one query."""
    takes = PracticeTake.objects.made_by(learner).order_by("-response__recorded_at")
    has_cards = Exists(Card.objects.held_by(learner).filter(prompt=OuterRef("prompt")))
    samples = SampleResponse.objects.filter(
        prompt__in=takes.values("prompt")[:PROMPTS], prompt__published__isnull=False
    )
    rows = samples.filter(is_published=True).exclude(has_cards).order_by("prompt", "level")
    columns = ("prompt", "text", "prompt__published__expressions")
    # of several levels the last of a question is the highest
    for prompt, (text, expressions) in {
        row[0]: row[1:] for row in rows.values_list(*columns)
    }.items():
        for start, end in sorted(spans(text, expressions))[:GAPS_A_PROMPT]:
            before, after = sentence_around(text, start, end)
            yield Card(
                learner=learner,
                kind=Card.Kind.GAP,
                prompt_id=prompt,
                before=before,
                quote=first_letters(text[start:end]),
                after=after,
                better=text[start:end],
                due_on=learner.today,
            )


def clip_of(card: Card) -> UUID | None:
    """Return the clip that reads the answer of a gap aloud; None for another card or without."""
    if not card.is_gap:
        return None
    samples = SampleResponse.objects.filter(prompt=card.prompt_id, is_published=True)
    sample = samples.order_by("-level").first()
    return sample.best_clip_id if sample else None
