"""Rates a claimed response: measure, hear, rate, settle.

Ears of this machine hear before the questions of consent and money: these stand before what
leaves it.

No transaction is open while sound is decoded or a vendor is asked. A task may run twice, be killed
or come late: a claim has one winner, and only its token settles.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts import consents
from materials.voice_adapters import get_voice, try_speaking
from materials.voicing import SAMPLE_WORDS_A_MINUTE
from opic.lib.web import trouble
from scoring.adapter_error import AdapterError
from scoring.audio import codec, decoding
from scoring.audio.codec import Sound
from scoring.audio.measures import MEASURES_VERSION, Measures, measure
from scoring.ears.base import LOCAL, Ears, Heard
from scoring.levels.response import RUBRIC_VERSION
from scoring.models import (
    SKIPPED_REASONS,
    Rating,
    Reason,
    Response,
    Status,
    Waits,
    audio_storage,
)
from scoring.raters.base import (
    BUILTIN,
    FLUENCY,
    Feedback,
    get_rater,
    is_embedded,
    models_asked,
)
from scoring.raters.instruction import RATE_VERSION
from scoring.raters.unratable import why_unratable
from scoring.rating import budget, hearing, jobs, waiting_line
from scoring.summaries import days
from scoring.uploads import storage as upload_storage

logger = logging.getLogger(__name__)
UNKNOWN_ERROR_SECONDS = 30
BUSY_SECONDS = 5
# seconds to the next try after a reply that cannot be used, by how many calls got through
REPLY_WAITS = (30, 120, 600, 3600, 3 * 3600)
CALLS_A_TRY = 2
CALLS_BY_ITSELF = budget.MOST_CALLS - CALLS_A_TRY  # one more try is left for who asks for it
T = TypeVar("T")


def run(response: Response) -> None:
    """Rate a claimed response, or give it back; leave it waiting when consent is missing."""
    try:
        _try(response)
    except consents.ConsentMissingError:
        _write(_wait_for_consent, response)


def _try(response: Response) -> None:
    """Do one try at a claimed response. Raises ConsentMissingError wherever it is missing."""
    try:
        _work(response)
    except consents.ConsentMissingError:
        raise
    except AdapterError as exc:
        _write(_handle_error, response, exc)
    except (codec.AudioError, FileNotFoundError):
        _write(_end_without, response, Reason.TECHNICAL)
    except decoding.DecoderBusy:
        _write(response.give_back, after_seconds=BUSY_SECONDS)
    except Exception as exc:  # noqa: BLE001 - the answer must not hang until its lease ends
        logger.error("rating of %s broke: %s", response.pk, type(exc).__name__)
        # a service that was away is back as soon as this can be written
        wait = BUSY_SECONDS if trouble.is_trouble(exc) else UNKNOWN_ERROR_SECONDS
        _write(response.give_back, after_seconds=wait)


def _write(work: Callable[..., T], *given: Any, **named: Any) -> T:
    """Do the last write of a step, waiting while the database is away.

    A claim that cannot be ended would block its response until the lease ends, and the model would
    be paid twice.
    """
    return trouble.outlast(partial(work, *given, **named), seconds=settings.OPIC_TASK_SECONDS)


def _work(response: Response) -> None:
    consents.demand_recording(response.speaker)
    if response.tries > settings.OPIC_MAX_TRIES:
        _give_up(response)
        return
    ears = hearing.ears_for(response)
    sound = _sound_of(response)
    if _leaves(ears):
        sound.begin_flac()
    measures = measure(sound.samples, syllables_a_word=settings.OPIC_SYLLABLES_A_WORD)
    consents.demand_recording(response.speaker)
    if not response.save_measures(measures.as_dict()):
        return
    if reason := why_unmeasurable(measures):
        _end_without(response, reason)
        return
    heard = None
    if ears and not _leaves(ears):
        _show_measure(response)
        heard = hearing.hear(response, ears, sound, write=_write)
    _judge(response, ears, heard, sound)


def _judge(response: Response, ears: Ears | None, heard: Heard | None, sound: Sound) -> None:
    """Judge it here and settle, or with whom the settings name; `heard`: what was heard here."""
    if is_embedded() and not _leaves(ears):
        waits_for = Waits.CONSENT if consents.voice_leaves() and heard is None else ""
        _settle_measured(response, heard, waits_for=waits_for, is_new=True)
    elif not _wait_or_copy(response, ears, heard):
        _rate(response, ears, sound)


def _leaves(ears: Ears | None) -> bool:
    return ears is not None and ears.name != LOCAL


def _end_without(response: Response, reason: str) -> None:
    """End without a rating. A level that is shown already stays shown.

    So does a measure, unless nothing was said that could be judged.
    """
    shown = response.shown_rating
    if shown and (shown.kind == Rating.Kind.RATING or reason not in SKIPPED_REASONS):
        _settle_measured(response)
    else:
        _end(response, Status.UNRATABLE, reason=reason)


def _wait_for_consent(response: Response) -> None:
    """Stop: nothing more is done with this voice. The sweeper takes it up when consent is given."""
    if consents.may_record(response.speaker):
        _settle_measured(response, waits_for=Waits.CONSENT)
        return
    shown = response.shown_rating
    if shown is None:
        reason = Reason.NO_CONSENT
        _end(response, Status.UNRATABLE, reason=reason, waits_for=Waits.RECORDING)
    else:
        is_rated = shown.kind == Rating.Kind.RATING
        _end(response, Status.RATED if is_rated else Status.MEASURED, waits_for=Waits.RECORDING)


def _may_go_abroad(response: Response) -> bool:
    person = response.speaker
    return consents.may_record(person) and consents.may_send_abroad(person)


def _wait_or_copy(response: Response, ears: Ears | None, heard: Heard | None) -> bool:
    """Return whether nobody outside is asked now; `heard`: what was heard here.

    There is no consent, it was asked before, there is no budget, or others go first.
    """
    if not _may_go_abroad(response):
        _settle_measured(response, heard, waits_for=Waits.CONSENT)
        return True
    if earlier := _same_before(response, ears):
        _settle(response, earlier.rater, _as_feedback(earlier), ears)
        _read_aloud(response)
        return True
    # who heard it was paid: then it is judged too
    is_paid = ears and _leaves(ears) and hearing.heard_before(response, ears)
    hindered = None if is_paid else budget.reached_limit(response.speaker)
    if hindered is not None:
        waits_for, opens_at = hindered
        _show_measure(response, heard)
        wait = (opens_at - timezone.now()).total_seconds()
        response.give_back(after_seconds=wait, waits_for=waits_for)
        return True
    if waiting_line.has_to_wait(response):
        _show_measure(response, heard)
        waiting_line.join(response)
        return True
    return False


def _rate(response: Response, ears: Ears | None, sound: Sound) -> None:
    heard = hearing.hear(response, ears, sound, write=_write) if ears else None
    job = jobs.for_rating(response)
    if reason := why_unratable(heard, job.asked) if heard else "":
        _end_without(response, reason)
        return
    # consent may have been taken back while it was being heard
    if not _may_go_abroad(response):
        _settle_measured(response, waits_for=Waits.CONSENT)
        return
    if is_embedded():
        _settle_measured(response, heard, is_new=True)
        return
    if heard:
        is_retake = jobs.is_retake(response)
        is_recited = not is_retake and jobs.is_recited(response, heard)
        job = replace(job, is_retake=is_retake, is_recited=is_recited)
    rater = get_rater()
    feedback = rater.rate(job, heard)
    if _write(_settle, response, rater.name, feedback, ears) and heard:
        _read_aloud(response)


def _read_aloud(response: Response) -> None:
    """Save the better answer as spoken by the built-in voice: its words are sent nowhere."""
    rating = Rating.objects.filter(response=response, kind=Rating.Kind.RATING).last()
    text = str(rating.advice.get("upgraded", "")) if rating else ""
    voice = get_voice("espeak")
    spoken = try_speaking(voice, text, voice.voices[0], SAMPLE_WORDS_A_MINUTE) if text else ""
    if rating is None or isinstance(spoken, str) or not consents.may_record(response.speaker):
        return
    path = f"audio/{response.speaker_id}/{response.pk}-{rating.pk}.m4a"
    rating.spoken = audio_storage().save(path, ContentFile(spoken.data))
    # the rating may have been deleted meanwhile: then nothing names the file
    if not Rating.objects.filter(pk=rating.pk).update(spoken=rating.spoken.name):
        upload_storage.drop_file(str(rating.spoken.name))


def _cache_key(response: Response, ears: Ears | None) -> str:
    """Return the key under which a rating is used again; empty without the recording's hash.

    Equal keys mean the same sound, speaker, wording, language, ears, models and versions.
    """
    parts = (
        response.audio_sha256,
        str(response.speaker_id),
        str(response.revision_id),
        response.speaker.language,
        models_asked(),
        f"{ears.name} {ears.version}" if ears else "",
        RATE_VERSION,
        MEASURES_VERSION,
        RUBRIC_VERSION,
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest() if response.audio_sha256 else ""


def _same_before(response: Response, ears: Ears | None) -> Rating | None:
    key = _cache_key(response, ears)
    mine = Rating.objects.filter(cache_key=key, response__speaker=response.speaker)
    return mine.exclude(cache_key="").filter(kind=Rating.Kind.RATING).order_by("-pk").first()


def _as_feedback(rating: Rating) -> Feedback:
    names = [field.name for field in fields(Feedback)]
    return Feedback(**{name: getattr(rating, name) for name in names})


def _sound_of(response: Response) -> Sound:
    """Return the stored recording. Raises ConsentMissingError and FileNotFoundError."""
    consents.demand_recording(response.speaker)
    if not response.audio:
        raise FileNotFoundError
    with audio_storage().open(response.audio.name, "rb") as file:
        return Sound(bytes(file.read()), decoding.pcm)


def why_unmeasurable(measures: Measures) -> str:
    """Return why there is nothing to measure; empty where somebody spoke."""
    if not measures.is_heard:
        return Reason.NOT_HEARD
    if measures.speech_seconds < settings.OPIC_LEAST_SPEECH_SECONDS:
        return Reason.TOO_SHORT
    return ""


def _made_rating(
    response: Response, rater_name: str, feedback: Feedback, ears: Ears | None = None
) -> Rating:
    """Save a new rating. Raises ConsentMissingError, which rolls the caller's transaction back."""
    consents.demand_recording(response.speaker)
    values = {field.name: getattr(feedback, field.name) for field in fields(Feedback)}
    key = _cache_key(response, ears) if feedback.kind == Rating.Kind.RATING else ""
    return Rating.objects.create(response=response, rater=rater_name, cache_key=key, **values)


