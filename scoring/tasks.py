"""From a saved answer to what is shown: claim, measure, hear, rate, settle; and the sweepers
behind it.

Nothing here holds a transaction open while sound is decoded or a vendor thinks. A task may run
twice, be killed or come late: the claim has one winner, the token settles once, the sweeper finds
what was left lying.
"""

import logging
import socket
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from opic.lib.adapters import load_adapter
from opic.lib.queue import enqueue
from scoring import audio, uploads
from scoring.measures import Measures, measure
from scoring.models import Hearing, Rating, Response, Status, audio_storage
from scoring.raters.base import Feedback, Rater, RaterError, RatingJob

logger = logging.getLogger(__name__)
HOST = socket.gethostname()
SWEEP_AT_ONCE = 200


def queue_rating(response: Response) -> None:
    enqueue(rate_response, str(response.pk))


def rate_response(response_id: str) -> None:
    """The worker's part. Leaves quietly when the row is gone, not due, or in other hands."""
    response = Response.objects.claim(response_id, HOST)
    if response is None:
        return
    if response.tries > settings.OPIC_MAX_TRIES:
        _give_up(response)
        return
    try:
        _work(response)
    except RaterError as fault:
        _answer_fault(response, fault)
    except (audio.AudioError, FileNotFoundError):
        response.settle(Status.UNRATABLE, reason=Response.Reason.TECHNICAL)


def _work(response: Response) -> None:
    sound = _sound_of(response)
    found = measure(audio.decode(sound), syllables_a_word=settings.OPIC_SYLLABLES_A_WORD)
    if not response.keep_measures(found.as_dict()):
        return
    reason = _why_unratable(found)
    if reason:
        response.settle(Status.UNRATABLE, reason=reason)
        return
    rater: Rater = load_adapter("rater")
    job = _job_for(response)
    heard = rater.hear(job, sound)
    Hearing.objects.create(
        response=response,
        rater=rater.name,
        model=heard.model if heard else "",
        instruction_version=heard.instruction_version if heard else "",
        heard={"transcript": heard.transcript, **heard.details} if heard else None,
    )
    _settle(response, rater.name, rater.rate(job, heard))


def _sound_of(response: Response) -> bytes:
    if not response.audio:
        raise FileNotFoundError
    with audio_storage().open(response.audio.name, "rb") as file:
        return bytes(file.read())


def _why_unratable(found: Measures) -> str:
    if not found.is_heard:
        return Response.Reason.NOT_HEARD
    if found.speech_seconds < settings.OPIC_LEAST_SPEECH_SECONDS:
        return Response.Reason.TOO_SHORT
    return ""


def _job_for(response: Response) -> RatingJob:
    prompt = response.revision.prompt
    return RatingJob(
        response_id=str(response.pk),
        item_type=prompt.item_type,
        prompt_text=response.revision.text,
        measures=response.measures or {},
        probes_advanced=prompt.probes_advanced,
        feedback_language=response.speaker.language,
    )


@transaction.atomic
def _settle(response: Response, rater_name: str, feedback: Feedback) -> bool:
    """The rating and the move together; somebody else's claim by now leaves no rating behind."""
    rating = Rating.objects.create(
        response=response,
        kind=feedback.kind,
        rater=rater_name,
        level_low=feedback.level_low,
        level_high=feedback.level_high,
        band_low=feedback.band_low,
        band_high=feedback.band_high,
        criteria=feedback.criteria,
        advice=feedback.advice,
        versions=feedback.versions,
    )
    status = Status.RATED if feedback.kind == Rating.Kind.RATING else Status.MEASURED
    won = response.settle(status, rating=rating)
    if not won:
        transaction.set_rollback(True)
    return won


def _answer_fault(response: Response, fault: RaterError) -> None:
    logger.warning("rating of %s did not work: %s", response.pk, fault)
    if fault.retry and response.tries < settings.OPIC_MAX_TRIES:
        response.give_back(after_seconds=fault.after_seconds)
    else:
        _give_up(response)


def _give_up(response: Response) -> None:
    """Tries used up: what is shown stays shown; with nothing to show it could not be rated."""
    if response.shown_rating:
        was_rated = response.shown_rating.kind == Rating.Kind.RATING
        response.settle(Status.RATED if was_rated else Status.MEASURED)
    elif response.measures and response.measures.get("is_heard"):
        _settle(
            response, "fluency", load_adapter("rater", "fluency").rate(_job_for(response), None)
        )
    else:
        response.settle(Status.UNRATABLE, reason=Response.Reason.GAVE_UP)


def sweep(*, at_once: bool = False) -> None:
    """Every minute: claims past their lease come back, and what is due is queued.

    What came in a moment ago has its queue entry still before it, unless the cluster just starts
    (`at_once`).
    """
    Response.objects.abandoned().release()
    grace = timedelta(seconds=0 if at_once else 10)
    due = Response.objects.due().filter(received_at__lte=timezone.now() - grace)
    for response in due.order_by("received_at")[:SWEEP_AT_ONCE]:
        queue_rating(response)


def free_own_claims() -> int:
    """A starting cluster: whatever this host had claimed, nobody works on any more."""
    return Response.objects.claimed_on(HOST).release()


def sweep_files() -> None:
    """Every hour: files without a row, and sound past its day."""
    for response in Response.objects.filter(audio_expires_on__lt=timezone.now().date())[:1000]:
        drop_audio(response)
    for name in _orphans():
        uploads.drop_file(name)


def drop_audio(response: Response) -> None:
    """The sound goes; measures and ratings stay."""
    name = str(response.audio.name or "")
    Response.objects.filter(pk=response.pk).update(audio=None, audio_expires_on=None)
    if name:
        uploads.drop_file(name)


def _orphans() -> list[str]:
    """Stored files older than an hour that no row names."""
    storage = audio_storage()
    old = timezone.now() - timedelta(hours=1)
    names = [name for name in _stored_names(storage) if _made_at(storage, name) < old]
    kept = set(Response.objects.filter(audio__in=names).values_list("audio", flat=True))
    return [name for name in names if name not in kept]


def _made_at(storage: Any, name: str) -> Any:
    made = storage.get_modified_time(name)
    return made if timezone.is_aware(made) else timezone.make_aware(made)


def _stored_names(storage: Any) -> list[str]:
    try:
        people, _files = storage.listdir("audio")
    except FileNotFoundError:
        return []
    return [
        f"audio/{person}/{name}"
        for person in people
        for name in storage.listdir(f"audio/{person}")[1]
    ]
