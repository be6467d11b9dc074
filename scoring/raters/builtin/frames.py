"""Time frames by irregular forms with a time word beside them, and endings not heard. Pure.

A regular past, a plural, a third person hang on a last sound, which recognition takes and gives at
will: no time frame rests on one, and a bare verb beside a past time word is an ending not heard,
never an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.raters.builtin.lexicon import (
    past_of,
    sure_bases,
    sure_pasts,
    words_of,
)
from scoring.raters.builtin.speech import Fact, Speech

NEAR = 10  # words between a time word and its verb
_NEVER_A_PAST_BEHIND = (
    words_of("determiner")
    | words_of("have")
    | words_of("be")
    | words_of("preposition")
    | words_of("do")
    | words_of("modal")
) - {"that", "this", "another", "before", "after", "since"}
_YEAR = re.compile(r"19[5-9]\d|20[0-2]\d")
_GO_WHERE = frozenset(("to", "home", "there", "out", "shopping", "for", "outside"))
_AUXILIARIES = words_of("do") | words_of("modal")
_PERFECT = words_of("have") | words_of("be")
_ENDING_BARRED = _AUXILIARIES | words_of("wh") | {"to", "that", "before"}
_FUTURE_NOUNS = frozenset(("free", "good", "strong", "the", "a", "my"))
_HAPPENED = frozenset(("young", "little", "small", "child", "kid", "student", "younger"))
_PAST_SIGNS = frozenset(
    ("used", "ago", "yesterday", "last", "was", "were", "would", "before", "past", "childhood")
)


@dataclass(frozen=True)
class TimeWord:
    """A stretch that names a time: positions in `Speech.bare`, the last not included."""

    first: int
    last: int
    frame: str  # past, present or future


def time_words_in(speech: Speech) -> list[TimeWord]:
    """Return the stretches that name a time which is past, present or future without a doubt."""
    return list(_time_words(speech))


def _time_words(speech: Speech) -> Iterator[TimeWord]:
    cores = speech.cores
    for at, core in enumerate(cores):
        before = cores[at - 1] if at else ""
        after = cores[at + 1] if at + 1 < len(cores) else ""
        if size := _past_size(cores, at):
            yield TimeWord(at, at + size, "past")
        elif core == "ago" and before in words_of("unit"):
            yield TimeWord(max(at - 2, 0), at + 1, "past")
        elif core == "tomorrow" or _is_next(before, core, after):
            yield TimeWord(at, at + (1 if core == "tomorrow" else 2), "future")
        elif (core, after) in (("these", "days"), ("every", "day")) or (
            core == "every" and after in words_of("everyable")
        ):
            yield TimeWord(at, at + 2, "present")
        elif core in words_of("habit"):
            yield TimeWord(at, at + 1, "present")


def _is_next(before: str, core: str, after: str) -> bool:
    return core == "next" and after in words_of("nextable") - {"time"} and before != "the"


def _past_size(cores: tuple[str, ...], at: int) -> int:
    """Return how many words from here on name a time in the past; 0 where none does."""
    core, rest = cores[at], cores[at + 1 : at + 6]
    before = cores[at - 1] if at else ""
    if core == "yesterday":
        return 1
    if core == "last" and rest[:1] and rest[0] in words_of("lastable"):
        return 0 if before in ("the", "since", "for", "until", "my", "at") else 2
    if core == "when" and rest[:2] in (("i", "was"), ("we", "were")):
        young = [place for place, word in enumerate(rest) if word in _HAPPENED]
        return 2 + young[0] if young else 0
    if core == "in" and rest[:2] == ("my", "childhood"):
        return 3
    return 2 if core == "in" and rest[:1] and _YEAR.fullmatch(rest[0]) else 0


def frames_in(speech: Speech, times: list[TimeWord]) -> dict[str, list[Fact]]:
    """Return the quotations that show each time frame, at most one for a time word."""
    frames: dict[str, list[Fact]] = {"past": [], "present": [], "future": []}
    for time in times:
        verb = _verb_near(speech, time, times)
        if verb is not None:
            first, last = min(time.first, verb[0]), max(time.last, verb[1])
            if speech.is_sure_bare(first, last):
                frames[time.frame].append(speech.quote_bare(first, last))
    return frames


def _verb_near(speech: Speech, time: TimeWord, times: list[TimeWord]) -> tuple[int, int] | None:
    """Return the span of the nearest verb of a time word's frame, with its subject."""
    low, high = clause_around(speech, time, times)
    places = sorted(range(low, high), key=lambda at: min(abs(at - time.first), abs(at - time.last)))
    for at in places:
        if time.first <= at < time.last and time.frame != "past":
            continue
        size = _VERBS[time.frame](speech, at)
        if size:
            subject = at - 2 if at > low and speech.cores[at - 1] in words_of("adverb") else at - 1
            return max(subject, low), min(at + size, high)
    return None


