"""Recordings that arrive: `check` decodes, `store` saves the file, `save_response` makes the row.

Nothing is called saved before it was decoded. One canonical m4a is stored; the bytes that came are
dropped.
"""

import contextlib
import hashlib
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from materials.models import PromptRevision
from opic.lib.clock import clamped
from scoring.audio import decoding
from scoring.audio.codec import AudioError
from scoring.models import Rating, Response, audio_storage
from scoring.uploads import timed_storage
from scoring.uploads.manifest import Manifest, Part, UploadError, join_segment, read_manifest
from scoring.uploads.tickets import UploadGrant

logger = logging.getLogger(__name__)
BUSY_SECONDS = 5
AWAY_SECONDS = 15
UNREADABLE = frozenset({"unreadable", "no_audio"})


@dataclass(frozen=True)
class DecodedUpload:
    """A recording that was decoded: the canonical sound, and what is known of it."""

    manifest: Manifest
    sound: bytes
    sha256: str
    length_ms: int
    voiced_ms: int
    is_partial: bool


@dataclass(frozen=True)
class StoredFile:
    """A stored file that waits for its row. Without one it is an orphan, swept after an hour."""

    response_id: uuid.UUID
    name: str


def busy() -> UploadError:
    """Return the refusal of a busy host: it says nothing of the recording; the key still works."""
    text = gettext(
        "There is a lot to do here just now. Your answer is sent again by itself shortly."
    )
    return UploadError("busy", text, keep=True, status=503, retry_after=BUSY_SECONDS)


def one_at_a_time() -> UploadError:
    """Return the refusal by the person's own limit, not the host's: other people are served."""
    text = gettext("Another answer of yours is being read. This one is sent by itself shortly.")
    return UploadError("slow_down", text, keep=True, status=429, retry_after=BUSY_SECONDS)


def unavailable() -> UploadError:
    """Return the refusal while a store is away: it says nothing of the recording."""
    text = gettext(
        "Your answer could not be saved just now. It is safe on this device and is sent again by"
        " itself."
    )
    return UploadError("unavailable", text, keep=True, status=503, retry_after=AWAY_SECONDS)


def _audio_error(code: str) -> UploadError:
    """Return the refusal of a sound; `keep` is false only where every try anywhere would end so."""
    minutes = settings.OPIC_MAX_SECONDS // 60
    if code == "too_long":
        text = gettext(
            "This recording is longer than %(minutes)d minutes, which is the most one answer may"
            " have. It is still on this device: you can save it as a file."
        )
        return UploadError("too_long", text % {"minutes": minutes}, keep=True)
    if code in UNREADABLE:
        text = gettext(
            "There is no sound in this recording that can be read. Please record it again."
        )
        return UploadError("unreadable", text, keep=False)
    text = gettext(
        "This recording takes more work to read than one answer may. It is still on this device:"
        " you can save it as a file, or record it again."
    )
    return UploadError("too_heavy", text, keep=True)


def check(text: str, parts: Mapping[str, Part], person: str) -> DecodedUpload:
    """Decode manifest and parts of this person's upload. No database. Raises UploadError."""
    manifest = read_manifest(text)
    if not any(sum(sizes) for sizes in manifest.sizes):
        message = gettext("Nothing arrived: this recording is empty. Please record it again.")
        raise UploadError("empty", message, keep=False)
    joined = [join_segment(manifest, number, parts) for number in range(len(manifest.sizes))]
    try:
        made = decoding.canonical([data for data, _cut in joined if data], person)
    except AudioError as exc:
        raise _audio_error(exc.code) from exc
    except decoding.OneAtATime:
        raise one_at_a_time() from None
    except decoding.DecoderBusy:
        raise busy() from None
    return DecodedUpload(
        manifest=manifest,
        sound=made.data,
        sha256=hashlib.sha256(made.data).hexdigest(),
        length_ms=round(made.length_seconds * 1000),
        voiced_ms=round(made.voiced_seconds * 1000),
        is_partial=any(is_cut for _data, is_cut in joined),
    )


def store(checked: DecodedUpload, grant: UploadGrant) -> StoredFile:
    """Save the file before the row, outside any transaction, so that no row names a missing file.

    Raises UploadError when the storage fails or takes too long.
    """
    response_id = uuid.uuid4()
    path = f"audio/{grant.speaker.pk}/{response_id}.m4a"
    try:
        return StoredFile(response_id, timed_storage.save(path, checked.sound))
    except timed_storage.StorageAway:
        raise unavailable() from None


def save_response(
    checked: DecodedUpload,
    stored: StoredFile,
    grant: UploadGrant,
    revision: PromptRevision,
    *,
    in_sitting: bool = False,
) -> tuple[Response, bool]:
    """Save the row in the caller's transaction; return it, and whether it is new.

    The same key gives the same row. The loser of a race between two equal uploads deletes its own
    file.
    """
    manifest = checked.manifest
    now = timezone.now()
    response = Response(
        pk=stored.response_id,
        speaker=grant.speaker,
        revision=revision,
        upload_key=grant.key,
        audio=stored.name,
        audio_sha256=checked.sha256,
        audio_bytes=len(checked.sound),
        audio_expires_on=(now + timedelta(days=settings.OPIC_AUDIO_DAYS)).date(),
        length_ms=checked.length_ms,
        voiced_ms=checked.voiced_ms,
        segments=len(manifest.sizes),
        is_partial=checked.is_partial,
        recorded_at=clamped(manifest.recorded_at, earliest=grant.issued_at, latest=now),
        received_at=now,
        time_zone=manifest.time_zone,
        is_first=in_sitting or not Response.objects.has_response_to(grant.speaker, revision),
    )
    try:
        with transaction.atomic():
            response.save(force_insert=True)
    except IntegrityError:
        # the same upload came twice at once, and the other one won
        _drop_own(stored.name)
        existing = existing_response(grant)
        if existing is None:
            raise
        return existing, False
    return response, True


def existing_response(grant: UploadGrant) -> Response | None:
    """Return the response that an earlier try of this upload saved, or None."""
    return Response.objects.filter(speaker=grant.speaker, upload_key=grant.key).first()


def files_of(responses: QuerySet[Response]) -> list[str]:
    """Return the names of all files that go with these responses: recordings, and spoken advice."""
    recordings = responses.with_sound().values_list("audio", flat=True)  # type: ignore[attr-defined]
    ratings = Rating.objects.filter(response__in=responses).exclude(spoken=None)
    spoken = ratings.exclude(spoken="").values_list("spoken", flat=True)
    return [str(name) for name in (*recordings, *spoken)]


def drop_file(name: str) -> None:
    """Delete a file from the storage of recordings; one that is gone already is no error."""
    with contextlib.suppress(FileNotFoundError):
        audio_storage().delete(name)


def _drop_own(name: str) -> None:
    """Delete the file of a response that existed already; the sweep finds it where that fails."""
    try:
        drop_file(name)
    except Exception as exc:  # noqa: BLE001 - each storage raises its own
        logger.warning("a file without a row is left to the sweep: %s", type(exc).__qualname__)
