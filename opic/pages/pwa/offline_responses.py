"""The last responses as they may be read and heard without a network."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from scoring.display.rating import level_text, view_of, withhold_level
from scoring.models import Response


def responses_of(person: User, embargo_start: datetime | None = None) -> list[dict[str, Any]]:
    """Return the newest OPIC_OFFLINE_ANSWERS responses that are final.

    Their sound is within OPIC_OFFLINE_ANSWER_BYTES. Those recorded since the embargo began have no
    rating.
    """
    mine = Response.objects.spoken_by(person).filter(settled_at__isnull=False)
    rows = mine.select_related("shown_rating", "revision__prompt__topic").order_by("-recorded_at")
    bytes_left, entries = settings.OPIC_OFFLINE_ANSWER_BYTES, []
    for response in rows[: settings.OPIC_OFFLINE_ANSWERS]:
        has_sound = bool(response.audio) and response.audio_bytes <= bytes_left
        bytes_left -= response.audio_bytes if has_sound else 0
        entries.append(_entry(withhold_level(response, embargo_start), has_sound=has_sound))
    return entries


def _entry(response: Response, *, has_sound: bool) -> dict[str, Any]:
    rating = response.shown_rating
    view = view_of(rating) if rating else None
    when = timezone.localtime(response.recorded_at)
    return {
        "id": str(response.pk),
        "topic": response.revision.prompt.topic.name,
        "kind": response.revision.prompt.get_item_type_display(),
        "question": response.revision.text,
        "when": date_format(when, "SHORT_DATETIME_FORMAT"),
        "level": level_text(rating) or str(response.get_status_display()),
        "transcript": view.transcript if view else "",
        "obstacle": view.obstacle if view else "",
        "corrections": [[one.quote, one.better] for one in view.corrections] if view else [],
        "src": reverse("scoring:response-audio", args=[response.pk]) if has_sound else "",
    }