def clause_around(speech: Speech, time: TimeWord, times: list[TimeWord]) -> tuple[int, int]:
    """Return the positions that belong to a time word: near it, before another frame's time word.

    A stop ends them. A time word right behind one, or first of all, begins its clause, and the stop
    behind it ends nothing.
    """
    begins = time.first == 0 or time.first in speech.stops_at
    low, high = max(time.first - NEAR, 0), min(time.last + NEAR, len(speech.cores))
    for other in times:
        if other.frame != time.frame:
            if other.last <= time.first:
                low = max(low, other.last)
            elif other.first >= time.last:
                high = min(high, other.first)
    for stop in speech.stops_at:
        if stop <= time.first:
            low = max(low, stop)
        elif stop > time.last or (stop == time.last and not begins):
            high = min(high, stop)
    return low, max(high, time.last)


def is_past_verb(speech: Speech, at: int) -> bool:
    """Return whether an irregular past stands here as the verb of a clause."""
    cores = speech.cores
    core = cores[at]
    before = cores[at - 1] if at else ""
    earlier = cores[at - 2] if at > 1 else ""
    if core in ("was", "were"):
        return before in words_of("subject") or before == "there"
    if core not in sure_pasts() or before in _NEVER_A_PAST_BEHIND:
        return False
    if before in words_of("adverb") and earlier in _PERFECT:
        return False
    if core in ("left", "felt", "saw", "thought", "met", "did", "got", "rose", "became"):
        return before in words_of("subject") or before == "who"
    return bool(before)


def _past_size_of_verb(speech: Speech, at: int) -> int:
    return int(is_past_verb(speech, at))


def _future_size(speech: Speech, at: int) -> int:
    cores = speech.cores
    before = cores[at - 1] if at else ""
    after = cores[at + 1] if at + 1 < len(cores) else ""
    later = cores[at + 2] if at + 2 < len(cores) else ""
    if cores[at] in ("will", "won't") and before not in _FUTURE_NOUNS:
        return 2 if before in words_of("subject") or before in words_of("people") else 0
    if cores[at] == "going" and before in ("am", "i'm", "are", "we're", "is", "they're"):
        return 3 if after == "to" and later in words_of("strong_verb") else 0
    return 0


def _present_size(speech: Speech, at: int) -> int:
    cores = speech.cores
    if cores[at] not in sure_bases():
        return 0
    if cores[at] == "go" and not _GO_WHERE.intersection(cores[at + 1 : at + 2]):
        return 0
    subject = at - 1
    if subject > 0 and cores[subject] in words_of("adverb"):
        subject -= 1
    if subject < 0 or cores[subject] not in ("i", "we", "they"):
        return 0
    if subject and cores[subject - 1] in _AUXILIARIES:
        return 0
    near = cores[max(at - 2 * NEAR, 0) : at + NEAR]
    return 0 if _PAST_SIGNS.intersection(near) or _is_past_near(speech, at) else 1


def _is_past_near(speech: Speech, at: int) -> bool:
    """Return whether a past form stands near: then a bare form may have lost its "would".

    "Go" may be what is left of "got": for it near is the whole answer.
    """
    is_go = speech.cores[at] == "go"
    low, high = (0, len(speech.cores)) if is_go else (max(at - 2 * NEAR, 0), at + NEAR)
    return any(is_past_verb(speech, place) for place in range(low, min(high, len(speech.cores))))


_VERBS = {"past": _past_size_of_verb, "present": _present_size, "future": _future_size}


def past_places(speech: Speech, times: list[TimeWord]) -> frozenset[int]:
    """Return the positions that share a clause with a time word of the past."""
    places: set[int] = set()
    for time in times:
        if time.frame == "past":
            places.update(range(*clause_around(speech, time, times)))
    return frozenset(places)


def endings_in(speech: Speech, times: list[TimeWord]) -> list[Fact]:
    """Return the regular verbs heard bare beside a time word of the past, with the past form."""
    near = past_places(speech, times)
    rows = []
    for at in sorted(near):
        core = speech.cores[at]
        if core in words_of("regular") and at and speech.cores[at - 1] in ("i", "we", "they"):
            before = speech.cores[at - 2] if at > 1 else ""
            if before not in _ENDING_BARRED and speech.is_sure_bare(at - 1, at + 1):
                rows.append({**speech.quote_bare(at - 1, at + 1), "word": past_of(core)})
    return rows
