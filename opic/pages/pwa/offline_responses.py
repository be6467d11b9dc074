"""The last answers as they may be read and heard without a network."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from scoring.display.rating import hush, level_text, view_of
from scoring.models import Response


def keepsakes_of(person: User, quiet_since: datetime | None = None) -> list[dict[str, Any]]:
    """The newest `OPIC_OFFLINE_ANSWERS` that are final; their sound within a size.

    Of those recorded since `quiet_since` no rating.
    """
    mine = Response.objects.spoken_by(person).filter(settled_at__isnull=False)
    rows = mine.select_related("shown_rating", "revision__prompt__topic").order_by("-recorded_at")
    room, found = settings.OPIC_OFFLINE_ANSWER_BYTES, []
    for response in rows[: settings.OPIC_OFFLINE_ANSWERS]:
        has_sound = bool(response.audio) and response.audio_bytes <= room
        room -= response.audio_bytes if has_sound else 0
        found.append(_entry(hush(response, quiet_since), has_sound=has_sound))
    return found


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
