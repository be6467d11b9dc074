"""What to practise after a test that was rated: links into the list of questions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from exams.labels import Text
from exams.models import AttemptItem
from exams.sitting.blueprint import Source
from materials.models import ItemType
from scoring.levels.sitting import State

SUGGESTIONS = 3

ADVICE: dict[str, Text] = {
    "functions": gettext_lazy("Do the whole task: say what happened, how it ended, what followed."),
    "content": gettext_lazy("Give each answer two facts nobody else could give: a name, a number."),
    "text_type": gettext_lazy("Link sentences: because, so that, although, after we had …"),
    "comprehensibility": gettext_lazy("Speak in short stretches that end, and finish your words."),
    "language_control": gettext_lazy("Keep one tense to the end of the story, verb by verb."),
}


@dataclass(frozen=True)
class Suggestion:
    """Something to practise; `url` starts it, empty where nothing can be started."""

    text: str
    url: str


def list_url(query: str) -> str:
    """Return the address of the practice list with this filter, as `type=PAST`."""
    return f"{reverse('practice:prompt-list')}?{query}"


def suggestions_for(items: Sequence[AttemptItem], stored: dict[str, Any]) -> list[Suggestion]:
    """Return what to practise: what broke most often, what was skipped, the weakest criterion."""
    suggestions = []
    ceiling, states = stored.get("ceiling_items", []), stored.get("states", {})
    broken = Counter(item.item_type for item in items if item.number in ceiling)
    for kind, _count in broken.most_common(1):
        text = gettext("Practise “%(kind)s”: this is where the next level broke most often.")
        suggestions.append(
            Suggestion(text % {"kind": ItemType(kind).label}, list_url(f"type={kind}"))
        )
    silent = [item.item_type for item in items if states.get(str(item.number)) == State.SKIPPED]
    for kind, _count in Counter(silent).most_common(1):
        text = gettext("Say something to every “%(kind)s”: a skipped question counts as nothing.")
        suggestions.append(
            Suggestion(text % {"kind": ItemType(kind).label}, list_url(f"type={kind}"))
        )
    means = stored.get("means", {})
    weakest = min(means, key=lambda name: sum(value or 0 for value in means[name]), default="")
    if weakest:
        suggestions.append(Suggestion(str(ADVICE[weakest]), ""))
    return [*suggestions, *usual_suggestions(items)][:SUGGESTIONS]


def usual_suggestions(items: Sequence[AttemptItem]) -> list[Suggestion]:
    """Return what is worth doing after any test: its surprise topic, and a story once more."""
    suggestions = []
    unexpected = [item for item in items if item.source == Source.UNEXPECTED]
    if unexpected:
        topic = unexpected[0].revision.prompt.topic
        text = gettext("Take the surprise out of it: three more questions on “%(topic)s”.")
        suggestions.append(
            Suggestion(text % {"topic": topic.name}, list_url(f"topic={topic.slug}"))
        )
    text = gettext("Answer a story you know again, in one tense, aloud.")
    return [*suggestions, Suggestion(text, list_url("type=PAST"))]
