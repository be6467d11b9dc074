"""What the page of a sitting receives: items with their tickets, state, addresses."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from exams import labels
from exams.models import Attempt, AttemptItem, Status
from exams.sitting import lifecycle
from exams.sitting.blueprint import READJUST_AFTER, shifted, shifts
from materials.clips import clip_url
from materials.models import ItemType, Prompt, PromptRevision
from scoring.uploads import tickets


def upload_url(item: AttemptItem) -> str:
    """Return the address that takes the recording of an item."""
    return reverse("exams:item-answer", args=[item.attempt_id, item.number])


def _item(item: AttemptItem, person: User, device: str, *, is_real: bool) -> dict[str, Any]:
    url = upload_url(item)
    payload = {
        "n": item.number,
        "src": clip_url(item.revision.best_clip),
        "said": item.response_id is not None,
        "url": url,
        "ticketUrl": reverse("exams:ticket-create", args=[item.attempt_id, item.number]),
        **tickets.issue(person, device, url, str(item.upload_key)),
    }
    # a real exam shows no question in writing
    if not is_real:
        payload |= {"text": item.revision.text, "points": item.revision.points}
    return payload


def items_of(attempt: Attempt, device: str, *, after: int = 0) -> list[dict[str, Any]]:
    """Return every issued item after a number, so that nothing has to be fetched on the way."""
    rows = attempt.items.filter(number__gt=after).order_by("number")
    rows = rows.select_related("revision__clip", "revision__spare_clip")
    person = attempt.candidate
    return [_item(row, person, device, is_real=attempt.is_real) for row in rows]


def state_of(attempt: Attempt) -> dict[str, Any]:
    """Return what the server knows and the page has to follow; times in seconds."""
    asks = (
        attempt.status == Status.IN_PROGRESS
        and attempt.position == READJUST_AFTER + 1
        and attempt.assessment.second_step is None
    )
    return {
        "status": attempt.status,
        "position": attempt.position,
        "total": attempt.item_count,
        "left": round(lifecycle.seconds_left(attempt), 2),
        "paused": attempt.paused_at is not None,
        "readjust": asks,
        "given": attempt.break_seconds,
        "now": timezone.now().timestamp(),
    }


def sample_for(attempt: Attempt) -> PromptRevision | None:
    """Return a prompt to try the screen with, not one of the test's; None where there is none."""
    mine = attempt.items.values("revision__prompt")
    easy = Prompt.objects.published().at_step(1).of_type(ItemType.DET).exclude(pk__in=mine)
    prompt = easy.with_voice().order_by("key").first()
    return prompt.published if prompt else None


def page_of(attempt: Attempt, device: str) -> dict[str, Any]:
    """Return everything that <opic-sitting> starts with."""
    sample = sample_for(attempt) if attempt.status == Status.PREPARING else None
    names = ("start", "advance", "readjust", "resume", "pause", "state", "submit", "check")
    urls = {name: reverse(f"exams:attempt-{name}", args=[attempt.pk]) for name in names}
    return {
        "id": str(attempt.pk),
        "mode": attempt.mode,
        "state": state_of(attempt),
        "items": items_of(attempt, device),
        "sample": clip_url(sample.best_clip) if sample else "",
        "sampleText": sample.text if sample and not attempt.is_real else "",
        "urls": {**urls, "report": reverse("exams:attempt-detail", args=[attempt.pk])},
        "readjustAfter": READJUST_AFTER,
        "replays": settings.OPIC_EXAM_REPLAYS,
        "replaySeconds": settings.OPIC_EXAM_REPLAY_SECONDS,
        "cueSeconds": settings.OPIC_EXAM_CUE_SECONDS,
        "nextSeconds": settings.OPIC_EXAM_NEXT_SECONDS,
        "maxSeconds": settings.OPIC_MAX_SECONDS,
    }


def shifts_of(attempt: Attempt) -> list[tuple[str, str, str]]:
    """Return the choices after item 7: value, words, and the steps as they would be written."""
    step = attempt.assessment.step
    return [
        (shift.value, str(labels.SHIFTS[shift.value]), f"{step}-{shifted(step, shift)}")
        for shift in shifts(step)
    ]