@transaction.atomic
def _end(response: Response, status: str, **more: Any) -> bool:
    """Settle, and count the response's day anew, in one transaction."""
    won = response.settle(status, **more)
    if won:
        days.recount(response)
    return won


@transaction.atomic
def _settle(response: Response, rater_name: str, feedback: Feedback, ears: Ears | None) -> bool:
    """Save the rating and settle, both or neither: the claim may be somebody else's by now.

    A person's level stays shown.
    """
    # the response: a person may give a level just now, and takes this lock to do so
    locked = Response.objects.select_for_update().filter(pk=response.pk)
    list(locked.values_list("pk"))
    rating = _made_rating(response, rater_name, feedback, ears)
    by_person = Rating.objects.by_people().filter(response=response).last()
    won = _end(response, Status.RATED, rating=by_person or rating)
    if not won:
        transaction.set_rollback(True)
    return won


def _settle_measured(
    response: Response, heard: Heard | None = None, *, is_new: bool = False, **more: Any
) -> None:
    """Settle with the measures, and what was `heard` here; a level that is shown stays shown.

    `more` goes to `Response.settle`.
    """
    shown = response.shown_rating
    if shown and shown.kind == Rating.Kind.RATING:
        _end(response, Status.RATED)
    elif shown is None or is_new or (heard and not shown.facts):
        _settle_with(response, *_measured(response, heard), **more)
    else:
        _end(response, Status.MEASURED, rating=shown, **more)


