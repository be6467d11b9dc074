"""Rows of past responses and whole tests, newest first: read, and put into words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, gettext

from accounts.level_embargo import embargo_start, is_withheld
from accounts.models import Goal, User
from exams.models import OVER, Attempt, AttemptItem, AttemptResult, SelfAssessment
from materials.models import ItemType, PromptRevision, name_column
from opic.lib.levels import Level, range_name, step_code
from opic.lib.pagination import Key, Page, Span, page_from, page_of
from opic.lib.stores.prepared import Given, PreparedQuery
from opic.lib.web.addresses import address_of
from opic.pages.history.forms import PRACTICE, SITTING
from practice.models import PracticeTake
from scoring.models import Rating, Response

PAGE = 20
WORDS = 110  # letters of what was heard, enough for two lines of a phone
# columns of a rating that hold what was heard
TRANSCRIPTS = ("facts", "advice")
RESPONSE_COLUMNS = (
    "pk",
    "recorded_at",
    "status",
    "name",
    "kind",
    "number",
    "exam_on",
    "low",
    "high",
    "length_ms",
    "pace",
    "words",
    "take",
    "last_take",
)
SITTING_COLUMNS = ("pk", "made_at", "status", "mode", "first", "second", "low", "high")


@dataclass(frozen=True)
class Row:
    """One response, or one whole test, as the list prints it.

    `words` are the first that were heard, else how long and how fast it is; `take` says which take
    on its question it is, where there are several.
    """

    url: str
    title: str
    kind: str
    words: str
    is_heard: bool
    take: str
    when: str
    note: str
    is_level: bool
    day: str  # the heading above it, where a new day begins


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _span(wanted: dict[str, Any], after: Key | None) -> Span:
    """Return the part of the list that was asked for, in the reader's own days."""
    since, until = wanted.get("since"), wanted.get("until")
    return Span(
        since=_start_of(since) if since else None,
        until=_start_of(until + timedelta(days=1)) if until else None,
        after=after,
    )


def _of(rows: QuerySet[Any], column: str) -> Subquery:
    """Return one column of the one row that belongs to a response.

    A join would let the database begin at the far end: at every level 9 there is, or at every
    response to a topic. A scalar subquery is looked up for the rows of the page, and for no other.
    """
    return Subquery(rows.order_by().values(column)[:1])


def _heard_in(shown: QuerySet[Any]) -> Subquery:
    """Return the first words of the transcript, which stands in one of two columns."""
    texts = [KeyTextTransform("transcript", column) for column in TRANSCRIPTS]
    heard = Substr(Coalesce(*texts), 1, WORDS)
    return Subquery(shown.annotate(heard=heard).values("heard")[:1])


def _takes_on(prompt: Any, person: User | Given) -> QuerySet[PracticeTake]:
    return PracticeTake.objects.filter(learner=person, prompt=prompt).order_by("-number")


def _range_in(shown: QuerySet[Any]) -> dict[str, Subquery]:
    return {"low": _of(shown, "level_low"), "high": _of(shown, "level_high")}


def _asked(wanted: dict[str, Any], prompt: str) -> Q:
    condition = Q()
    if "topic" in wanted:
        condition &= Q(**{f"{prompt}__topic__slug": wanted["topic"]})
    if "type" in wanted:
        condition &= Q(**{f"{prompt}__item_type": wanted["type"]})
    return condition


def _touched(wanted: dict[str, Any]) -> Q:
    """Return the condition that the level is within the range that is shown."""
    level = wanted.get("level", 0)
    return Q(level_low__lte=level, level_high__gte=level)


def _all(conditions: dict[str, Q], wanted: dict[str, Any]) -> Q | None:
    """Return the conditions that were asked for, each once, together; None without any."""
    chosen = dict.fromkeys(conditions[name] for name in wanted if name in conditions)
    return Q(*chosen) if chosen else None


def _spoken(person: User | Given, name: str) -> QuerySet[Response]:
    """Answers with all that a row of the list prints; `name` is the column of the topic's name."""
    asked = PromptRevision.objects.filter(pk=OuterRef("revision"))
    item = AttemptItem.objects.filter(response=OuterRef("pk"))
    shown = Rating.objects.filter(pk=OuterRef("shown_rating"))
    its_prompt = PromptRevision.objects.filter(pk=OuterRef(OuterRef("revision"))).values("prompt")
    return Response.objects.spoken_by(person).annotate(
        pace=KeyTransform("words_per_minute", "measures"),
        words=_heard_in(shown),
        take=_of(PracticeTake.objects.filter(response=OuterRef("pk")), "number"),
        last_take=Subquery(_takes_on(Subquery(its_prompt), person).values("number")[:1]),
        name=_of(asked, f"prompt__topic__{name}"),
        kind=_of(asked, "prompt__item_type"),
        number=_of(item, "number"),
        exam_on=_of(Goal.objects.filter(learner=person), "exam_on"),
        **_range_in(shown),
    )


def _newest_rows(name: str) -> QuerySet[Response, Any]:
    ordered = _spoken(Given("person", UUIDField()), name).order_by("-recorded_at", "-pk")
    return ordered.values_list(*RESPONSE_COLUMNS, named=True)[: PAGE + 1]


# the page that nearly everybody asks for: the first, without a filter
_NEWEST: PreparedQuery[Any] = PreparedQuery(_newest_rows)


