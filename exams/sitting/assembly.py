"""Draws the items of a sitting from survey, blueprint, bank and seed. Pure, over a loaded bank.

Source: exam facts B2 and B4. The same seed, bank and survey draw the same items, so that a test can
be replayed. What an earlier sitting had is avoided; where the bank is too thin the draw gives way
step by step (an item of an earlier sitting, a neighbouring step, any topic) and says so.
"""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices

from exams.sitting.blueprint import SECOND_UNEXPECTED, Block, Source, first_half, second_half
from materials.models import PROBES_ADVANCED, ItemType

UNEXPECTED = "unexpected"
INTRODUCTION = "introduction"


class Fallback(TextChoices):
    """How an item differs from what the blueprint wanted."""

    REPEATED = "repeated"  # an earlier sitting had it
    OTHER_STEP = "other_step"
    OTHER_TOPIC = "other_topic"


@dataclass(frozen=True)
class Candidate:
    """A published prompt, as far as drawing needs it; `steps` are the lowest and the highest."""

    prompt: Any
    revision: int
    key: str
    topic: str
    topic_kind: str
    item_type: str
    steps: tuple[int, int]
    set_key: str = ""
    set_kind: str = ""
    place: int = 0


@dataclass(frozen=True)
class DrawnItem:
    """An item of a sitting. `fallback`: a `Fallback`, or empty."""

    number: int
    candidate: Candidate
    source: Source
    block: int
    fallback: str = ""

    @property
    def probes_advanced(self) -> bool:
        """Return whether its item type is judged at Advanced standard too."""
        return self.candidate.item_type in PROBES_ADVANCED


@dataclass(frozen=True)
class DrawRules:
    """What a candidate may be asked: topics open by survey, closed ones, prompts of before."""

    opened: frozenset[str]
    closed: frozenset[str] = frozenset()  # work without work, school without school
    previously_asked: frozenset[Any] = frozenset()  # prompts of earlier sittings


@dataclass
class BankIndex:
    """All published prompts by topic and by set."""

    alone: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    sets: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "BankIndex":
        """Return an index of these prompts, sorted by key so that draws can be replayed."""
        bank = cls()
        for one in sorted(candidates, key=lambda one: one.key):
            bank.kinds[one.topic] = one.topic_kind
            (bank.sets[one.set_key] if one.set_key else bank.alone[one.topic]).append(one)
        for group in bank.sets.values():
            group.sort(key=lambda one: one.place)
        return bank

    def groups(self, source: Source, rules: DrawRules) -> dict[str, list[Candidate]]:
        """Return what a block may be drawn from: group name -> its prompts."""
        if source in (Source.ROLE_PLAY, Source.PAIR):
            kind = source.name
            return {
                key: group
                for key, group in self.sets.items()
                if group[0].set_kind == kind and group[0].topic not in rules.closed
            }
        return {
            topic: group for topic, group in self.alone.items() if self._fits(topic, source, rules)
        }

    def _fits(self, topic: str, source: Source, rules: DrawRules) -> bool:
        if source is Source.INTRO:
            return topic == INTRODUCTION
        if topic == INTRODUCTION or topic in rules.closed:
            return False
        if source is Source.SURVEY:
            return topic in rules.opened
        if source is Source.UNEXPECTED:
            return self.kinds[topic] == UNEXPECTED and topic not in rules.opened
        return True


# how the draw gives way, in this order: (what to call it, earlier items too?, steps around, source)
_WAYS: tuple[tuple[str, bool, int, bool], ...] = (
    ("", False, 0, False),
    (Fallback.REPEATED, True, 0, False),
    (Fallback.OTHER_STEP, True, 5, False),
    (Fallback.OTHER_TOPIC, True, 5, True),
)


class AssemblyError(Exception):
    """The bank cannot fill a block at all."""


