"""Moves of a sitting: set up, advance, re-adjust, pause, resume, save a response.

Where several tables move together, they do so in one transaction. What is not allowed changes
nothing and is reported.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import streaks
from accounts.models import User
from exams.models import Attempt, AttemptItem, BackgroundSurvey, SelfAssessment, Status
from exams.sitting import assembly
from exams.sitting.assembly import BankIndex, Candidate, DrawnItem, DrawRules
from exams.sitting.blueprint import (
    BLUEPRINT_VERSION,
    READJUST_AFTER,
    Shift,
    Source,
    item_count,
    shifted,
    shifts,
)
from exams.survey import rules as survey_rules
from exams.survey.answers import variants
from materials.models import Prompt
from opic.lib.clock import counts_for_day
from scoring.models import Response
from scoring.tasks import queue_rating
from scoring.uploads.requests import ReceivedUpload

MOMENT = 20.0  # seconds between two signs of life of a page that is there


def load_bank() -> BankIndex:
    """Load every published prompt that can be asked, in one query."""
    rows = Prompt.objects.published().select_related("topic", "combo_set")
    return BankIndex.of(
        Candidate(
            prompt=row.pk,
            revision=row.published_id or 0,
            key=row.key,
            topic=row.topic.slug,
            topic_kind=row.topic.kind,
            item_type=row.item_type,
            steps=(row.min_step, row.max_step),
            set_key=row.combo_set.key if row.combo_set else "",
            set_kind=row.combo_set.kind if row.combo_set else "",
            place=row.place_in_set,
        )
        for row in rows
    )


def bank_revision(bank: BankIndex) -> str:
    """Return a mark that changes whenever another wording or another prompt may be drawn."""
    groups = [*bank.alone.values(), *bank.sets.values()]
    numbers = [one.revision for group in groups for one in group]
    return f"{len(numbers)}-{max(numbers, default=0)}"


def _draw_rules(candidate: User, snapshot: dict[str, Any]) -> DrawRules:
    answers, picked = snapshot["answers"], snapshot["picked"]
    works, studies = survey_rules.works(answers), survey_rules.studies(answers)
    lists = survey_rules.lists(variants())
    opened = survey_rules.topics_of(picked, works=works, studies=studies, variants=variants())
    return assembly.draw_rules(
        opened,
        lists.identity,
        works=works,
        studies=studies,
        previously_asked=_previously_asked(candidate),
    )


def _previously_asked(candidate: User) -> Iterable[Any]:
    """Return the prompts of this candidate's last sittings."""
    last = Attempt.objects.taken_by(candidate).order_by("-made_at")
    numbers = list(last.values_list("pk", flat=True)[: settings.OPIC_EXAM_AVOIDS_SITTINGS])
    items = AttemptItem.objects.filter(attempt__in=numbers)
    return items.values_list("revision__prompt", flat=True)


def _purpose(item: DrawnItem) -> str:
    if item.source is Source.INTRO:
        return AttemptItem.Purpose.WARM_UP
    return AttemptItem.Purpose.PROBE if item.probes_advanced else AttemptItem.Purpose.LEVEL_CHECK


def _issue(attempt: Attempt, items: Iterable[DrawnItem]) -> None:
    AttemptItem.objects.bulk_create(
        AttemptItem(
            attempt=attempt,
            number=item.number,
            revision_id=item.candidate.revision,
            item_type=item.candidate.item_type,
            block=item.block,
            source=item.source.value,
            purpose=_purpose(item),
            fallback=item.fallback,
        )
        for item in items
    )


def prepare(candidate: User, *, step: int, mode: str) -> Attempt:
    """Make a sitting with its first seven items, or return the one that is open already.

    Raises AssemblyError when the bank cannot fill it.
    """
    survey = BackgroundSurvey.objects.get(candidate=candidate)
    snapshot = {"version": survey.version, "answers": survey.answers, "picked": survey.picked}
    bank, seed = load_bank(), secrets.token_hex(8)
    items = assembly.draw_first(bank, _draw_rules(candidate, snapshot), step=step, seed=seed)
    try:
        with transaction.atomic():
            attempt = Attempt.objects.create(
                candidate=candidate,
                mode=mode,
                survey=snapshot,
                blueprint_version=BLUEPRINT_VERSION,
                bank_revision=bank_revision(bank),
                seed=seed,
                item_count=item_count(step),
            )
            SelfAssessment.objects.create(attempt=attempt, step=step)
            _issue(attempt, items)
    except IntegrityError:
        # a second press won the race: one attempt is open per candidate, by constraint
        return Attempt.objects.taken_by(candidate).open().get()
    return attempt


def give_up(candidate: User, attempt_id: UUID) -> bool:
    """Give up a sitting of this candidate; False unless it is open."""
    attempt = Attempt.objects.taken_by(candidate).filter(pk=attempt_id).first()
    return attempt is not None and attempt.abandon()


def _as_drawn_items(items: Iterable[AttemptItem]) -> list[DrawnItem]:
    """Return items 1-7 as they were drawn."""
    taken = []
    for item in items:
        prompt = item.revision.prompt
        candidate = Candidate(
            prompt=prompt.pk,
            revision=item.revision_id,
            key=prompt.key,
            topic=prompt.topic.slug,
            topic_kind=prompt.topic.kind,
            item_type=item.item_type,
            steps=(prompt.min_step, prompt.max_step),
            set_key=prompt.combo_set.key if prompt.combo_set else "",
        )
        taken.append(
            DrawnItem(item.number, candidate, Source(item.source), item.block, item.fallback)
        )
    return taken


