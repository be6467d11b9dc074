"""The manifest that comes with an upload, and its parts put together. No database."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from opic.lib.clock import zone_or_default

MAX_SEGMENTS = 60


class UploadError(Exception):
    """A refused upload, with words for the person.

    `keep`: the device keeps the recording, which is still worth something. `status` is HTTP's;
    `more` are further fields of the reply.
    """

    def __init__(self, code: str, message: str, *, keep: bool, status: int = 422, **more: Any):
        super().__init__(code)
        self.code, self.message, self.keep, self.status, self.more = (
            code,
            message,
            keep,
            status,
            more,
        )

    def as_reply(self) -> dict[str, Any]:
        """Return the fields of the JSON reply to the device."""
        reply = {"status": "refused", "code": self.code, "message": self.message}
        return {**reply, "keep": self.keep, **self.more}


class Part(Protocol):
    """An uploaded file of Django's, as far as it is read here."""

    size: int | None

    def read(self) -> bytes:
        """Return the whole content."""


@dataclass(frozen=True)
class Manifest:
    """What the device says it sends.

    `sizes` has, for each segment, the bytes of its chunks; `hashes` its SHA-256 in hex, or "".
    """

    key: uuid.UUID
    recorded_at: datetime
    time_zone: str
    accept_partial: bool
    sizes: tuple[tuple[int, ...], ...]
    hashes: tuple[str, ...]


def bad_manifest() -> UploadError:
    """Return the refusal of a list of parts that cannot be read."""
    text = gettext("The list of parts that came with this recording could not be read.")
    return UploadError("bad_manifest", text, keep=True)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def read_manifest(text: str) -> Manifest:
    """Parse a manifest of version 1. Raises UploadError unless every field is valid."""
    try:
        body = json.loads(text)
        segments = body["segments"]
        if body["v"] != 1 or not isinstance(segments, list) or len(segments) > MAX_SEGMENTS:
            raise ValueError
        recorded = parse_datetime(str(body["recorded_at"])) or timezone.now()
        return Manifest(
            key=uuid.UUID(str(body["key"])),
            recorded_at=recorded if timezone.is_aware(recorded) else recorded.replace(tzinfo=UTC),
            time_zone=zone_or_default(str(body.get("time_zone", ""))[:64]),
            accept_partial=body.get("accept_partial") is True,
            sizes=tuple(tuple(_whole(size) for size in part["sizes"]) for part in segments),
            hashes=tuple(str(part.get("sha256", "")) for part in segments),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise bad_manifest() from None


def _chunks(sizes: tuple[int, ...], segment: int, parts: Mapping[str, Part]) -> Iterator[bytes]:
    """Yield the chunks of one segment that arrived, in order, up to the first gap."""
    for index, size in enumerate(sizes):
        part = parts.get(f"chunk-{segment}-{index}")
        if part is None:
            return
        data = part.read()
        if len(data) != size:
            raise bad_manifest()
        yield data


def _missing_inside(sizes: tuple[int, ...], segment: int, came: int, names: set[str]) -> bool:
    """Return whether a chunk arrived behind the gap: then something in the middle was lost."""
    return any(f"chunk-{segment}-{index}" in names for index in range(came + 1, len(sizes)))


def join_segment(manifest: Manifest, segment: int, parts: Mapping[str, Part]) -> tuple[bytes, bool]:
    """Return one segment's bytes, and whether its end is missing.

    Raises UploadError: bad_manifest for a chunk of another size, missing_chunk where something was
    lost or damaged on the way, tail_missing where only the person can say whether the rest will do.
    """
    sizes = manifest.sizes[segment]
    chunks = list(_chunks(sizes, segment, parts))
    is_cut = len(chunks) < len(sizes)
    if (is_cut and not chunks) or _missing_inside(sizes, segment, len(chunks), set(parts)):
        text = gettext("A part of this recording did not arrive. It will be sent again.")
        raise UploadError("missing_chunk", text, keep=True)
    if is_cut and not manifest.accept_partial:
        text = gettext("The end of this recording is missing. Do you want to keep what arrived?")
        raise UploadError("tail_missing", text, keep=True, can_keep_partial=True)
    joined = b"".join(chunks)
    stated = manifest.hashes[segment]
    if stated and not is_cut and hashlib.sha256(joined).hexdigest() != stated.lower():
        text = gettext("This recording was damaged on its way. It will be sent again.")
        raise UploadError("missing_chunk", text, keep=True)
    return joined, is_cut