class _Draw:
    def __init__(
        self, bank: BankIndex, rules: DrawRules, seed: str, taken: Iterable[DrawnItem]
    ) -> None:
        self.bank, self.rules = bank, rules
        self.rng = random.Random(seed)
        self.items = list(taken)
        self.used = {item.candidate.prompt for item in self.items}
        self.topics = {item.candidate.topic for item in self.items if not item.candidate.set_key}

    def add(self, block: Block) -> None:
        number = max((item.number for item in self.items), default=0)
        group = max((item.block for item in self.items), default=-1) + 1
        items, fallback = self._filled(block)
        for place, candidate in enumerate(items, start=1):
            self.items.append(DrawnItem(number + place, candidate, block.source, group, fallback))
            self.used.add(candidate.prompt)
        if block.source is not Source.ROLE_PLAY:
            self.topics.add(items[0].topic)

    def _filled(self, block: Block) -> tuple[list[Candidate], str]:
        for name, repeats, around, anywhere in _WAYS:
            source = Source.ANY if anywhere and not self._is_set(block) else block.source
            groups = self.bank.groups(source, self.rules)
            names = sorted(groups)
            self.rng.shuffle(names)
            for topic in names:
                if self._is_taken(groups[topic], block.source):
                    continue
                if items := self._fill(groups[topic], block, repeats, around):
                    return items, name
        raise AssemblyError(f"no {block.source.value} for {block.slots} at steps {block.steps}")

    def _is_set(self, block: Block) -> bool:
        return block.source in (Source.ROLE_PLAY, Source.PAIR, Source.INTRO)

    def _is_taken(self, group: Sequence[Candidate], source: Source) -> bool:
        """Return whether a combo on this topic was drawn; only a role play may come back to one."""
        return source is not Source.ROLE_PLAY and group[0].topic in self.topics

    def _fill(
        self, group: Sequence[Candidate], block: Block, repeats: bool, around: int
    ) -> list[Candidate]:
        """Return one prompt for each slot, or nothing."""
        asked = frozenset() if repeats else self.rules.previously_asked
        free = [one for one in group if one.prompt not in self.used and one.prompt not in asked]
        self.rng.shuffle(free)
        return next(_ways(block.slots, free, block.steps, around), [])


def _ways(
    slots: Sequence[tuple[ItemType, ...]],
    free: Sequence[Candidate],
    steps: tuple[int, ...],
    around: int,
) -> Iterator[list[Candidate]]:
    """Yield every way to fill the slots, the best types and steps first."""
    if not slots:
        yield []
        return
    for one in _fitting(slots[0], free, steps, around):
        left = [other for other in free if other is not one]
        for rest in _ways(slots[1:], left, steps, around):
            yield [one, *rest]


def _fitting(
    types: tuple[ItemType, ...], free: Sequence[Candidate], steps: tuple[int, ...], around: int
) -> Iterator[Candidate]:
    for wanted in types:
        of_type = [one for one in free if one.item_type == wanted]
        seen: set[Any] = set()
        for step in steps:
            for distance in range(around + 1):
                for one in of_type:
                    low, high = one.steps
                    if one.prompt not in seen and low - distance <= step <= high + distance:
                        seen.add(one.prompt)
                        yield one


def draw_first(bank: BankIndex, rules: DrawRules, *, step: int, seed: str) -> list[DrawnItem]:
    """Draw items 1-7. Raises AssemblyError."""
    draw = _Draw(bank, rules, f"{seed}:first", ())
    for block in _varied(first_half(step), step, draw.rng):
        draw.add(block)
    return draw.items


def _varied(blocks: Sequence[Block], step: int, rng: random.Random) -> list[Block]:
    """Return the blocks; at high steps one combo of the survey is sometimes unexpected."""
    varied = list(blocks)
    places = [at for at, block in enumerate(varied) if block.source is Source.SURVEY]
    if places and rng.random() < SECOND_UNEXPECTED.get(step, 0.0):
        at = rng.choice(places)
        slots = ((ItemType.DESC,), (ItemType.ROUT, ItemType.PAST), (ItemType.MEM, ItemType.PAST))
        varied[at] = Block(Source.UNEXPECTED, slots, varied[at].steps)
    return varied


def draw_second(
    bank: BankIndex,
    rules: DrawRules,
    first: Sequence[DrawnItem],
    *,
    steps: tuple[int, int],
    seed: str,
    total_follows: str = "first",
) -> list[DrawnItem]:
    """Draw items 8-end for a sitting written `a-b`, beside the first seven. Raises AssemblyError.

    `total_follows` says which step's count of items holds: `first` or `second` (exam facts A7).
    """
    draw = _Draw(bank, rules, f"{seed}:{steps[0]}-{steps[1]}", first)
    for block in second_half(*steps, total_follows=total_follows):
        draw.add(block)
    return draw.items[len(first) :]


def draw_rules(
    opened: Collection[str],
    identity: Mapping[str, Collection[str]],
    *,
    works: bool,
    studies: bool,
    previously_asked: Iterable[Any] = (),
) -> DrawRules:
    """Return what a survey opens and closes: no items about work for people without work.

    `identity` has the topics of work and school.
    """
    closed: set[str] = set()
    if not works:
        closed |= set(identity["work"])
    if not studies:
        closed |= set(identity["school"])
    return DrawRules(
        frozenset(opened), frozenset(closed) - frozenset(opened), frozenset(previously_asked)
    )
