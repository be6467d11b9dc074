"""Rates a claimed response: measure, hear, rate, settle.

No transaction is open while sound is decoded or a vendor is asked. A task may run twice, be killed
or come late: a claim has one winner, and only its token settles.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts import consents
from materials.models import SampleResponse
from materials.voice_adapters import get_voice, try_speaking
from materials.voicing import SAMPLE_WORDS_A_MINUTE
from opic.lib.web import trouble
from scoring.audio import codec, decoding
from scoring.audio.codec import Sound
from scoring.audio.measures import MEASURES_VERSION, Measures, measure
from scoring.levels.response import RUBRIC_VERSION
from scoring.models import (
    SKIPPED_REASONS,
    Hearing,
    Rating,
    Reason,
    Response,
    Status,
    Waits,
    audio_storage,
)
from scoring.raters import evidence
from scoring.raters.base import (
    EMBEDDED,
    Feedback,
    Heard,
    Rater,
    RaterError,
    RatingJob,
    get_rater,
    models_asked,
)
from scoring.raters.instruction import HEAR_VERSION, RATE_VERSION
from scoring.raters.unratable import why_unratable
from scoring.rating import budget, waiting_line
from scoring.summaries import days
from scoring.uploads import storage as upload_storage

logger = logging.getLogger(__name__)
RECITED = 0.5  # share of five-word runs that were said or written before
LOOK_BACK = 50
UNKNOWN_ERROR_SECONDS = 30
BUSY_SECONDS = 5
# seconds to the next try after a reply that cannot be used, by how many calls got through
REPLY_WAITS = (30, 120, 600, 3600, 3 * 3600)
CALLS_A_TRY = 2
CALLS_BY_ITSELF = budget.MOST_CALLS - CALLS_A_TRY  # one more try is left for who asks for it
SITTING = timedelta(hours=2)
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
    except RaterError as exc:
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
    rater = get_rater()
    sound = _sound_of(response)
    if rater.name != EMBEDDED:
        sound.begin_flac()
    measures = measure(sound.samples, syllables_a_word=settings.OPIC_SYLLABLES_A_WORD)
    consents.demand_recording(response.speaker)
    if not response.save_measures(measures.as_dict()):
        return
    if reason := _why_unratable(measures):
        _end_without(response, reason)
        return
    if rater.name == EMBEDDED:
        _hear(response, rater, _job_for(response), sound)
        _settle_measured(response, is_new=True)
    elif not _wait_or_copy(response):
        _rate(response, rater, sound)


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


def _wait_or_copy(response: Response) -> bool:
    """Return whether the model is not asked now.

    There is no consent, it was asked before, there is no budget, or others go first.
    """
    if not _may_go_abroad(response):
        _settle_measured(response, waits_for=Waits.CONSENT)
        return True
    if earlier := _same_before(response):
        _settle(response, earlier.rater, _as_feedback(earlier))
        _read_aloud(response)
        return True
    hindered = None if _heard_before(response) else budget.reached_limit(response.speaker)
    if hindered is not None:
        waits_for, opens_at = hindered
        _show_measure(response)
        wait = (opens_at - timezone.now()).total_seconds()
        response.give_back(after_seconds=wait, waits_for=waits_for)
        return True
    if waiting_line.has_to_wait(response):
        _show_measure(response)
        waiting_line.join(response)
        return True
    return False


def _rate(response: Response, rater: Rater, sound: Sound) -> None:
    job = _job_for(response)
    heard = _heard_before(response) or _hear(response, rater, job, sound)
    if reason := why_unratable(heard, job.asked) if heard else "":
        _end_without(response, reason)
        return
    # consent may have been taken back while it was being heard
    if not _may_go_abroad(response):
        _settle_measured(response, waits_for=Waits.CONSENT)
        return
    if heard:
        is_retake = _is_retake(response)
        is_recited = not is_retake and _is_recited(response, heard)
        job = replace(job, is_retake=is_retake, is_recited=is_recited)
    feedback = rater.rate(job, heard)
    if _write(_settle, response, rater.name, feedback) and heard:
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


def _hear(response: Response, rater: Rater, job: RatingJob, sound: Sound) -> Heard | None:
    """Hear the response and save it before anything is judged: a retry need not pay again.

    Raises ConsentMissingError: what was heard of a voice withdrawn meanwhile is not saved.
    """
    heard = rater.hear(job, sound)
    _write(_save_hearing, response, rater.name, heard)
    return heard


def _save_hearing(response: Response, rater_name: str, heard: Heard | None) -> None:
    consents.demand_recording(response.speaker)
    Hearing.objects.create(
        response=response,
        rater=rater_name,
        model=heard.model if heard else "",
        instruction_version=heard.instruction_version if heard else "",
        heard=heard.as_dict() if heard else None,
    )


def _heard_before(response: Response) -> Heard | None:
    hearing = response.hearings.filter(instruction_version=HEAR_VERSION).exclude(heard=None).last()
    if hearing is None or hearing.heard is None:
        return None
    return Heard.from_dict(hearing.heard, model=hearing.model, version=hearing.instruction_version)


def _is_retake(response: Response) -> bool:
    """Return whether the speaker answered this prompt before: practice is never called recited."""
    mine = Response.objects.spoken_by(response.speaker).exclude(pk=response.pk)
    return mine.filter(
        revision__prompt=response.revision.prompt_id, received_at__lt=response.received_at
    ).exists()


def _is_recited(response: Response, heard: Heard) -> bool:
    """Return whether it repeats our sample, or what this person said to another prompt."""
    prompt_id = response.revision.prompt_id
    samples = SampleResponse.objects.filter(prompt=prompt_id).values_list("text", flat=True)
    mine = Hearing.objects.filter(response__speaker=response.speaker).exclude(heard=None)
    others = mine.exclude(response=response.pk).exclude(response__revision__prompt=prompt_id)
    transcripts = others.order_by("-pk").values_list("heard", flat=True)[:LOOK_BACK]
    texts = [*samples, *(str(hearing["transcript"]) for hearing in transcripts if hearing)]
    return any(evidence.likeness(heard.transcript, text) >= RECITED for text in texts)


def _cache_key(response: Response) -> str:
    """Return the key under which a rating is used again; empty without the recording's hash.

    Equal keys mean the same sound, speaker, wording, language, models and versions.
    """
    parts = (
        response.audio_sha256,
        str(response.speaker_id),
        str(response.revision_id),
        response.speaker.language,
        models_asked(),
        HEAR_VERSION,
        RATE_VERSION,
        MEASURES_VERSION,
        RUBRIC_VERSION,
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest() if response.audio_sha256 else ""


def _same_before(response: Response) -> Rating | None:
    key = _cache_key(response)
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


def _why_unratable(measures: Measures) -> str:
    if not measures.is_heard:
        return Reason.NOT_HEARD
    if measures.speech_seconds < settings.OPIC_LEAST_SPEECH_SECONDS:
        return Reason.TOO_SHORT
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
        points=tuple(response.revision.points),
        asked_before=_asked_before(response),
        secret=hashlib.sha256(settings.SECRET_KEY.encode()).hexdigest(),
        usage_recorder=budget.ModelCallRecorder(response),
    )


def _asked_before(response: Response) -> tuple[str, ...]:
    """Return the questions that this speaker answered in the hours before: those of a sitting."""
    hours = response.recorded_at - SITTING, response.recorded_at
    mine = Response.objects.spoken_by(response.speaker).filter(recorded_at__range=hours)
    return tuple(mine.exclude(pk=response.pk).values_list("revision__text", flat=True)[:LOOK_BACK])


def _made_rating(response: Response, rater_name: str, feedback: Feedback) -> Rating:
    """Save a new rating. Raises ConsentMissingError, which rolls the caller's transaction back."""
    consents.demand_recording(response.speaker)
    values = {field.name: getattr(feedback, field.name) for field in fields(Feedback)}
    key = _cache_key(response) if feedback.kind == Rating.Kind.RATING else ""
    return Rating.objects.create(response=response, rater=rater_name, cache_key=key, **values)


