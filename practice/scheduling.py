"""What to ask next: the weakest item type that is due again, on which kind of topic. Pure.

Topics of the survey come seven times in ten, unexpected ones three times. Weakness is the share of
the last few first takes that did not hold; a type that was never asked counts as half held. A type
that held comes again after growing gaps, one that did not the next day.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from materials.models import ItemType
from opic.lib.levels import Level
from scoring.levels.speech_functions import LAST_MARKS, standard_of
from scoring.levels.verdicts import Standard
from scoring.summaries.days import Day
from scoring.summaries.facts import OfType

GAPS = (1, 2, 4, 7, 14, 30)  # days to the next time, by how often in a row it held
PROMPT_GAPS = (3, 8, 21, 45)  # days until the same question comes again, by how often it was tried
OLD_EVERY = 3  # every third answer of a day is to a question from before
# of so many answers of a day so many are on unexpected topics, as in the exam: one topic or two
SLOTS, UNEXPECTED_SLOTS = 10, 3
FEW = 10  # answers, up to which a kind that is new says nothing: all are
ADVANCED_FROM = Level.IM3  # targets from here on need stories, comparisons and problems to hold


@dataclass(frozen=True)
class Kind:
    """An item type as the last weeks saw it. `marks`: held (1) or not (0), oldest first."""

    item_type: str
    days: int = 0  # on which it was asked
    last_on: date | None = None
    marks: str = ""

    @property
    def last_marks(self) -> str:
        """Return the newest `LAST_MARKS` marks, by which today is judged."""
        return self.marks[-LAST_MARKS:]

    @property
    def held(self) -> int:
        """Return how many of the last marks held."""
        return self.last_marks.count("1")

    @property
    def weakness(self) -> float:
        """Return the weakness, 0 strong to 1 weak: 1 - (held + 1) / (asked + 2).

        Laplace's rule of succession, which keeps it near the middle where little is known.
        """
        return 1 - (self.held + 1) / (len(self.last_marks) + 2)

    @property
    def due_on(self) -> date | None:
        """Return the day on which it is due; None where it is due at once: not asked lately."""
        if self.last_on is None:
            return None
        run = len(self.marks) - len(self.marks.rstrip("1")) if self.marks else self.days
        return self.last_on + timedelta(days=GAPS[min(run, len(GAPS) - 1)])


class Source(StrEnum):
    """Where the topic of a prompt comes from."""

    SURVEY = "survey"
    UNEXPECTED = "unexpected"
    FREQUENT = "frequent"  # without a survey: what tests ask everybody
    OTHER = "other"


def sources_at(place: int, seed: str, *, has_survey: bool) -> tuple[Source, ...]:
    """Return which topics to take first for the answer at a place of the day, 0 the first.

    Which places are for unexpected topics is drawn by the seed: of a person and a day.
    """
    if not has_survey:
        return (Source.FREQUENT,)
    drawn = random.Random(f"{seed} {place // SLOTS}").sample(range(SLOTS), UNEXPECTED_SLOTS)
    both = (Source.SURVEY, Source.UNEXPECTED)
    return both[::-1] if place % SLOTS in drawn else both


@dataclass(frozen=True)
class Why:
    """Why a prompt is asked: `first`, `weak` (held of asked), `new`, `again` (after `days`), or the
    name of the `Source` of its topic.
    """

    name: str
    held: int = 0
    asked: int = 0
    days: int = 0


def kinds_of(days: Iterable[Day], target: Level) -> dict[str, Kind]:
    """Return every item type, with its marks at the standard that the target needs."""
    asked: dict[str, tuple[int, date, str]] = {}
    columns = {item_type: _column(item_type, target) for item_type in ItemType.values}
    for day in days:
        for item_type, row in day.facts.get("types", {}).items():
            before, _last, marks = asked.get(item_type, (0, day.day, ""))
            asked[item_type] = (before + 1, day.day, marks + row[columns[item_type]])
    return {
        item_type: Kind(item_type, *asked[item_type]) if item_type in asked else Kind(item_type)
        for item_type in ItemType.values
    }


def _column(item_type: str, target: Level) -> int:
    """Return where the marks that the target needs stand in `OfType`."""
    is_upper = standard_of(item_type) is Standard.ADVANCED and target >= ADVANCED_FROM
    return OfType._fields.index("upper" if is_upper else "lower")


def ranked(kinds: Mapping[str, Kind], today: date, *, is_new: bool) -> list[str]:
    """Return all item types, the one to ask first at the front.

    Somebody new introduces themselves first; for all others that comes last.
    """
    intro = [str(ItemType.INTRO)]
    others = sorted(
        (kind for kind in kinds.values() if kind.item_type not in intro),
        key=lambda kind: _place(kind, today),
    )
    order = [kind.item_type for kind in others]
    return intro + order if is_new else order + intro


def _place(kind: Kind, today: date) -> tuple[bool, float, int]:
    """Return the sort key: due before not due, weak before strong, then what has waited longest."""
    waited = (today - kind.due_on).days if kind.due_on else 0
    return (waited < 0, -kind.weakness if waited >= 0 else 0.0, -waited)


def why(kind: Kind, source: Source, today: date, *, is_new: bool, has_few: bool) -> Why:
    """Return why this item type on this topic is asked today.

    `has_few` says that there are too few answers to speak of kinds that were asked lately.
    """
    if is_new:
        return Why("first")
    if kind.marks and kind.held < len(kind.last_marks):
        return Why("weak", held=kind.held, asked=len(kind.last_marks))
    if kind.last_on is not None and (kind.marks or kind.last_on < today):
        return Why("again", days=(today - kind.last_on).days)
    if source is not Source.OTHER and (has_few or kind.last_on is not None):
        return Why(source)
    return Why("new" if kind.last_on is None else "other")


def responses_in(days: Iterable[Day]) -> int:
    """Return how many answers were given on these days."""
    rows = (row for day in days for row in day.facts.get("types", {}).values())
    return sum(OfType(*row).answers for row in rows)


def responses_on(days: Sequence[Day], today: date) -> int:
    """Return how many answers were given today; `days` end with today where there were any."""
    return responses_in(days[-1:]) if days and days[-1].day == today else 0


def wants_old(days: Sequence[Day], today: date) -> bool:
    """Return whether the next prompt should be an old one: every third response of a day.

    `days` end with today where anything was said today.
    """
    return responses_on(days, today) % OLD_EVERY == OLD_EVERY - 1


def is_too_early(tries: int, last_on: date | None, today: date) -> bool:
    """Return whether a prompt comes again before its gap is over.

    One that was asked in an attempt only has no tries (0), and the first gap.
    """
    if last_on is None:
        return False
    gap = PROMPT_GAPS[min(max(tries, 1), len(PROMPT_GAPS)) - 1]
    return today < last_on + timedelta(days=gap)
