"""Clips: the interviewer's voice. For signed-in people, kept by their browser for good."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from materials.models import VoiceClip, clip_storage
from opic.lib.media import file_answer

YEAR = 60 * 60 * 24 * 365


@require_GET
def clip_audio(request: HttpRequest, clip_id: str) -> HttpResponseBase:
    clip = get_object_or_404(VoiceClip, pk=clip_id)
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
