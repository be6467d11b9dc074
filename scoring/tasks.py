"""The queue's work on responses: rate one, and the sweepers that find what was left lying."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import Consent
from opic.lib.adapters import load_adapter
from opic.lib.queue import enqueue, task
from opic.lib.stores import disk, leftovers
from opic.operations import own
from scoring.audio import codec
from scoring.audio.codec import Sound
from scoring.audio.measures import measure
from scoring.models import Response
from scoring.raters import gemini_client
from scoring.raters.base import EMBEDDED, Rater
from scoring.rating import pipeline, retention
from scoring.uploads import storage as upload_storage

SWEEP_AT_ONCE = 200
MOST_CALLS = 12  # to models, for one answer: each of them costs


def queue_rating(response: Response) -> None:
    enqueue(rate_response, str(response.pk))


@task
def rate_response(response_id: str) -> None:
    """Rate one response; leave it when its row is gone, not due, or claimed by another worker."""
    response = Response.objects.claim(response_id, own.cluster())
    if response is not None:
        pipeline.run(response)


def can_retry(response: Response) -> bool:
    """Tell whether its speaker may ask for a rating once more: tries used up, the sound still
    there, and not asked for too often.
    """
    failed = response.needs_person or response.reason == Response.Reason.GAVE_UP
    if not (failed and response.is_final and response.audio):
        return False
    return response.model_calls.count() < MOST_CALLS


def queue_retry(response: Response) -> bool:
    """Put it back into the queue, still showing what it showed; False when it may not be."""
    if not can_retry(response) or not response.rate_again():
        return False
    queue_rating(response)
    return True


def sweep(*, at_once: bool = False) -> None:
    """Free, every minute, claims that nobody holds any more, and queue what is due.

    What came in a moment ago has its queue entry still before it, unless a cluster just ended
    (`at_once`).
    """
    Response.objects.abandoned().release()
    _take_up_after_consent()
    due = Response.objects.due()
    if not at_once:
        due = due.received_before(timezone.now() - timedelta(seconds=10))
    for response in due.order_by("received_at")[:SWEEP_AT_ONCE]:
        queue_rating(response)


def _take_up_after_consent() -> None:
    """Who has agreed meanwhile gets the real rating without asking again."""
    for response in Response.objects.waiting_for_recording_consent()[:SWEEP_AT_ONCE]:
        response.rate_again()
    if settings.OPIC_RATER == EMBEDDED:
        return
    agreed = Response.objects.waiting_for_consent().filter(
        speaker__consents__kind=Consent.Kind.ABROAD, speaker__consents__withdrawn_at=None
    )
    for response in agreed[:SWEEP_AT_ONCE]:
        response.rate_again()


def warm_up() -> None:
    """Load once, for all workers of a starting cluster, what the first answer should not
    wait for.
    """
    rater: Rater = load_adapter("rater")
    nothing = Sound(codec.silence(seconds=1))  # made here: nothing foreign in it
    nothing.begin_flac()
    measure(nothing.samples)
    nothing.flac()
    if rater.name != EMBEDDED:
        gemini_client.warm()


def take_over() -> None:
    """Take up what a cluster that ended has left: its claims, and what its queue had in hand."""
    sweep(at_once=True)


def sweep_files() -> None:
    """Delete, every hour, files without a row, sound past its day, and what killed processes left
    here.
    """
    leftovers.sweep()
    disk.warn()
    for response in Response.objects.filter(audio_expires_on__lt=timezone.now().date())[:1000]:
        retention.drop_audio(response)
    for name in retention.orphans():
        upload_storage.drop_file(name)
