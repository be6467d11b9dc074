"""Who hears a response, and what was heard of it: kept as it comes, so that a retry goes on."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts import consents
from scoring.audio.codec import Sound
from scoring.ears.base import LOCAL, Ears, Heard, get_ears, has_local_ears
from scoring.models import Hearing, Response
from scoring.rating import jobs


def ears_for(response: Response) -> Ears | None:
    """Return who hears this speaker: the chosen ears, or those of this machine, or nobody.

    Nobody else hears a voice whose speaker has not agreed to that.
    """
    if consents.voice_leaves() and not consents.may_send_abroad(response.speaker):
        return get_ears(LOCAL) if has_local_ears() else None
    return get_ears()


def _hearings(response: Response, ears: Ears) -> QuerySet[Hearing]:
    return response.hearings.filter(ears=ears.name, instruction_version=ears.version)


def heard_before(response: Response, ears: Ears) -> Heard | None:
    """Return what the same ears heard of it before, whole or its beginning."""
    hearing = _hearings(response, ears).exclude(heard=None).last()
    if hearing is None or hearing.heard is None:
        return None
    return Heard.from_dict(hearing.heard, model=hearing.model, version=hearing.instruction_version)


def hear(response: Response, ears: Ears, sound: Sound, *, write: Callable[..., Any]) -> Heard:
    """Return what was heard of the response, saved before anything is judged.

    `write` does each write, waiting where it has to. Raises AdapterError; and ConsentMissingError:
    what was heard of a voice withdrawn meanwhile is not saved.
    """
    before = heard_before(response, ears)
    if before is not None and before.is_whole:
        return before
    note = partial(write, _save, response, ears)
    heard = ears.hear(jobs.for_hearing(response, before, note), sound)
    note(heard)
    return heard


def _save(response: Response, ears: Ears, heard: Heard) -> None:
    consents.demand_recording(response.speaker)
    hearing = _hearings(response, ears).last() or Hearing(response=response, ears=ears.name)
    hearing.instruction_version, hearing.model = ears.version, heard.model
    hearing.heard, hearing.made_at = heard.as_dict(), timezone.now()
    hearing.save()
