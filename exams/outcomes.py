"""What became of each item of a sitting: rated, skipped, lost, waiting, or left to a person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext, ngettext

from exams.models import AttemptItem
from opic.lib.unrated_texts import Cause
from scoring.models import SKIPPED_REASONS, Rating, Reason, Response, Status, Waits


class Outcome(TextChoices):
    """What became of an item. Skipped counts as nothing said; the last four count not at all."""

    RATED = "rated"
    SKIPPED = "skipped"
    LOST = "lost"
    WAITING = "waiting"
    PERSON = "person"
    MEASURED = "measured"


# why an item has no rating, beside the codes of `Reason` and `Waits`
NOTHING_SPOKEN, NOT_REACHED, ON_ITS_WAY, AT_WORK = "nothing", "not_reached", "on_its_way", "at_work"
WAITS_CAUSES = {
    AT_WORK: Cause.AT_WORK,
    ON_ITS_WAY: Cause.DEVICE,
    Waits.VENDOR: Cause.SERVICE,
    Waits.REPLY: Cause.SERVICE,
    Waits.PERSON_BUDGET: Cause.BUDGET,
    Waits.SITE_BUDGET: Cause.BUDGET,
    Waits.CONSENT: Cause.CONSENT,
    Waits.RECORDING: Cause.CONSENT,
}


@dataclass(frozen=True)
class ItemOutcome:
    """What became of one item, and the code of why it is not rated."""

    number: int
    outcome: Outcome
    why: str = ""

    @property
    def cause(self) -> Cause | None:
        """Return why it has no rating, as the sentence says it; None if it is rated or skipped."""
        if self.outcome is Outcome.LOST:
            return Cause.NO_CONSENT if self.why == Reason.NO_CONSENT else Cause.TECHNICAL
        if self.outcome is Outcome.WAITING:
            return WAITS_CAUSES[self.why]
        return {Outcome.PERSON: Cause.PERSON, Outcome.MEASURED: Cause.MEASURED}.get(self.outcome)

    @property
    def note(self) -> str:
        """Return in words why it is not rated, and what that means for the level."""
        means = {
            Outcome.SKIPPED: gettext("counts as skipped"),
            Outcome.LOST: gettext("lost, not counted"),
            Outcome.PERSON: gettext("left to a person, not counted"),
        }
        notes = [self._why(), means.get(self.outcome, "")]
        return " · ".join(filter(None, notes))

    def _why(self) -> str:
        texts = {
            NOTHING_SPOKEN: gettext("nothing said"),
            NOT_REACHED: gettext("not reached"),
            ON_ITS_WAY: gettext("still on your device, or on its way"),
            AT_WORK: gettext("not finished yet"),
        }
        if self.outcome is Outcome.WAITING and self.why in Waits.values:
            return gettext("waits: %(why)s") % {"why": Waits(self.why).label}
        if self.outcome is Outcome.MEASURED:
            return gettext("measured only")
        if self.outcome is Outcome.PERSON and self.why not in Reason.values:
            return gettext("the rating did not work")
        return texts.get(self.why) or (str(Reason(self.why).label) if self.why else "")


def outcome_of(item: AttemptItem) -> ItemOutcome:
    """Return what became of an item by now."""
    response = item.response
    if response is None:
        return ItemOutcome(item.number, *_without_response(item))
    rating = response.shown_rating
    is_unratable = response.status == Status.UNRATABLE
    if rating and rating.kind == Rating.Kind.RATING and rating.level and not is_unratable:
        return ItemOutcome(item.number, Outcome.RATED)
    return ItemOutcome(item.number, *_of_response(response))


def _without_response(item: AttemptItem) -> tuple[Outcome, str]:
    if item.is_on_its_way:
        return Outcome.WAITING, ON_ITS_WAY
    return Outcome.SKIPPED, NOTHING_SPOKEN if item.left_at else NOT_REACHED


def _of_response(response: Response) -> tuple[Outcome, str]:
    if not response.is_final:
        return Outcome.WAITING, response.waits_for or AT_WORK
    if response.is_waiting:
        return Outcome.WAITING, response.waits_for
    if response.status == Status.UNRATABLE:
        is_skipped = response.reason in SKIPPED_REASONS
        return Outcome.SKIPPED if is_skipped else Outcome.LOST, response.reason
    if response.needs_person:
        return Outcome.PERSON, response.reason
    return Outcome.MEASURED, ""


def facts_of(item: AttemptItem) -> Mapping[str, Any]:
    """Return what the words of an answer show; empty where nobody heard them."""
    rating = item.response.shown_rating if item.response else None
    return rating.facts if rating else {}


def unrated_counts(outcomes: Iterable[ItemOutcome]) -> dict[str, int]:
    """Return how many items have no rating, by cause; what was skipped is not among them."""
    causes = (one.cause for one in outcomes)
    return dict(Counter(cause.value for cause in causes if cause))


def skipped_sentence(outcomes: Iterable[ItemOutcome]) -> str:
    """Return how many items count as skipped, as a sentence; empty where none does."""
    n = sum(one.outcome is Outcome.SKIPPED for one in outcomes)
    text = ngettext("%(n)d question counts as skipped.", "%(n)d questions count as skipped.", n)
    return text % {"n": n} if n else ""
