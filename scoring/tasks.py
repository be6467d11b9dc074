"""Tasks of the queue: rating one response, and the sweepers that find what was left behind."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import consents
from opic.lib.queue import enqueue, task
from opic.lib.stores import disk, leftovers
from opic.operations import own
from scoring.audio import codec
from scoring.audio.codec import Sound
from scoring.audio.measures import measure
from scoring.ears.base import get_ears
from scoring.models import GuestResponse, Response, Waits
from scoring.raters.base import get_rater, is_embedded
from scoring.rating import budget, guests, pipeline, retention, waiting_line
from scoring.uploads import guests as guest_uploads
from scoring.uploads import storage as upload_storage

SWEEP_AT_ONCE = 200


def queue_rating(response: Response) -> None:
    """Queue the rating of a response when the transaction commits."""
    enqueue(rate_response, str(response.pk))


@task
def rate_response(response_id: str) -> None:
    """Rate one response: 1. claim, 2. measure, 3. hear, 4. rate, 5. settle or give back.

    Leaves quietly when the row is gone, not due, or claimed by another worker.
    """
    response = Response.objects.claim(response_id, own.cluster())
    if response is not None:
        pipeline.run(response)
    queue_next_guest()


def queue_guest(guest: GuestResponse) -> None:
    """Queue the hearing of a guest's answer when the transaction commits."""
    enqueue(hear_guest, str(guest.pk))


def queue_next_guest() -> None:
    """Queue the guest's answer that waits longest: it gives way again if a learner's is due."""
    guest = GuestResponse.objects.due().order_by("received_at").first()
    if guest is not None:
        queue_guest(guest)


@task
def hear_guest(guest_id: str) -> None:
    """Process one guest: 1. claim, 2. measure, 3. hear, 4. judge here, 5. settle or give back.

    Leaves quietly when the row is gone, not due, or others are heard. Whoever ends calls the next.
    """
    guest = GuestResponse.objects.claim(guest_id)
    if guest is None:
        return
    guests.run(guest)
    if Response.objects.due().exists():
        # the one that this gave way to calls the next guest when it is rated
        return
    queue_next_guest()


def can_retry(response: Response) -> bool:
    """Return whether the speaker may ask for one more rating.

    All tries failed, the recording is still there, and fewer than `MOST_CALLS` calls got through;
    of one that was set aside, fewer were made within a day: most of them fail.
    """
    failed = response.needs_person or response.reason == Response.Reason.GAVE_UP
    if not (failed and response.is_final and response.audio):
        return False
    calls = response.model_calls.replied()
    if response.reason == Response.Reason.SET_ASIDE:
        calls = response.model_calls.since(timezone.now() - timedelta(days=1))
    return calls.count() < budget.MOST_CALLS


def queue_retry(response: Response) -> bool:
    """Queue one more rating, while what is shown stays; False where none is allowed."""
    if not can_retry(response) or not response.rate_again():
        return False
    queue_rating(response)
    return True


def sweep(*, at_once: bool = False) -> None:
    """Release claims that nobody holds any more, and queue what is due. Runs every minute.

    What came less than ten seconds ago still has its queue entry, unless a cluster just ended
    (`at_once`). Of those that wait for the rating service only as many as may be sent now.
    """
    Response.objects.abandoned().release()
    _take_up_after_consent()
    due = Response.objects.due()
    if not at_once:
        due = due.received_before(timezone.now() - timedelta(seconds=10))
    others = due.exclude(waits_for=Waits.VENDOR).order_by("received_at")
    for response in [*waiting_line.next_in_line(), *others[:SWEEP_AT_ONCE]]:
        queue_rating(response)
    queue_next_guest()


def _take_up_after_consent() -> None:
    """Queue again what waited for a consent that has been given meanwhile."""
    for response in Response.objects.waiting_for_recording_consent()[:SWEEP_AT_ONCE]:
        response.rate_again()
    if is_embedded() and not consents.voice_leaves():
        return
    mine = consents.for_rating().filter(person=OuterRef("speaker"))
    agreed = Response.objects.waiting_for_consent().filter(Exists(mine))
    for response in agreed[:SWEEP_AT_ONCE]:
        response.rate_again()


def warm_up() -> None:
    """Load, once for all workers of a starting cluster, what the first response would wait for."""
    ears, rater = get_ears(), get_rater()
    # made here, so it may be decoded here: there is nothing foreign in it
    nothing = Sound(codec.silence(seconds=1))
    nothing.begin_flac()
    measure(nothing.samples)
    nothing.flac()
    rater.warm()
    if ears:
        ears.warm()


def take_over() -> None:
    """Take up what an ended cluster has left: its claims, and what its queue had in hand."""
    sweep(at_once=True)


def sweep_files() -> None:
    """Delete files without a row, recordings past their day, and leftovers. Runs every hour.

    Leftovers are what killed processes left on this host.
    """
    leftovers.sweep()
    disk.warn()
    for response in Response.objects.filter(audio_expires_on__lt=timezone.now().date())[:1000]:
        retention.drop_audio(response)
    for name in retention.orphans():
        upload_storage.drop_file(name)


def sweep_guests() -> None:
    """Delete what guests said 50 minutes ago or earlier, and files without a row. Often enough.

    It runs every five minutes, so that all is gone within the hour that the page promises.
    """
    for guest in GuestResponse.objects.expired()[:1000]:
        guest_uploads.forget(guest)
    for name in retention.files_of_nobody():
        upload_storage.drop_file(name)
