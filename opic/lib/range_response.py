"""Replies with a private file and byte ranges (RFC 9110, 14), which `FileResponse` cannot do.

Without ranges a browser cannot seek, and Safari does not play at all.
"""

import logging
import re
from collections.abc import Iterator
from typing import IO, Any

from django.core.files.storage import Storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

logger = logging.getLogger(__name__)
AGAIN_SECONDS = 30
BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def _blocks(handle: IO[bytes], left: int) -> Iterator[bytes]:
    with handle:
        while left > 0 and (block := handle.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte of a single range; None where the header holds no such range.

    Raises ValueError when the range lies outside the file (the reply is then 416).
    """
    match = _RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    # `bytes=-500` asks for the last 500
    if first == "":
        start, end = max(size - int(last), 0), size - 1
        if int(last) == 0:
            raise ValueError
    else:
        start = int(first)
        end = min(int(last), size - 1) if last else size - 1
    if start > end or start >= size:
        raise ValueError
    return start, end


def stored_reply(
    request: HttpRequest, storage: Storage, name: str, *, content_type: str, **cache: Any
) -> HttpResponseBase:
    """Reply with a stored file; in words where it is gone (404) or its storage is away (503).

    `cache` holds Cache-Control directives, as in `file_reply`.
    """
    try:
        # some storages open lazily: reading the size or seeking may be what fails
        handle, size = storage.open(name, "rb"), storage.size(name)
        return file_reply(request, handle, size=size, content_type=content_type, **cache)
    except FileNotFoundError:
        return _words(gettext("This recording is not here any more."), 404)
    except Exception as exc:  # noqa: BLE001 - each storage raises its own
        logger.warning("a recording cannot be reached: %s", type(exc).__qualname__)
        reply = _words(gettext("This recording cannot be reached now. Try again in a minute."), 503)
        reply["Retry-After"] = str(AGAIN_SECONDS)
        return reply


def _words(text: str, status: int) -> HttpResponse:
    reply = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    patch_cache_control(reply, private=True, no_store=True)
    return reply


def file_reply(
    request: HttpRequest, handle: IO[bytes], *, size: int, content_type: str, **cache: Any
) -> HttpResponseBase:
    """Reply 200 with the whole file, 206 with the range asked for, or 416.

    `cache` holds Cache-Control directives; without any the reply is `private, no-store`.
    """
    try:
        wanted = byte_range(request.headers.get("Range", ""), size)
    except ValueError:
        handle.close()
        reply: HttpResponseBase = HttpResponse(status=416)
        reply["Content-Range"] = f"bytes */{size}"
        return reply
    start, end = wanted or (0, size - 1)
    handle.seek(start)
    reply = StreamingHttpResponse(
        _blocks(handle, end - start + 1), content_type=content_type, status=206 if wanted else 200
    )
    if wanted:
        reply["Content-Range"] = f"bytes {start}-{end}/{size}"
    reply["Content-Length"] = str(end - start + 1)
    reply["Accept-Ranges"] = "bytes"
    reply["Content-Disposition"] = "inline"
    patch_cache_control(reply, **(cache or {"private": True, "no_store": True}))
    return reply
