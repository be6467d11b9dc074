"""What the rating panel of one response prints, made here so that the template decides nothing."""

import math
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.level_embargo import is_withheld
from opic.lib.levels import Level, range_name
from scoring import tasks
from scoring.display import polling
from scoring.display.rating import RatedView, level_text, view_of
from scoring.levels.delivery import MeasureRow, advice_for, rows_for
from scoring.models import Rating, Reason, Response, Waits

NEAR_MINUTES = 58  # until then a time is said in minutes from now
LABELS: dict[str, tuple[str | Promise, str | Promise, int]] = {
    "words_per_minute": (gettext_lazy("Pace"), gettext_lazy("about %s words a minute"), 0),
    "mean_run_seconds": (gettext_lazy("Without a pause"), gettext_lazy("%s s at a stretch"), 1),
    "mean_pause_seconds": (gettext_lazy("Pauses"), gettext_lazy("%s s each"), 1),
    "share_spoken": (gettext_lazy("Share of time spoken"), gettext_lazy("%s %%"), 0),
    "length_seconds": (gettext_lazy("Length"), gettext_lazy("%s s"), 0),
}
PLACES: dict[str, str | Promise] = {
    "below": gettext_lazy("below the typical range"),
    "inside": gettext_lazy("within the typical range"),
    "above": gettext_lazy("above the typical range"),
}
ADVICE: dict[str, str | Promise] = {
    "mean_pause_seconds": gettext_lazy(
        "Your pauses are longer than in typical answers. Next time, keep a sentence going with"
        " a linking phrase (“what I mean is …”) before you stop to think."
    ),
    "mean_run_seconds": gettext_lazy(
        "You stop often. Next time, join two short sentences with “and then”, “because” or"
        " “so” before you pause."
    ),
    "words_per_minute": gettext_lazy(
        "Your pace is slower than in typical answers. Answer the same question again: the words"
        " come quicker the second time."
    ),
    "length_seconds": gettext_lazy(
        "The answer is shorter than typical ones. Add one concrete example, and why it matters"
        " to you."
    ),
    "hold": gettext_lazy(
        "Your pace and pauses hold at this target. Take a harder question, or one on a topic you"
        " did not choose."
    ),
}
UNRATABLE: dict[str, tuple[str | Promise, str | Promise]] = {
    "not_heard": (
        gettext_lazy("We could not hear speech in this recording."),
        gettext_lazy("Check that the right microphone is selected and speak a little closer."),
    ),
    "wrong_language": (
        gettext_lazy("This answer was not in English."),
        gettext_lazy("Answer in English; single words of another language do no harm."),
    ),
    "too_short": (
        gettext_lazy("There is too little speech here to say anything about it."),
        gettext_lazy("Say at least two or three sentences."),
    ),
    "only_question": (
        gettext_lazy("This only repeats the question; nothing in it answers it."),
        gettext_lazy("Say it in words of your own: what, where, when, and why."),
    ),
    "no_sentences": (
        gettext_lazy("There are words here, but no sentences that could be judged."),
        gettext_lazy("Say whole sentences, even short ones: who does what, and why."),
    ),
    "gave_up": (
        gettext_lazy("Measuring did not work this time, after several tries."),
        gettext_lazy("Your recording is safe. Try a new take, or come back later."),
    ),
    "technical": (
        gettext_lazy("This recording could not be read any more."),
        gettext_lazy("Please record the answer again."),
    ),
    "no_consent": (
        gettext_lazy("You took back your consent to recording before this answer was measured."),
        gettext_lazy(
            "Nothing was done with your voice. Agree again and this answer is measured by itself."
        ),
    ),
}
# of an answer that was measured and is left to a person, by the reason; other reasons: the last
LEFT_TO_A_PERSON: dict[str, str | Promise] = {
    Reason.WORDS: gettext_lazy(
        "The words we wrote down do not fit the sound of this recording, so nothing was judged. A"
        " person should listen."
    ),
    Reason.ORDER: gettext_lazy(
        "A part of this answer was said to the rater, so it has no level. A person should listen."
    ),
    Reason.EVIDENCE: gettext_lazy(
        "What was judged could not be shown in the words of this answer, so it has no level. A"
        " person should listen."
    ),
    Reason.REPLY: gettext_lazy(
        "The rating service sent nothing that can be used for this answer, each time it was asked."
        " A person should listen."
    ),
    Reason.REFUSED: gettext_lazy(
        "The rating service refused this answer. It does not say why. A person should listen."
    ),
    Reason.SET_ASIDE: gettext_lazy(
        "The rating service fails on this answer again and again, while it rates others. It was"
        " set aside; a person should listen."
    ),
    "": gettext_lazy("The rating of this answer did not work. A person should listen."),
}


