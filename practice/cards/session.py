"""A review session: up to `OPIC_CARDS_A_SESSION` cards, one at a time, and what comes when then.

The page carries how far the session is; the cards themselves know whether they are due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from accounts.models import User
from opic.lib.web.params import whole
from practice.cards import deck, gaps
from practice.cards.matching import is_same
from practice.models import Card
from scoring.display.rating import Change, changes

DAYS_SHOWN = 5


@dataclass(frozen=True)
class ReviewSession:
    """How many cards of how many have been answered, and how many of them were right."""

    done: int
    total: int
    correct: int

    @property
    def number(self) -> int:
        """Return the number of the card that is shown, from 1."""
        return self.done + 1

    @property
    def is_over(self) -> bool:
        """Return whether all its cards were answered."""
        return self.done >= self.total

    @property
    def query(self) -> str:
        """Return the session as a query string, as `parse_session` reads it."""
        return urlencode({"done": self.done, "total": self.total, "had": self.correct})

    def after(self, *, is_right: bool) -> "ReviewSession":
        """Return the session after one more answer."""
        return ReviewSession(self.done + 1, self.total, self.correct + is_right)


ALONE = ReviewSession(0, 1, 0)  # of a card that comes without a session


def parse_session(fields: Mapping[str, str]) -> ReviewSession | None:
    """Parse the review session that a page carries; None where there is none, or nonsense."""
    most = settings.OPIC_CARDS_A_SESSION
    values = [whole(fields.get(name, ""), most=most) for name in ("done", "total", "had")]
    done, total, correct = values
    if done is None or total is None or correct is None:
        return None
    is_true = correct <= done <= total
    return ReviewSession(done, total, correct) if is_true else None


@dataclass(frozen=True)
class Position:
    """Where a review session is: at a card to correct, or at its end.

    `coming` has the next days with cards, in words, and how many each has.
    """

    session: ReviewSession
    card: Card | None
    coming: Sequence[tuple[str, int]] = ()
    has_more: bool = False

    @property
    def sentence_html(self) -> SafeString:
        """Return the sentence with the stretch to correct; not in a template: blanks count."""
        if self.card is None:
            return SafeString()
        parts = (self.card.before, self.card.quote, self.card.after)
        return format_html("{}<mark>{}</mark>{}", *parts)

    @property
    def is_empty(self) -> bool:
        """Return whether there is no card, now or later, and none was answered."""
        return self.card is None and not self.session.done and not self.coming


def position_for(learner: User, going_on: ReviewSession | None = None) -> Position:
    """Return where a review session is: at its next card, or its end.

    Without one (`going_on`) a session begins, with cards made of what was corrected since.
    """
    if going_on is None:
        deck.make(learner)
    due = Card.objects.held_by(learner).due(learner.today)
    if going_on is None:
        waiting = list(due[: settings.OPIC_CARDS_A_SESSION])
        going_on = ReviewSession(0, len(waiting), 0)
    else:
        waiting = list(due[:1])
    if waiting and not going_on.is_over:
        return Position(going_on, waiting[0])
    coming = Card.objects.held_by(learner).coming(learner.today)[:DAYS_SHOWN]
    rows = [(when(day, learner.today), count) for day, count in coming]
    return Position(going_on, None, rows, has_more=bool(waiting))


def when(day: date, today: date) -> str:
    """Return a day to come in words: tomorrow, or in so many days."""
    days = (day - today).days
    if days == 1:
        return gettext("tomorrow")
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


@dataclass(frozen=True)
class Shown:
    """The other side of a card: what it changes, and how what was typed compares."""

    card: Card
    pieces: Sequence[Change]
    typed: str
    is_same: bool
    clip_id: UUID | None = None  # of the good answer that a gap is in

    @property
    def is_other(self) -> bool:
        """Return whether something else was typed.

        It may be right all the same: the learner decides.
        """
        return bool(self.typed) and not self.is_same

    @property
    def sentence_html(self) -> SafeString:
        """Return the corrected sentence, with the difference marked."""
        runs = (
            format_html("<ins>{}</ins>" if piece.is_new else "{}", piece.text)
            for piece in self.pieces
        )
        better = format_html_join(" ", "{}", ((run,) for run in runs))
        return format_html("{}{}{}", self.card.before, better, self.card.after)


def reveal(card: Card, typed: str) -> Shown:
    """Reveal the other side of a card, and compare what was typed.

    It may be the corrected stretch alone, or the whole sentence.
    """
    typed = " ".join(typed.split())
    meant = (card.better, card.corrected)
    correct = any(is_same(typed, one) for one in meant)
    pieces = list(changes("" if card.is_gap else card.quote, card.better))
    return Shown(card, pieces, typed, correct, gaps.clip_of(card))