def readjust(attempt: Attempt, shift: str) -> bool:
    """Draw items 8-end by the choice after item 7; False elsewhere, and the second time.

    Raises AssemblyError when the bank cannot fill them.
    """
    step = attempt.assessment.step
    if shift not in shifts(step) or attempt.position != READJUST_AFTER + 1:
        return False
    second = shifted(step, Shift(shift))
    items = list(attempt.items.for_report().filter(number__lte=READJUST_AFTER))
    rest = assembly.draw_second(
        load_bank(),
        _draw_rules(attempt.candidate, attempt.survey),
        _as_drawn_items(items),
        steps=(step, second),
        seed=attempt.seed,
        total_follows=settings.OPIC_EXAM_TOTAL_FOLLOWS,
    )
    with transaction.atomic():
        # the attempt's row: it may not be handed in, nor readjusted twice, while items are issued
        here = Attempt.objects.select_for_update().filter(
            pk=attempt.pk, status=Status.IN_PROGRESS, position=READJUST_AFTER + 1
        )
        if not here.exists() or not attempt.assessment.readjust(second):
            return False
        _issue(attempt, rest)
        attempt.item_count = READJUST_AFTER + len(rest)
        here.update(item_count=attempt.item_count, seen_at=timezone.now())
    return True


def resume(attempt: Attempt) -> None:
    """Resume a sitting after an absence.

    The clock of a relaxed one stood still meanwhile. A real one gets one long absence back.
    """
    now = timezone.now()
    gap = (now - attempt.seen_at).total_seconds()
    if attempt.status != Status.IN_PROGRESS:
        return
    back = 0.0
    if not attempt.is_real:
        since = attempt.paused_at or attempt.seen_at
        away = (now - since).total_seconds()
        back = away if attempt.paused_at or away > MOMENT else 0.0
    elif gap > settings.OPIC_EXAM_BREAK_SECONDS and not attempt.break_seconds:
        back = gap
    # it names the sign of life that was read: two pages that resume at once get the time back once
    same = Attempt.objects.filter(pk=attempt.pk, status=Status.IN_PROGRESS, seen_at=attempt.seen_at)
    same.update(
        seen_at=now,
        paused_at=None,
        deadline_at=F("deadline_at") + timedelta(seconds=back),
        break_seconds=F("break_seconds") + round(back),
    )
    attempt.refresh_from_db()


def pause(attempt: Attempt) -> bool:
    """Pause a relaxed sitting; False for a real one, whose clock never stops."""
    running = Attempt.objects.filter(
        pk=attempt.pk, status=Status.IN_PROGRESS, mode=Attempt.Mode.RELAXED, paused_at=None
    )
    now = timezone.now()
    return bool(running.update(paused_at=now, seen_at=now))


def seconds_left(attempt: Attempt) -> float:
    """Return the seconds that are left by the server's clock; the whole time before the start."""
    if attempt.deadline_at is None:
        return float(settings.OPIC_EXAM_SECONDS)
    until = attempt.paused_at or timezone.now()
    return max(0.0, (attempt.deadline_at - until).total_seconds())


def shows_clock(attempt: Attempt) -> bool:
    """Return whether the time is on the screen: in a real exam that differs by version."""
    return not attempt.is_real or settings.OPIC_EXAM_SHOWS_CLOCK


@dataclass(frozen=True)
class Left:
    """How an item was left, as the page reports it."""

    number: int
    heard_twice: bool = False
    used_hint: bool = False
    is_skipped: bool = False


@transaction.atomic
def advance(attempt: Attempt, left: Left) -> bool:
    """Go on to the next item; False unless `left` is the one at hand and the sitting goes on."""
    if not attempt.advance(left.number):
        return False
    AttemptItem.objects.filter(attempt=attempt, number=left.number).update(
        left_at=timezone.now(),
        heard_twice=left.heard_twice,
        used_hint=left.used_hint,
        is_skipped=left.is_skipped,
    )
    return True


@transaction.atomic
def save_response(upload: ReceivedUpload, item: AttemptItem) -> Response:
    """Save response, item and the day's activity in one transaction, and queue the rating.

    What was recorded after the deadline is stored and marked.
    """
    # the person's row: their uploads count for a day one after the other. Not its key: a worker
    # that settles a response of theirs refers to the person while it commits
    speaker = User.objects.select_for_update(no_key=True).get(pk=upload.grant.speaker.pk)
    response, is_new = upload.save(item.revision, in_sitting=True)
    if is_new:
        deadline = item.attempt.deadline_at
        is_late = deadline is not None and response.recorded_at > deadline
        AttemptItem.objects.filter(pk=item.pk, response=None).update(
            response=response, is_late=is_late, is_skipped=False
        )
        if counts_for_day(response.recorded_at, response.received_at, response.voiced_ms):
            streaks.note(speaker, response.recorded_at, response.time_zone, response.voiced_ms)
        queue_rating(response)
    return response
