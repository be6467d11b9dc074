"""Which item types go where: slots per self-assessment step, as data. Pure.

Source: domain facts B1 and B2. A slot names the types it takes, best first, and where its topic
comes from; items in one block share a topic or a set.
"""

from dataclasses import dataclass
from enum import StrEnum

from materials.models import ItemType as T

BLUEPRINT_VERSION = "2026-11"
READJUST_AFTER = 7


class Source(StrEnum):
    """Where the topic of a block comes from."""

    INTRO = "intro"
    SURVEY = "survey"  # what was picked, and home, work, school where the answers allow
    UNEXPECTED = "unexpected"  # anything but what was picked
    ANY = "any"
    ROLE_PLAY = "role play"
    PAIR = "pair"


@dataclass(frozen=True)
class Block:
    """Items in a row on one topic (or one set): one tuple of allowed types an item."""

    source: Source
    slots: tuple[tuple[T, ...], ...]


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


_MIDDLE = (
    INTRO,
    _combo(Source.SURVEY, (T.DESC,), (T.ROUT, T.DET), (T.PAST, T.MEM)),
    _combo(Source.SURVEY, (T.DESC,), (T.ROUT, T.CMP), (T.PAST, T.MEM)),
    _combo(Source.UNEXPECTED, (T.DESC,), (T.ROUT, T.DET), (T.PAST, T.MEM)),
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
    3: _MIDDLE,
    4: _MIDDLE,
    5: _HIGH,
    6: _HIGH,
}


def item_count(step: int) -> int:
    """12 at steps 1-2, 15 at steps 3-6."""
    return sum(len(block.slots) for block in BLUEPRINTS[step])
