"""A clip's address, and the clip on its way to a browser, which may keep it for good: what it says
never changes.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from materials.models import VoiceClip, clip_storage
from opic.lib.range_response import stored_reply

YEAR = 60 * 60 * 24 * 365


def clip_url(clip: VoiceClip | None) -> str:
    """Return the address of a clip; nothing where there is none."""
    return reverse("materials:clip-audio", args=[clip.pk]) if clip else ""


def clip_reply(request: HttpRequest, clip: VoiceClip) -> HttpResponseBase:
    """Reply with byte ranges; with words where the file is gone or cannot be reached."""
    return stored_reply(
        request,
        clip_storage(),
        clip.file.name or "",
        content_type="audio/mp4",
        private=True,
        max_age=YEAR,
        immutable=True,
    )
