"""Where sound lies: private, a folder for each person."""

from typing import Any

from django.core.files.storage import storages


def audio_storage() -> Any:
    return storages["audio"]


def audio_path(response: Any, _name: str) -> str:
    return f"audio/{response.speaker_id}/{response.pk}.m4a"
