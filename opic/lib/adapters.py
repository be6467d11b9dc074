"""Adapters by their short names (`fluency`, `edge`); the settings list them in OPIC_ADAPTERS."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def _made(path: str) -> Any:
    return import_string(path)()


def load_adapter(need: str, name: str | None = None) -> Any:
    """Return the adapter for a need (`rater`, `voice`, `pusher`), made once a process.

    It is the one with this short name, or the one that the settings chose.
    """
    chosen = name or settings.OPIC_CHOSEN[need]
    return _made(settings.OPIC_ADAPTERS[need][chosen])