@dataclass(frozen=True)
class PanelRow:
    """One measure in words, and its place on a drawn scale (percentages, for SVG)."""

    name: str
    label: str
    text: str
    typical: str
    where: str
    place: str
    mark: str
    band_x: str
    band_width: str


@dataclass(frozen=True)
class Panel:
    """Everything that the rating panel of one response prints."""

    response: Response
    target: Level
    rows: list[PanelRow]
    advice: str
    band: tuple[Level, Level] | None
    next_look: str
    unratable: tuple[str, str] | None
    rated: RatedView | None = None
    waits: str = ""
    heard: str = ""  # the transcript, while it is being judged
    cost: str = ""  # for the operator only
    by_person: tuple[str, str] | None = None  # level and reason
    has_goal: bool = True  # else the target is only a default
    may_ask_again: bool = False
    embargo_start: datetime | None = None  # the exam is near: no new level

    @property
    def status(self) -> str:
        """Return the status by which the template chooses what to print."""
        return self.response.status

    @property
    def is_final(self) -> bool:
        """Return whether no worker is due."""
        return self.response.is_final

    @property
    def needs_consent(self) -> bool:
        """Return whether it waits for consent to recording."""
        return self.response.waits_for == Waits.RECORDING

    @property
    def level_is_withheld(self) -> bool:
        """Return whether the level embargo covers this response."""
        return is_withheld(self.response.recorded_at, self.embargo_start)

    @property
    def rating_is_withheld(self) -> bool:
        """Return whether there is a rating or a measure that is withheld until the exam is over."""
        return self.level_is_withheld and bool(self.rated or self.rows)

    @property
    def polls(self) -> bool:
        """Return whether to ask again: not when final, nor while a level is shown and made anew."""
        return not self.is_final and self.rated is None

    @property
    def band_name(self) -> str:
        """Return the delivery band as `IM1-IH`; empty without one."""
        return range_name(*self.band) if self.band else ""

    @property
    def ladder(self) -> list[tuple[str, bool, bool]]:
        """Return the nine levels: name, whether in the range or band, whether the target."""
        shown = (self.rated.low, self.rated.high) if self.rated else self.band
        low, high = shown or (Level.AL, Level.NL)
        return [
            (level.name, low <= level <= high, self.has_goal and level == self.target)
            for level in Level
        ]


def next_look(response: Response) -> str:
    """Return the seconds to the next look, as the fragment's trigger has them; empty if final."""
    if response.is_final:
        return ""
    now = timezone.now()
    if left := polling.until_due([response.not_before_at], now):
        return f"{left:.0f}"
    heard_at = getattr(response, "heard_at", None)
    since_heard = (now - heard_at).total_seconds() if heard_at else None
    return f"{polling.next_look((now - response.received_at).total_seconds(), since_heard):.2f}"


def _row(row: MeasureRow) -> PanelRow:
    label, unit, places = LABELS[row.name]
    low, high = (number_format(round(value, places), places) for value in row.typical)
    left, right = row.percent(row.typical[0]), row.percent(row.typical[1])
    return PanelRow(
        name=row.name,
        label=str(label),
        text=str(unit) % number_format(round(row.value, places), places),
        typical=f"{low}–{high}",
        where=row.where,
        place=str(PLACES[row.where]),
        mark=f"{row.percent(row.value)}%",
        band_x=f"{left}%",
        band_width=f"{round(right - left, 1)}%",
    )


def _band_of(rating: Rating | None) -> tuple[Level, Level] | None:
    if rating is None or rating.band_low is None or rating.band_high is None:
        return None
    return Level(rating.band_low), Level(rating.band_high)


def _unratable(response: Response) -> tuple[str, str] | None:
    if response.status != Response.Status.UNRATABLE:
        return None
    what, then = UNRATABLE.get(response.reason) or UNRATABLE[Reason.GAVE_UP]
    if response.reason == Reason.NO_CONSENT and not response.audio:
        then = gettext("The recording is deleted. Agree again to record a new answer.")
    return str(what), str(then)


