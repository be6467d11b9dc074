"""Attributes of the page elements that play a prompt and record a response."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from materials.clips import clip_url
from materials.models import PromptRevision
from opic.lib.levels import DEFAULT_TARGET
from practice.learner import LearnerContext
from scoring.display.measure_rows import unbroken_range
from scoring.levels.delivery import TYPICAL
from scoring.uploads import tickets


def recorder_for(
    learner: User,
    device: str,
    revision: PromptRevision,
    learner_context: LearnerContext,
    *,
    attempts: int,
) -> dict[str, Any]:
    """Return the attributes of <opic-recorder>, with tickets for so many responses (`attempts`).

    The typical length, in seconds, is that of the learner's target.
    """
    url = reverse("practice:take-create", args=[revision.prompt_id, revision.number])
    made = [tickets.issue(learner, device, url) for _ in range(attempts)]
    low, high = TYPICAL[learner_context.target].length_seconds
    return {
        "upload_url": url,
        "ticket_url": reverse("practice:ticket-create", args=[revision.prompt_id, revision.number]),
        "tickets_json": json.dumps(made),
        "user": str(learner.pk),
        "label": revision.prompt.topic.name,
        "next_url": reverse("practice:next", args=[revision.prompt_id]),
        "max_seconds": settings.OPIC_MAX_SECONDS,
        "rated_left": learner_context.rated_left,
        "typical": f"{low:g}-{high:g}",
        "typical_text": unbroken_range(f"{low:g}", f"{high:g}"),
    }


GUEST = "guest"


def recorder_for_guest(revision: PromptRevision) -> dict[str, Any]:
    """Return the same for a guest, without tickets: the recording stays on the device.

    It ends where a guest's answer may not be longer.
    """
    low, high = TYPICAL[DEFAULT_TARGET].length_seconds
    return {
        "upload_url": reverse("practice:take-create", args=[revision.prompt_id, revision.number]),
        "ticket_url": reverse("practice:ticket-create", args=[revision.prompt_id, revision.number]),
        "tickets_json": "[]",
        "user": GUEST,
        "is_guest": True,
        "label": revision.prompt.topic.name,
        "max_seconds": min(settings.OPIC_GUEST_SECONDS, settings.OPIC_MAX_SECONDS),
        "rated_left": None,
        "typical": f"{low:g}-{high:g}",
        "typical_text": unbroken_range(f"{low:g}", f"{high:g}"),
    }


def player_for(revision: PromptRevision) -> dict[str, Any]:
    """Return what the player of a prompt needs: the clip, who made it, and the text."""
    clip = revision.best_clip
    return {
        "src": clip_url(clip),
        "source": clip.source if clip else "none",
        "text": revision.text,
    }