@transaction.atomic
def _settle_with(response: Response, rater_name: str, feedback: Feedback, **more: Any) -> None:
    """Save a measure and settle with it, both or neither."""
    rating = _made_rating(response, rater_name, feedback)
    if not _end(response, Status.MEASURED, rating=rating, **more):
        transaction.set_rollback(True)


def _measured(response: Response, heard: Heard | None) -> tuple[str, Feedback]:
    """Return what the embedded raters give: facts of the words where they were heard here."""
    embedded = get_rater(BUILTIN if heard and settings.OPIC_RATER != FLUENCY else FLUENCY)
    return embedded.name, embedded.rate(jobs.for_rating(response), heard)


def _show_measure(response: Response, heard: Heard | None = None) -> None:
    """Show the measures, and what was `heard` here, while the work goes on."""
    shown = response.shown_rating
    if shown is None or (heard and shown.kind == Rating.Kind.MEASURE and not shown.facts):
        _show_with(response, *_measured(response, heard))


@transaction.atomic
def _show_with(response: Response, rater_name: str, feedback: Feedback) -> None:
    if not response.show(_made_rating(response, rater_name, feedback)):
        transaction.set_rollback(True)
        return
    days.recount(response)


def _handle_error(response: Response, exc: AdapterError) -> None:
    logger.warning("rating of %s did not work: %s", response.pk, exc)
    if exc.is_vendor:
        _wait_for_vendor(response, exc)
    elif exc.reason in SKIPPED_REASONS:
        _end_without(response, exc.reason)
    elif not (exc.retry and _wait_for_reply(response, exc)):
        _give_up(response, exc.reason)


