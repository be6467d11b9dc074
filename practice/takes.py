"""Takes on prompts: making one from a recording that arrived, comparing them, deleting them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import BigIntegerField, Max, QuerySet, UUIDField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext

from accounts import streaks
from accounts.level_embargo import is_withheld
from accounts.models import User
from materials.models import Prompt, PromptRevision
from opic.lib.clock import counts_for_day
from opic.lib.stores.prepared import Fetched, Given, PreparedQuery
from opic.lib.web.addresses import address_of
from practice.comparison import Figure, Since, figures_between, since_before
from practice.models import PracticeSession, PracticeTake
from scoring.models import Reason, Response
from scoring.summaries import days
from scoring.tasks import queue_rating
from scoring.uploads.requests import ReceivedUpload
from scoring.uploads.storage import drop_file, files_of

SHOWN = 20  # takes a list shows at once


@transaction.atomic
def save_take(upload: ReceivedUpload, revision: PromptRevision) -> Response:
    """Save response, take and the day's activity in one transaction, and queue the rating.

    The same upload key changes nothing twice.
    """
    # the person's row: takes on a prompt get their numbers one after the other. Not its key: a
    # worker that settles a response of theirs refers to the person while it commits
    learner = User.objects.select_for_update(no_key=True).get(pk=upload.grant.speaker.pk)
    response, is_new = upload.save(revision)
    if is_new:
        PracticeTake.objects.create(
            response=response,
            session=PracticeSession.join(learner),
            learner=learner,
            prompt=revision.prompt,
            number=_next_number(learner, revision.prompt),
        )
        if counts_for_day(response.recorded_at, response.received_at, response.voiced_ms):
            streaks.note(learner, response.recorded_at, response.time_zone, response.voiced_ms)
        queue_rating(response)
    return response


def _next_number(learner: User, prompt: Prompt) -> int:
    made = PracticeTake.objects.made_by(learner).on_prompt(prompt)
    return 1 + (made.aggregate(last=Max("number"))["last"] or 0)


def delete(take: PracticeTake) -> None:
    """Delete a take with its ratings and recording, and count its day anew.

    That the day was spoken on stays.
    """
    response, day = take.response, days.day_of_response(take.response)
    files = files_of(Response.objects.filter(pk=take.pk))
    with transaction.atomic():
        response.delete()
        days.recount_day(take.learner_id, day)
    for name in files:
        drop_file(name)


@dataclass(frozen=True)
class TakeRow:
    """A take as the list prints it."""

    take: PracticeTake
    title: str
    when: str
    figures: list[Figure]

    @property
    def response(self) -> Response:
        """Return the response of the take."""
        return self.take.response

    def printed(self, *, is_above: bool = False) -> "PrintedTake":
        """Return the row as plain text, for the page; `is_above`: its result stands above."""
        response = self.response
        status = Reason(response.reason).label if response.reason else response.get_status_display()
        return PrintedTake(
            id=str(response.pk),
            title=self.title,
            when=self.when,
            status=response.status,
            status_text="" if self.figures else str(status),
            audio_url=address_of("scoring:response-audio").format(response.pk)
            if response.audio and not is_above
            else "",
            seconds=response.length_seconds,
            delete_url=address_of("practice:take-delete").format(response.pk),
            figures=self.figures,
        )


@dataclass(frozen=True)
class PrintedTake:
    """All that the page shows of a take, as plain text: takes that are equal look the same."""

    id: str
    title: str
    when: str
    status: str
    status_text: str
    audio_url: str  # empty where it is deleted, or is played in the result above
    seconds: float
    delete_url: str
    figures: list[Figure]


@lru_cache(maxsize=4096)
def _written(day: date, _language: str) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def day_text(moment: datetime) -> str:
    """Return the day in the reader's time zone, as their language writes it.

    It is cached: formatting a date costs as much as twenty variables, and a list has many of one
    day.
    """
    return _written(timezone.localtime(moment).date(), get_language() or "en")


def _take_rows(is_before: bool) -> QuerySet[PracticeTake]:
    made = PracticeTake.objects.made_by(Given("learner", UUIDField()))
    made = made.on_prompt(Given("prompt", UUIDField())).for_comparison()
    if is_before:
        made = made.filter(number__lt=Given("before", BigIntegerField()))
    return made[: SHOWN + 1]


_TAKES: PreparedQuery[PracticeTake] = PreparedQuery(_take_rows)


@dataclass(frozen=True)
class TakeList:
    """Takes of one learner on one prompt, newest first, as they were read.

    `key` names all that the list prints of them: rows are worked out only where no list with this
    key was rendered yet.
    """

    _read: Fetched[PracticeTake]
    embargo_start: datetime | None
    is_first_page: bool = True

    def __len__(self) -> int:
        return len(self._read)

    @property
    def key(self) -> str:
        """Return text that is the same where the list looks the same to its reader."""
        return self._key(self._read.key)

    def _key(self, rows: str) -> str:
        zone = timezone.get_current_timezone_name()
        return f"{rows} {self.embargo_start} {self.is_first_page} {zone}"

    @cached_property
    def since(self) -> "Since | None":
        """Return what changed since the take before; nothing while levels are withheld."""
        newest = self.newest_response
        if newest is None or is_withheld(newest.recorded_at, self.embargo_start):
            return None
        return since_before(newest, self.response_before)

    @cached_property
    def newest_response(self) -> Response | None:
        """Return the newest answer with its rating."""
        return next((take.response for take in self._read.part(0, 1)), None)

    @cached_property
    def response_before(self) -> Response | None:
        """Return the answer before the newest, with its rating."""
        return next((take.response for take in self._read.part(1, 2)), None)

    @property
    def newest_key(self) -> str:
        """Return the key of the newest and of the one it is compared with."""
        return self._key(self._read.key_of(0, 2))

    @cached_property
    def older_than(self) -> int | None:
        """Return the number of the last that is shown; None where no older one is left."""
        return self._read.part(SHOWN - 1, SHOWN)[0].number if len(self) > SHOWN else None

    @cached_property
    def rows(self) -> list[PrintedTake]:
        """Return what the list prints."""
        made = rows_for(self._read.rows, embargo_start=self.embargo_start)
        return [
            row.printed(is_above=self.is_first_page and place == 0)
            for place, row in enumerate(made[:SHOWN])
        ]


def list_for(
    learner: User, prompt: Prompt, *, before: int | None, embargo_start: datetime | None
) -> TakeList:
    """Read the newest takes, or those before a number, in one query."""
    read = _TAKES.fetch(before is not None, learner=learner.pk, prompt=prompt.pk, before=before)
    return TakeList(read, embargo_start, before is None)


def rows_for(
    takes: Iterable[PracticeTake], *, embargo_start: datetime | None = None
) -> list[TakeRow]:
    """Return the rows of takes, each compared with the take before it; both newest first.

    What was recorded since `embargo_start` has no figures.
    """
    made = list(takes)
    older = [take.response for take in made[1:]]
    title = gettext("Take %(number)s")
    return [
        TakeRow(
            take,
            title % {"number": take.number},
            day_text(take.response.recorded_at),
            []
            if is_withheld(take.response.recorded_at, embargo_start)
            else figures_between(take.response, before),
        )
        for take, before in zip(made, [*older, None], strict=False)
    ]
