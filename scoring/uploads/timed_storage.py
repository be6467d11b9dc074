"""Writing a recording into its storage within a time, whatever the storage does.

A storage may hang: a network disk, a service that takes the bytes and never replies. Then few
threads hang with it, and the person who uploads gets a reply within `OPIC_STORE_SECONDS`.
"""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

from django.conf import settings
from django.core.files.base import ContentFile

from scoring.models import audio_storage

logger = logging.getLogger(__name__)
AT_ONCE = 8  # of the 32 threads of a web process
PATIENCE = 2.0  # for a place among them


class StorageAway(Exception):
    """The file was not written, or nobody knows whether it was; the sweep deletes such orphans."""


# threads that wait for the storage: it may not hold all of a web process
_places = threading.BoundedSemaphore(AT_ONCE)
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="store")


def save(path: str, data: bytes) -> str:
    """Save the file; return the name it was stored under. Raises StorageAway."""
    until = time.monotonic() + settings.OPIC_STORE_SECONDS
    if not _places.acquire(timeout=min(PATIENCE, settings.OPIC_STORE_SECONDS)):
        logger.warning("the storage of sound hangs: an upload was put off")
        raise StorageAway
    saving = _pool.submit(_save, path, data)
    # held until the thread is back, not until we lose patience: else all threads would hang in time
    saving.add_done_callback(lambda _done: _places.release())
    try:
        return saving.result(max(0.0, until - time.monotonic()))
    except TooLate:
        logger.warning("the storage of sound did not answer in time")
        raise StorageAway from None
    except Exception as exc:
        logger.warning("the storage of sound failed: %s", type(exc).__qualname__)
        raise StorageAway from exc


def _save(path: str, data: bytes) -> str:
    return str(audio_storage().save(path, ContentFile(data)))
