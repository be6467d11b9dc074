"""Which recordings are deleted, and when: past their day, or without a row."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from scoring.models import GuestResponse, Rating, Response, audio_storage
from scoring.models.guests import FOLDER, LIFE
from scoring.uploads import storage as upload_storage


def drop_audio(response: Response) -> None:
    """Delete the recording of a response; its measures and ratings stay."""
    name = str(response.audio.name or "")
    Response.objects.filter(pk=response.pk).update(audio=None, audio_expires_on=None)
    if name:
        upload_storage.drop_file(name)


def orphans() -> list[str]:
    """Return the names of stored files older than an hour that no row names."""
    storage = audio_storage()
    old = timezone.now() - timedelta(hours=1)
    names = [name for name in _stored_names(storage) if _made_at(storage, name) < old]
    referenced = set(Response.objects.filter(audio__in=names).values_list("audio", flat=True))
    referenced |= set(Rating.objects.filter(spoken__in=names).values_list("spoken", flat=True))
    return [name for name in names if name not in referenced]


def files_of_nobody() -> list[str]:
    """Return the names of stored files of guests that no row names, once they have had their time.

    A file without a row may be one that is just arriving.
    """
    storage = audio_storage()
    try:
        _folders, files = storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    old = timezone.now() - LIFE
    names = [f"{FOLDER}/{name}" for name in files]
    names = [name for name in names if _made_at(storage, name) < old]
    rows = GuestResponse.objects.filter(audio__in=names).values_list("audio", flat=True)
    return [name for name in names if name not in set(rows)]


def _made_at(storage: Any, name: str) -> Any:
    made = storage.get_modified_time(name)
    return made if timezone.is_aware(made) else timezone.make_aware(made)


def _stored_names(storage: Any) -> list[str]:
    try:
        people, _files = storage.listdir("audio")
    except FileNotFoundError:
        return []
    return [
        f"audio/{person}/{name}"
        for person in people
        for name in storage.listdir(f"audio/{person}")[1]
    ]