@transaction.atomic
def _end(response: Response, status: str, **more: Any) -> bool:
    """Settle, and count the response's day anew, in one transaction."""
    won = response.settle(status, **more)
    if won:
        days.recount(response)
    return won


@transaction.atomic
def _settle(response: Response, rater_name: str, feedback: Feedback) -> bool:
    """Save the rating and settle, both or neither: the claim may be somebody else's by now.

    A person's level stays shown.
    """
    # the response: a person may give a level just now, and takes this lock to do so
    locked = Response.objects.select_for_update().filter(pk=response.pk)
    list(locked.values_list("pk"))
    rating = _made_rating(response, rater_name, feedback)
    by_person = Rating.objects.by_people().filter(response=response).last()
    won = _end(response, Status.RATED, rating=by_person or rating)
    if not won:
        transaction.set_rollback(True)
    return won


@transaction.atomic
def _settle_measured(
    response: Response,
    *,
    waits_for: str = "",
    needs_person: bool = False,
    reason: str = "",
    is_new: bool = False,
) -> None:
    """Settle with the measures alone, and why; a level that is shown already stays shown."""
    shown = response.shown_rating
    if shown and shown.kind == Rating.Kind.RATING:
        _end(response, Status.RATED)
        return
    existing = None if is_new else shown
    rating = existing or _made_rating(response, EMBEDDED, _measure_of(response))
    more: dict[str, Any] = {"waits_for": waits_for, "needs_person": needs_person, "reason": reason}
    if not _end(response, Status.MEASURED, rating=rating, **more):
        transaction.set_rollback(True)


def _measure_of(response: Response) -> Feedback:
    embedded = get_rater(EMBEDDED)
    return embedded.rate(_job_for(response), None)


@transaction.atomic
def _show_measure(response: Response) -> None:
    """Show the delivery band while the real rating waits."""
    if response.shown_rating is None:
        rating = _made_rating(response, EMBEDDED, _measure_of(response))
        if not response.show(rating):
            transaction.set_rollback(True)
            return
        days.recount(response)


def _handle_error(response: Response, exc: RaterError) -> None:
    logger.warning("rating of %s did not work: %s", response.pk, exc)
    if exc.is_vendor:
        _wait_for_vendor(response, exc)
    elif exc.reason in SKIPPED_REASONS:
        _end_without(response, exc.reason)
    elif not (exc.retry and _wait_for_reply(response, exc)):
        _give_up(response, exc.reason)


def _wait_for_vendor(response: Response, exc: RaterError) -> None:
    """Wait for as long as it takes, unless the service fails on this response alone."""
    if waiting_line.fails_alone(response):
        _give_up(response, Reason.SET_ASIDE)
        return
    _show_measure(response)
    waiting_line.join_after(response, exc)


def _wait_for_reply(response: Response, exc: RaterError) -> bool:
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
    """End after the last try: what is shown stays shown; with nothing to show it is unratable."""
    if response.shown_rating or (response.measures and response.measures.get("is_heard")):
        needs_person = settings.OPIC_RATER != EMBEDDED
        _settle_measured(response, needs_person=needs_person, reason=reason)
    else:
        _end(response, Status.UNRATABLE, reason=Reason.GAVE_UP)
