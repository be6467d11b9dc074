"""The phrase book: saving a phrase, and a page of what was saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from materials.models import Topic
from opic.lib.web.params import moment_of
from practice.models import Phrase
from scoring.models import Response

PAGE = 30


def save_phrase(
    learner: User,
    text: str,
    *,
    note: str = "",
    topic: Topic | None = None,
    response: Response | None = None,
) -> None:
    """Save a phrase once: the same words again change nothing.

    Without a `topic`, a phrase from a response gets the topic of its prompt.
    """
    if response is not None and topic is None:
        topic = response.revision.prompt.topic
    phrase = Phrase(learner=learner, text=text, note=note, topic=topic, response=response)
    # two taps may arrive at once: the constraint on learner and words lets one of them through
    Phrase.objects.bulk_create([phrase], ignore_conflicts=True)


@dataclass(frozen=True)
class PhrasePage:
    """One page of phrases; the next one begins before `next_before`, empty on the last page."""

    phrases: Sequence[Phrase]
    next_before: str


def page_for(learner: User, wanted: dict[str, Any], before: str = "") -> PhrasePage:
    """Return a page of phrases, newest first, of those saved before a time.

    `wanted` are the filters of `PhraseFilterForm`. No count and no offset: every page costs the
    same.
    """
    phrases = Phrase.objects.saved_by(learner)
    if "topic" in wanted:
        phrases = phrases.of_topic(wanted["topic"])
    if "words" in wanted:
        phrases = phrases.holding(wanted["words"])
    moment = moment_of(before)
    if moment is not None:
        phrases = phrases.saved_before(moment)
    rows = list(phrases.for_list()[: PAGE + 1])
    more = rows[PAGE - 1].saved_at.isoformat() if len(rows) > PAGE else ""
    return PhrasePage(rows[:PAGE], more)
