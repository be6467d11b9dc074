"""Where recordings are stored: in private, a folder for each person."""

from typing import Any

from django.core.files.storage import storages


def audio_storage() -> Any:
    """Return the storage that the setting `STORAGES` names `audio`."""
    return storages["audio"]


def audio_path(response: Any, _name: str) -> str:
    """Return where the recording of a response belongs in the storage."""
    return f"audio/{response.speaker_id}/{response.pk}.m4a"
