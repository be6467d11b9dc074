"""Hears a guest's answer: measures, then ears of this machine and the built-in judge.

Learners come first: while an answer of theirs is due, the guest's is given back, with what was
heard of it so far. Nothing of it leaves this machine, whatever the settings say.
"""

import logging

from django.conf import settings

from opic.lib.levels import DEFAULT_TARGET
from scoring.adapter_error import AdapterError
from scoring.audio import codec, decoding
from scoring.audio.codec import Sound
from scoring.audio.measures import measure
from scoring.ears.base import LOCAL, NO_EARS, Ears, Heard, HearingJob, get_ears, has_local_ears
from scoring.models import GuestResponse, Reason, Response, Status, Waits, audio_storage
from scoring.raters.base import BUILTIN, RatingJob, get_rater
from scoring.rating.pipeline import why_unmeasurable
from scoring.uploads import storage as upload_storage

logger = logging.getLogger(__name__)
MOST_TRIES = 3
BUSY_SECONDS = 3


class GiveWay(Exception):
    """A learner's answer is due."""


class ClaimLost(Exception):
    """The row was deleted, or is another worker's by now."""


def has_ears() -> bool:
    """Return whether a guest's words are heard here, or the pace and the pauses alone."""
    return settings.OPIC_EARS != NO_EARS and has_local_ears()


def run(guest: GuestResponse) -> None:
    """Take a claimed answer to its end, or give it back."""
    name = str(guest.audio.name or "")
    try:
        is_done = _hear(guest)
    except GiveWay:
        guest.give_back(costs_a_try=False)
        return
    except ClaimLost:
        return
    except (codec.AudioError, FileNotFoundError):
        is_done = guest.settle(Status.UNRATABLE, reason=Reason.TECHNICAL)
    except decoding.DecoderBusy:
        is_done = _again_or_without_words(guest, retry=True, after_seconds=BUSY_SECONDS)
    except AdapterError as exc:
        logger.warning("a guest was not heard: %s", exc)
        is_done = _again_or_without_words(guest, exc.retry, exc.after_seconds)
    except Exception as exc:  # noqa: BLE001 - the page must not wait until the lease ends
        logger.error("the answer of a guest broke: %s", type(exc).__name__)
        is_done = _again_or_without_words(guest, retry=True, after_seconds=BUSY_SECONDS)
    if is_done and name:
        upload_storage.drop_file(name)


def _again_or_without_words(guest: GuestResponse, retry: bool, after_seconds: float) -> bool:
    """Give back, or end with what there is; return whether it has ended."""
    if retry and guest.tries < MOST_TRIES:
        guest.give_back(after_seconds=after_seconds or BUSY_SECONDS)
        return False
    if guest.measures:
        return guest.settle(Status.MEASURED)
    return guest.settle(Status.UNRATABLE, reason=Reason.GAVE_UP)


def _hear(guest: GuestResponse) -> bool:
    """Return whether it was settled. Raises GiveWay, ClaimLost, and what its steps raise."""
    _make_way()
    if not guest.audio:
        raise FileNotFoundError
    with audio_storage().open(guest.audio.name, "rb") as file:
        sound = Sound(bytes(file.read()), decoding.pcm)
    measures = measure(sound.samples, syllables_a_word=settings.OPIC_SYLLABLES_A_WORD)
    guest.measures = measures.as_dict()
    if not guest.save_if_mine(measures=guest.measures):
        raise ClaimLost
    if reason := why_unmeasurable(measures):
        return guest.settle(Status.UNRATABLE, reason=reason)
    ears = get_ears(LOCAL) if has_ears() else None
    if ears is None:
        return guest.settle(Status.MEASURED)
    heard = ears.hear(_hearing_job(guest, ears), sound)
    facts = get_rater(BUILTIN).rate(_rating_job(guest), heard).facts
    return guest.settle(Status.MEASURED, facts=facts)


def _make_way() -> None:
    """Raise GiveWay while a learner's answer is due; not for those that wait for somebody else."""
    if Response.objects.due().exclude(waits_for=Waits.VENDOR).exists():
        raise GiveWay


def _hearing_job(guest: GuestResponse, ears: Ears) -> HearingJob:
    stored, before = guest.heard, None
    if stored and stored.get("version") == ears.version:
        before = Heard.from_dict(stored["heard"], model=stored["model"], version=ears.version)

    def note(heard: Heard) -> None:
        row = {"heard": heard.as_dict(), "model": heard.model, "version": ears.version}
        if not guest.save_if_mine(heard=row):
            raise ClaimLost
        _make_way()

    return HearingJob(
        response_id=str(guest.pk), measures=guest.measures or {}, heard_before=before, note=note
    )


def _rating_job(guest: GuestResponse) -> RatingJob:
    prompt = guest.revision.prompt
    return RatingJob(
        response_id=str(guest.pk),
        item_type=prompt.item_type,
        prompt_text=guest.revision.text,
        measures=guest.measures or {},
        probes_advanced=prompt.probes_advanced,
        points=tuple(guest.revision.points),
        target=int(DEFAULT_TARGET),
    )