def _responses(person: User, wanted: dict[str, Any], after: Key | None) -> Page[Any]:
    if not wanted and after is None:
        rows_read = _NEWEST.rows(name_column(), person=person.pk)
        return page_from(rows_read, by="recorded_at", size=PAGE)
    asked = PromptRevision.objects.filter(pk=OuterRef("revision"))
    shown = Rating.objects.filter(pk=OuterRef("shown_rating"))
    rows = _spoken(person, name_column()).alias(
        asked=_of(asked.filter(_asked(wanted, "prompt")), "pk"),
        touched=_of(shown.filter(_touched(wanted)), "pk"),
    )
    conditions = {
        "mode": Q(number__isnull=wanted.get("mode") == PRACTICE),
        "topic": Q(asked__isnull=False),
        "type": Q(asked__isnull=False),
        "level": Q(touched__isnull=False),
    }
    return page_of(
        rows.values_list(*RESPONSE_COLUMNS, named=True),
        by="recorded_at",
        span=_span(wanted, after),
        size=PAGE,
        wanted=_all(conditions, wanted),
    )


def _sittings(person: User, wanted: dict[str, Any], after: Key | None) -> Page[Any]:
    """Return whole tests; by topic or type those that asked for it."""
    items = AttemptItem.objects.filter(attempt=OuterRef("pk"))
    shown = AttemptResult.objects.filter(pk=OuterRef("result"))
    step = SelfAssessment.objects.filter(attempt=OuterRef("pk"))
    rows = Attempt.objects.taken_by(person)
    rows = rows.alias(
        asked=_of(items.filter(_asked(wanted, "revision__prompt")), "pk"),
        touched=_of(shown.filter(_touched(wanted)), "pk"),
    ).annotate(first=_of(step, "step"), second=_of(step, "second_step"), **_range_in(shown))
    conditions = {
        "mode": Q(status__in=OVER),
        "topic": Q(asked__isnull=False),
        "type": Q(asked__isnull=False),
        "level": Q(touched__isnull=False),
    }
    return page_of(
        rows.values_list(*SITTING_COLUMNS, named=True),
        by="made_at",
        span=_span(wanted, after),
        size=PAGE,
        wanted=_all(conditions, wanted),
    )


def _level(row: Any) -> str:
    return range_name(Level(row.low), Level(row.high)) if row.low and row.high else ""


def _response_row(row: Any, when: str, day: str) -> Row:
    kind, level = str(ItemType(row.kind).label), _level(row)
    if row.number:
        kind += " · " + gettext("Test, question %(number)d") % {"number": row.number}
    return Row(
        url=address_of("scoring:response-detail").format(row.pk),
        title=row.name,
        kind=kind,
        words=_first_words(row.words) if row.words else _how_long(row),
        is_heard=bool(row.words),
        take=_take(row),
        when=when,
        note=level or str(Response.Status(row.status).label),
        is_level=bool(level),
        day=day,
    )


def _first_words(text: str) -> str:
    """Return what was heard, or its first words where it goes on."""
    return text if len(text) < WORDS else text.rpartition(" ")[0].rstrip(" ,;:") + "…"


def _how_long(row: Any) -> str:
    """Return length and pace; the length alone where nothing was measured."""
    facts = {"seconds": round(row.length_ms / 1000), "pace": round(row.pace or 0)}
    if not row.pace:
        return gettext("%(seconds)d s") % facts
    return gettext("%(seconds)d s, about %(pace)d words a minute") % facts


def _take(row: Any) -> str:
    if not row.take or row.last_take < 2:
        return ""
    return gettext("take %(number)d of %(count)d") % {"number": row.take, "count": row.last_take}


def _sitting_row(row: Any, when: str, day: str) -> Row:
    mode, level = str(Attempt.Mode(row.mode).label), _level(row)
    return Row(
        url=address_of("exams:attempt-detail").format(row.pk),
        title=gettext("A whole test"),
        kind=f"{mode} · {step_code(row.first, row.second)}",
        words="",
        is_heard=False,
        take="",
        when=when,
        note=level or str(Attempt.Status(row.status).label),
        is_level=bool(level),
        day=day,
    )


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, _language: str) -> str:
    """Return a time in the reader's way. Formatting it costs as much as the rest of its row."""
    return time_format(time(hour, minute))


def _headed(moments: Iterable[datetime], after: Key | None) -> Iterator[tuple[str, str]]:
    """Yield for each moment its time, and its day where that is another than the one before."""
    last = timezone.localdate(after.moment) if after else None
    language, today = get_language() or "en", timezone.localdate()
    for moment in moments:
        local = timezone.localtime(moment)
        day, clock = local.date(), _clock(local.hour, local.minute, language)
        if day == last:
            yield clock, ""
            continue
        last = day
        yield clock, gettext("Today") if day == today else date_format(day, "DATE_FORMAT")


def _withheld(rows: list[Any], person: User, wanted: dict[str, Any]) -> list[Any]:
    """Return rows without withheld levels; where a level was asked for, without those rows."""
    since = embargo_start(person, rows[0].exam_on) if rows else None
    # being listed under a level would give it away
    if "level" in wanted:
        return [one for one in rows if not is_withheld(one.recorded_at, since)]
    return [
        one._replace(low=None, high=None) if is_withheld(one.recorded_at, since) else one
        for one in rows
    ]


def page_for(
    person: User, wanted: dict[str, Any], after: Key | None
) -> tuple[list[Row], Page[Any]]:
    """Return rows as the list prints them, and the page they are of, after a key of the list.

    `wanted` are filters as the form cleaned them.
    """
    if wanted.get("mode") == SITTING:
        page, make = _sittings(person, wanted, after), _sitting_row
        moments = [one.made_at for one in page.rows]
    else:
        page, make = _responses(person, wanted, after), _response_row
        page = replace(page, rows=_withheld(page.rows, person, wanted))
        moments = [one.recorded_at for one in page.rows]
    heads = _headed(moments, after)
    return [make(one, *head) for one, head in zip(page.rows, heads, strict=True)], page
