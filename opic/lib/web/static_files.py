"""Static files as they are on the disk now, also where `prepare` ran after the start."""

import threading
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.middleware import WhiteNoiseMiddleware

STYLE_SHEET = "build/opic.css"
_serving: list["StaticFilesMiddleware"] = []
_lock = threading.Lock()


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, which reads the folder once at the start; `reload_if_changed` finds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _serving[:] = [self]


def reload_if_changed() -> None:
    """Read the manifest and the folder again, if the manifest is not the one in memory.

    Raises FileNotFoundError where there is none, or where the style sheet it names is missing.
    """
    storage: Any = staticfiles_storage
    if not hasattr(storage, "load_manifest"):
        return
    # one thread fills the dictionaries that all requests read
    with _lock:
        names, digest = storage.load_manifest()
        if STYLE_SHEET not in names or not storage.exists(names[STYLE_SHEET]):
            raise FileNotFoundError(STYLE_SHEET)
        if names == storage.hashed_files:
            return
        storage.hashed_files, storage.manifest_hash = names, digest
        for middleware in _serving:
            if not middleware.autorefresh:
                middleware.add_files(settings.STATIC_ROOT, prefix=middleware.static_prefix)
