"""Replies with voice clips, for people who are signed in; browsers store them for good."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from materials.clips import clip_reply
from materials.models import VoiceClip


@require_GET
def clip_audio(request: HttpRequest, clip_id: str) -> HttpResponseBase:
    """Reply with a voice clip, or 404."""
    return clip_reply(request, get_object_or_404(VoiceClip, pk=clip_id))