def _wait_for_vendor(response: Response, exc: AdapterError) -> None:
    """Wait for as long as it takes, unless the service fails on this response alone."""
    if waiting_line.fails_alone(response):
        _give_up(response, Reason.SET_ASIDE)
        return
    _show_measure(response)
    waiting_line.join_after(response, exc)


def _wait_for_reply(response: Response, exc: AdapterError) -> bool:
    """Give back after a reply that cannot be used; False where no more of them are paid for."""
    calls = response.model_calls.replied().count()
    if not calls:
        # a rater that records no call: its tries are counted instead
        if response.tries >= settings.OPIC_MAX_TRIES:
            return False
        _show_measure(response)
        response.give_back(after_seconds=exc.after_seconds)
        return True
    if calls >= CALLS_BY_ITSELF:
        return False
    _show_measure(response)
    step = min((calls - 1) // CALLS_A_TRY, len(REPLY_WAITS) - 1)
    wait = max(exc.after_seconds, REPLY_WAITS[step])
    response.give_back(after_seconds=wait, waits_for=Waits.REPLY)
    return True


def _give_up(response: Response, reason: str = Reason.GAVE_UP) -> None:
    """End after the last try: what is shown stays shown; with nothing to show it is unratable.

    Of an answer that could not be heard to its end here, the beginning is judged here.
    """
    if response.shown_rating or (response.measures and response.measures.get("is_heard")):
        ears = hearing.ears_for(response)
        heard = hearing.heard_before(response, ears) if ears and not _leaves(ears) else None
        _settle_measured(response, heard, needs_person=not is_embedded(), reason=reason)
    else:
        _end(response, Status.UNRATABLE, reason=Reason.GAVE_UP)
