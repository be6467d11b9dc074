"""URLs of voice clips, and replies with them.

What a clip says never changes, so a browser may store it for good.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from materials.models import VoiceClip, clip_storage
from opic.lib.range_response import stored_reply

YEAR = 60 * 60 * 24 * 365


def clip_url(clip: VoiceClip | None) -> str:
    """Return the URL of a clip; empty where there is none."""
    return reverse("materials:clip-audio", args=[clip.pk]) if clip else ""


def clip_reply(request: HttpRequest, clip: VoiceClip) -> HttpResponseBase:
    """Reply with the clip or a byte range of it; 404 or 503 in words where it cannot be read."""
    return stored_reply(
        request,
        clip_storage(),
        clip.file.name or "",
        content_type="audio/mp4",
        private=True,
        max_age=YEAR,
        immutable=True,
    )
