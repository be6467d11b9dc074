"""What the rating panel of one response prints, made here so that the template decides nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.level_embargo import is_withheld
from opic.lib.levels import Level
from scoring import tasks
from scoring.display import polling
from scoring.display.advice import Advice, advice_of
from scoring.display.facts import FactsView, facts_view
from scoring.display.heard_words import transcript_html
from scoring.display.measure_rows import Delivery, PanelRow, delivery_for, figures_of, shown_figures
from scoring.display.rating import RatedView, level_text, view_of
from scoring.models import Rating, Reason, Response, Waits
from scoring.rating.dismissals import dismissed_in

NOTHING = SafeString("")
NEWS: dict[str, str | Promise] = {
    "waiting": gettext_lazy("Saved. Now listening to it"),
    "measured": gettext_lazy("Pace and pauses are there. Still listening."),
    "hearing": gettext_lazy("The first words are there."),
    "heard": gettext_lazy("Heard. Now judging it"),
    "done": gettext_lazy("Your result is there."),
    "unratable": gettext_lazy("Could not be measured"),
}
NEAR_MINUTES = 58  # until then a time is said in minutes from now
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
class Panel:
    """Everything that the rating panel of one response prints."""

    response: Response
    target: Level
    delivery: Delivery
    next_look: str
    unratable: tuple[str, str] | None
    advice: Advice | None = None
    words: FactsView | None = None
    rated: RatedView | None = None
    waits: str = ""
    heard: SafeString = NOTHING  # the transcript while it is being heard or judged
    is_heard_whole: bool = False
    next_url: str = ""  # the next question, where the page knows it
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
    def rows(self) -> Sequence[PanelRow]:
        """Return the measures as they are printed."""
        return self.delivery.printed

    @property
    def polls(self) -> bool:
        """Return whether to ask again: not when final, nor while a level is shown and made anew."""
        return not self.is_final and self.rated is None

    @property
    def stage(self) -> str:
        """Return how far it is: waiting, measured, hearing, heard or done."""
        if self.is_final or self.rated or self.advice:
            return "done"
        if self.heard:
            return "heard" if self.is_heard_whole else "hearing"
        return "measured" if self.rows else "waiting"

    @property
    def news(self) -> str:
        """Return what a screen reader says once of this stage; the panel itself is not live."""
        if self.stage != "done":
            return str(NEWS[self.stage])
        return str(NEWS["unratable" if self.unratable else "done"])

    @property
    def ladder(self) -> list[tuple[str, bool, bool]]:
        """Return the nine levels of a rating: name, whether in its range, whether the target."""
        if self.rated is None:
            return []
        low, high = self.rated.low, self.rated.high
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


def why_unratable(response: Response) -> tuple[str, str] | None:
    """Return why there is no result, and what to do; None where it is not unratable."""
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


def heard_so_far(response: Response, heard: dict[str, Any] | None) -> tuple[SafeString, bool]:
    """Return what was heard so far of a response that is not final, and whether that is all."""
    heard = heard or {}
    if response.is_final or not heard:
        return NOTHING, False
    rows = heard.get("words")
    # ears that give no times of words: plain text, escaped like any other
    html = transcript_html(rows) if rows else escape(str(heard.get("transcript", "")))
    return html, heard.get("is_whole", True) is not False


def panel_for(
    response: Response,
    target: Level,
    *,
    has_goal: bool = True,
    for_operator: bool = False,
    embargo_start: datetime | None = None,
    before: Response | None = None,
    next_url: str = "",
) -> Panel:
    """Return what to print for a response, against the typical ranges of a target.

    `has_goal` false: the target is only a default. `for_operator` adds what its calls cost.
    `before` is the take before of the same prompt, with its rating loaded.
    """
    shown = response.shown_rating
    by_person = shown if shown and shown.source == Rating.Source.PERSON else None
    rating = of_machine(response) if by_person else shown
    facts = rating.facts if rating else {}
    figures = figures_of(response.measures, facts)
    is_counted = bool(figures) and "run_words" in figures
    delivery = delivery_for(figures, target, shown_figures(before), is_counted=is_counted)
    dismissed = dismissed_in(response) if facts.get("corrections") else frozenset()
    heard, is_heard_whole = heard_so_far(response, getattr(response, "heard", None))
    return Panel(
        response=response,
        target=target,
        delivery=delivery,
        advice=advice_of(delivery.rows, facts) if rating and delivery.rows else None,
        words=facts_view(facts, dismissed),
        next_look=next_look(response),
        unratable=why_unratable(response),
        rated=view_of(rating) if rating else None,
        waits=waiting_text(response),
        heard=heard,
        is_heard_whole=is_heard_whole,
        next_url=next_url,
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
