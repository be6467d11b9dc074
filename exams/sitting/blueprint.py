"""Which item types stand where: slots per self-assessment step, as data. Pure.

Source: exam facts B1 and B2, A7 for a change of step. A slot names the types it takes, best first;
items in one block share a topic or a set, and the block says where that topic comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import TextChoices

from materials.models import ItemType as T

BLUEPRINT_VERSION = "2026-11b"
READJUST_AFTER = 7


class Source(TextChoices):
    """Where the topic of a block comes from."""

    INTRO = "intro"
    SURVEY = "survey"  # what was picked, and home, work, school where the answers allow
    UNEXPECTED = "unexpected"  # anything but what was picked
    ANY = "any"
    ROLE_PLAY = "role_play"
    PAIR = "pair"

    @classmethod
    def _missing_(cls, value: object) -> "Source | None":
        """Return the member for a value of the release before."""
        # a server of the release before may still draw items after the migration of this one
        return cls.ROLE_PLAY if value == "role play" else None


class Shift(TextChoices):
    """The choice after item 7."""

    EASIER = "easier"
    SIMILAR = "similar"
    HARDER = "harder"


@dataclass(frozen=True)
class Block:
    """Items in a row on one topic (or one set): one tuple of allowed types an item.

    `steps`: the steps whose wording and speed it takes, the best first.
    """

    source: Source
    slots: tuple[tuple[T, ...], ...]
    steps: tuple[int, ...] = ()


INTRO = Block(Source.INTRO, ((T.INTRO,),))
_ROLE_PLAY = Block(Source.ROLE_PLAY, ((T.RP_ASK,), (T.RP_SOLVE,), (T.RP_EXP,)))
_PAIR = Block(Source.PAIR, ((T.CMP,), (T.ISSUE,)))


def _combo(source: Source, *slots: tuple[T, ...]) -> Block:
    return Block(source, slots)


def _easy(step: int) -> tuple[Block, ...]:
    middle = (T.DET, T.ROUT) if step == 1 else (T.ROUT, T.DET)
    last = (T.ROUT, T.DET) if step == 1 else (T.PAST, T.ROUT, T.DET)
    combo = _combo(Source.SURVEY, (T.DESC,), middle, last)
    ask = _combo(Source.ANY, (T.RP_ASK,), (T.ASK_AVA,))
    return (INTRO, combo, combo, combo, ask)


def _middle(*last: T) -> tuple[Block, ...]:
    return (
        INTRO,
        _combo(Source.SURVEY, (T.DESC,), (T.ROUT, T.DET), last),
        _combo(Source.SURVEY, (T.DESC,), (T.ROUT, T.CMP), last),
        _combo(Source.UNEXPECTED, (T.DESC,), (T.ROUT, T.DET), last),
        _ROLE_PLAY,
        _combo(Source.SURVEY, (T.DESC,), (T.ASK_AVA,)),
    )


_HIGH = (
    INTRO,
    _combo(Source.SURVEY, (T.DESC,), (T.ROUT, T.PAST), (T.MEM, T.PAST)),
    _combo(Source.SURVEY, (T.DESC,), (T.CHG, T.ROUT, T.PAST), (T.MEM, T.CMP)),
    _combo(Source.UNEXPECTED, (T.DESC,), (T.PAST, T.CHG), (T.MEM,)),
    _ROLE_PLAY,
    _PAIR,
)
BLUEPRINTS: dict[int, tuple[Block, ...]] = {
    1: _easy(1),
    2: _easy(2),
    3: _middle(T.PAST, T.MEM),
    4: _middle(T.MEM, T.PAST),
    5: _HIGH,
    6: _HIGH,
}
# how often one of the two survey combos before the re-adjustment is unexpected as well (B2, B4:
# "one or two for 5-6", more frequent at 6)
SECOND_UNEXPECTED = {5: 0.25, 6: 0.5}


def item_count(step: int) -> int:
    """Return the number of items at a step: 12 at steps 1-2, 15 at steps 3-6."""
    return sum(len(block.slots) for block in BLUEPRINTS[step])


def shifts(step: int) -> tuple[Shift, ...]:
    """Return what may be chosen after item 7: no easier at step 1, no harder at step 6."""
    possible = [Shift.SIMILAR]
    if step > min(BLUEPRINTS):
        possible.insert(0, Shift.EASIER)
    if step < max(BLUEPRINTS):
        possible.append(Shift.HARDER)
    return tuple(possible)


def shifted(step: int, shift: Shift) -> int:
    """Return the step of items 8-end. Raises ValueError where the scale ends."""
    if shift not in shifts(step):
        raise ValueError(f"step {step} cannot become {shift.value}")
    return step + {Shift.EASIER: -1, Shift.SIMILAR: 0, Shift.HARDER: 1}[shift]


def first_half(step: int) -> tuple[Block, ...]:
    """Return the blocks of items 1-7."""
    return _at(_from(BLUEPRINTS[step], 0, READJUST_AFTER), (step,))


def second_half(first: int, second: int, *, total_follows: str = "first") -> tuple[Block, ...]:
    """Return the blocks of items 8-end of a sitting written `first-second`.

    The total follows the first step's count (`total_follows="second"` is the other reading of A7):
    2-3 stays at 12 with a level-3 combo and a role play of two; 3-2 stays at 15 with the slots of
    level 3, in the wording of level 2 where there is one.
    """
    total = item_count(first if total_follows == "first" else second)
    blocks = _from(BLUEPRINTS[second], READJUST_AFTER, total)
    if sum(len(block.slots) for block in blocks) == total - READJUST_AFTER:
        return _at(blocks, (second,))
    return _at(_from(BLUEPRINTS[first], READJUST_AFTER, total), (second, first))


def _from(blocks: Sequence[Block], start: int, end: int) -> list[Block]:
    """Return slots `start` to `end` in their blocks, counted over all blocks."""
    numbered, at = [], 0
    for block in blocks:
        last = at + len(block.slots)
        slots = block.slots[max(start - at, 0) : max(end - at, 0)]
        if slots:
            numbered.append(replace(block, slots=slots))
        at = last
    return numbered


def _at(blocks: Sequence[Block], steps: tuple[int, ...]) -> tuple[Block, ...]:
    return tuple(replace(block, steps=steps) for block in blocks)
