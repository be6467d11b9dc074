"""What ears and raters are given of a response, in plain values."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from materials.models import SampleResponse
from opic.lib.levels import DEFAULT_TARGET
from scoring.ears.base import Heard, HearingJob
from scoring.models import Hearing, Rating, Response
from scoring.raters import evidence
from scoring.raters.base import RatingJob
from scoring.rating import budget, dismissals

RECITED = 0.5  # share of five-word runs that were said or written before
LOOK_BACK = 50
SITTING = timedelta(hours=2)
ADVISED = timedelta(days=7)


def for_hearing(
    response: Response, before: Heard | None, note: Callable[[Heard], None]
) -> HearingJob:
    """Return what ears are given; `before` is the beginning, heard by a try that broke off."""
    return HearingJob(
        response_id=str(response.pk),
        measures=response.measures or {},
        usage_recorder=budget.ModelCallRecorder(response),
        heard_before=before,
        note=note,
    )


def for_rating(response: Response) -> RatingJob:
    """Return what a rater is given, except for what only the words say."""
    prompt = response.revision.prompt
    goal = getattr(response.speaker, "goal", None)
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
        target=goal.target if goal else int(DEFAULT_TARGET),
        advised_lately=_advised_lately(response),
        switched_off=dismissals.switched_off(response.speaker),
        usage_recorder=budget.ModelCallRecorder(response),
    )


def is_retake(response: Response) -> bool:
    """Return whether the speaker answered this prompt before: practice is never called recited."""
    mine = Response.objects.spoken_by(response.speaker).exclude(pk=response.pk)
    return mine.filter(
        revision__prompt=response.revision.prompt_id, received_at__lt=response.received_at
    ).exists()


def is_recited(response: Response, heard: Heard) -> bool:
    """Return whether it repeats our sample, or what this person said to another prompt."""
    prompt_id = response.revision.prompt_id
    samples = SampleResponse.objects.filter(prompt=prompt_id).values_list("text", flat=True)
    mine = Hearing.objects.filter(response__speaker=response.speaker).exclude(heard=None)
    others = mine.exclude(response=response.pk).exclude(response__revision__prompt=prompt_id)
    transcripts = others.order_by("-pk").values_list("heard", flat=True)[:LOOK_BACK]
    texts = [*samples, *(str(hearing["transcript"]) for hearing in transcripts if hearing)]
    return any(evidence.likeness(heard.transcript, text) >= RECITED for text in texts)


def _asked_before(response: Response) -> tuple[str, ...]:
    """Return the questions that this speaker answered in the hours before: those of a sitting."""
    hours = response.recorded_at - SITTING, response.recorded_at
    mine = Response.objects.spoken_by(response.speaker).filter(recorded_at__range=hours)
    return tuple(mine.exclude(pk=response.pk).values_list("revision__text", flat=True)[:LOOK_BACK])


def _advised_lately(response: Response) -> tuple[str, ...]:
    """Return the keys of what this speaker was advised in the last week, newest first."""
    since = timezone.now() - ADVISED
    mine = Rating.objects.filter(response__speaker=response.speaker, made_at__gte=since)
    advised = mine.exclude(response=response.pk).exclude(facts={}).order_by("-pk")
    keys = advised.values_list("facts__advice__key", flat=True)[:LOOK_BACK]
    return tuple(str(key) for key in keys if key)
