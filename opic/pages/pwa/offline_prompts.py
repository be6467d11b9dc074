"""The next prompts for a time without a network: with their sound, within a limit of bytes."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from django.conf import settings

from accounts.models import User
from materials.models import Prompt, PromptRevision
from practice import next_prompt
from practice.learner import LearnerContext
from practice.recorder_context import player_for, recorder_for

# a first try and one more
TICKETS = 2
# to choose from: some may be too long for what is left of the bytes
MOST = 40


def _candidates(learner: User, learner_context: LearnerContext) -> Iterator[Prompt]:
    """Yield the prompt that is next on home, then those that would follow it, with their voices."""
    ids = list(islice(next_prompt.ahead(learner, learner_context), MOST))
    voiced = Prompt.objects.published().with_voice().in_bulk(ids)
    yield from (voiced[one] for one in ids if one in voiced)


def prompts_for(
    learner: User, device: str, learner_context: LearnerContext
) -> list[dict[str, Any]]:
    """Return up to OPIC_OFFLINE_PROMPTS prompts, their sound within OPIC_OFFLINE_BYTES."""
    bytes_left, prompts = settings.OPIC_OFFLINE_BYTES, []
    for prompt in _candidates(learner, learner_context):
        revision = cast(PromptRevision, prompt.published)
        revision.prompt = prompt
        clip = revision.best_clip
        size = clip.size_bytes if clip else 0
        if size > bytes_left:
            continue
        bytes_left -= size
        prompts.append(_entry(learner, device, revision, learner_context))
        if len(prompts) == settings.OPIC_OFFLINE_PROMPTS:
            break
    return prompts


def _entry(
    learner: User, device: str, revision: PromptRevision, learner_context: LearnerContext
) -> dict[str, Any]:
    recorder = recorder_for(learner, device, revision, learner_context, attempts=TICKETS)
    return {
        "id": str(revision.prompt_id),
        "topic": revision.prompt.topic.name,
        "kind": revision.prompt.get_item_type_display(),
        "points": revision.points,
        "player": player_for(revision),
        "recorder": {name: recorder[name] for name in SENT},
    }


SENT = (
    "upload_url",
    "ticket_url",
    "tickets_json",
    "label",
    "max_seconds",
    "typical",
    "typical_text",
)
