"""A clip on its way to a browser, which may keep it for good: what it says never changes."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from materials.models import VoiceClip, clip_storage
from opic.lib.range_response import stored_answer

YEAR = 60 * 60 * 24 * 365


def clip_answer(request: HttpRequest, clip: VoiceClip) -> HttpResponseBase:
    """In byte ranges; words where the file is gone or cannot be reached."""
    return stored_answer(
        request,
        clip_storage(),
        clip.file.name or "",
        content_type="audio/mp4",
        private=True,
        max_age=YEAR,
        immutable=True,
    )
