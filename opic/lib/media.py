"""Answers that carry a private file, with byte ranges (RFC 9110, 14): what `FileResponse` cannot
do.

Without ranges a browser cannot seek, and Safari does not play at all.
"""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control

BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def _blocks(handle: IO[bytes], left: int) -> Iterator[bytes]:
    with handle:
        while left > 0 and (block := handle.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; None where the header asks for nothing we know.

    Raises ValueError when the range lies outside the file (the answer is then 416).
    """
    match = _RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":  # the last so many bytes
        start, end = max(size - int(last), 0), size - 1
        if int(last) == 0:
            raise ValueError
    else:
        start = int(first)
        end = min(int(last), size - 1) if last else size - 1
    if start > end or start >= size:
        raise ValueError
    return start, end


def file_answer(
    request: HttpRequest, handle: IO[bytes], *, size: int, content_type: str, **cache: Any
) -> HttpResponseBase:
    """200 with the whole file, 206 with the range asked for, or 416.

    `cache` holds Cache-Control directives; without any the answer is `private, no-store`.
    """
    try:
        wanted = byte_range(request.headers.get("Range", ""), size)
    except ValueError:
        handle.close()
        answer: HttpResponseBase = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
        return answer
    start, end = wanted or (0, size - 1)
    handle.seek(start)
    answer = StreamingHttpResponse(
        _blocks(handle, end - start + 1), content_type=content_type, status=206 if wanted else 200
    )
    if wanted:
        answer["Content-Range"] = f"bytes {start}-{end}/{size}"
    answer["Content-Length"] = str(end - start + 1)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Disposition"] = "inline"
    patch_cache_control(answer, **(cache or {"private": True, "no_store": True}))
    return answer
