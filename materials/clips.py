"""A clip on its way to a browser, which may keep it for good: what it says never changes."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from materials.models import VoiceClip, clip_storage
from opic.lib.media import file_answer

YEAR = 60 * 60 * 24 * 365


def clip_answer(request: HttpRequest, clip: VoiceClip) -> HttpResponseBase:
    """In byte ranges. Raises Http404 where the file is gone."""
    try:
        handle = clip_storage().open(clip.file.name, "rb")
    except FileNotFoundError:
        raise Http404 from None
    return file_answer(
        request,
        handle,
        size=clip.size_bytes,
        content_type="audio/mp4",
        private=True,
        max_age=YEAR,
        immutable=True,
    )