WAITS: dict[str, str | Promise] = {
    Waits.VENDOR: gettext_lazy(
        "The rating service does not answer. Your recording is safe; the level follows by itself."
    ),
    Waits.REPLY: gettext_lazy(
        "The rating service sent nothing that can be used. Your recording is safe; it is asked"
        " again by itself."
    ),
    Waits.PERSON_BUDGET: gettext_lazy(
        "Your rated answers of today are used up. The level of this one follows by itself."
    ),
    Waits.SITE_BUDGET: gettext_lazy(
        "The rated answers of this site are used up for today. The level follows by itself."
    ),
    Waits.CONSENT: gettext_lazy(
        "No level, because you have not agreed to processing abroad. You can agree in the"
        " settings; then the level follows by itself."
    ),
    Waits.RECORDING: gettext_lazy(
        "Not measured again, because you took back your consent to recording. You can agree in"
        " the settings; then it follows by itself."
    ),
}


def waiting_text(response: Response) -> str:
    """Return why the measures stand alone, and when the next try is; empty where neither holds."""
    if response.needs_person:
        return str(LEFT_TO_A_PERSON.get(response.reason) or LEFT_TO_A_PERSON[""])
    text = str(WAITS.get(response.waits_for, ""))
    at = response.not_before_at
    if text and at and response.status == Response.Status.UPLOADED:
        return f"{text} {next_try_text(at, timezone.now())}"
    return text


def next_try_text(at: datetime, now: datetime) -> str:
    """Return when the next try is, as a sentence: in minutes where it is near."""
    minutes = math.ceil((at - now).total_seconds() / 60 - 0.5)
    if minutes <= 1:
        return gettext("Next try: in about a minute.")
    if minutes < NEAR_MINUTES:
        minutes = minutes if minutes <= 5 else 5 * round(minutes / 5)
        text = ngettext(
            "Next try: in about %(n)d minute.", "Next try: in about %(n)d minutes.", minutes
        )
        return text % {"n": minutes}
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    # `a.m.` brings the full stop of the sentence with it
    time = date_format(local, "TIME_FORMAT").removesuffix(".")
    if local.date() == today:
        return gettext("Next try: at %(time)s.") % {"time": time}
    day = date_format(local, "MONTH_DAY_FORMAT")
    return gettext("Next try: on %(day)s, %(time)s.") % {"day": day, "time": time}


def panel_for(
    response: Response,
    target: Level,
    *,
    has_goal: bool = True,
    for_operator: bool = False,
    embargo_start: datetime | None = None,
) -> Panel:
    """Return what to print for a response, against the typical ranges of a target.

    `has_goal` false: the target is only a default. `for_operator` adds what its calls cost.
    """
    shown = response.shown_rating
    by_person = shown if shown and shown.source == Rating.Source.PERSON else None
    rating = of_machine(response) if by_person else shown
    rows = rows_for(response.measures, target) if rating and response.measures else []
    heard = getattr(response, "heard", None) or {}
    return Panel(
        response=response,
        target=target,
        rows=[_row(row) for row in rows],
        advice=str(ADVICE[advice_for(rows)]) if rows else "",
        band=_band_of(rating),
        next_look=next_look(response),
        unratable=_unratable(response),
        rated=view_of(rating) if rating else None,
        waits=waiting_text(response),
        heard="" if response.is_final else str(heard.get("transcript", "")),
        cost=_cost(response) if for_operator else "",
        by_person=(level_text(by_person), by_person.reason) if by_person else None,
        has_goal=has_goal,
        embargo_start=embargo_start,
        may_ask_again=tasks.can_retry(response),
    )


def of_machine(response: Response) -> Rating | None:
    """Return the last rating by a machine, or its last measure; None where there is neither."""
    machine = response.ratings.filter(source=Rating.Source.MACHINE)
    return machine.filter(kind=Rating.Kind.RATING).last() or machine.last()


def _cost(response: Response) -> str:
    """Return the cost of all calls for this response, in cents."""
    spent = sum(response.model_calls.values_list("cost_microdollars", flat=True))
    return number_format(spent / 10_000, 2)
