"""Whether the words of a question and of its points come up in an answer. Pure.

Words are compared by a short stem and by groups of relatives (`relatives.json`), weighted by how
rare they are in the bank's own sample responses. What cannot be told surely is left out: a point is
"not touched" only where it has several words of content and none of them, nor a relative, came up.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from scoring.raters.builtin.lexicon import HERE, stem_of, words_of
from scoring.raters.builtin.speech import Fact, Speech

SEVERAL = 2  # words of content that a point must have to be called not touched
HALF = 0.5  # of a point's weight must come up, to be called touched
LEAST_WORDS = 50  # of an answer that may be called beside the question
LEAST_STEMS = 10  # rarer words that its question must have
_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*")
_COMMON, _FREQUENT, _RARE = 0.2, 0.5, 1.0


@cache
def _files() -> tuple[Mapping[str, float], Mapping[str, frozenset[str]]]:
    """Return weights of frequent stems, and for each stem the stems of its relatives."""
    rarity = json.loads((HERE / "rarity.json").read_text(encoding="utf-8"))
    weights = dict.fromkeys(rarity["frequent"], _FREQUENT)
    weights.update(dict.fromkeys(rarity["common"], _COMMON))
    groups = json.loads((HERE / "relatives.json").read_text(encoding="utf-8"))
    relatives: dict[str, set[str]] = {}
    for group in groups:
        stems = {stem_of(word) for word in group.split()}
        for stem in stems:
            relatives.setdefault(stem, set()).update(stems)
    return weights, {stem: frozenset(rows) for stem, rows in relatives.items()}


def weight_of(stem: str) -> float:
    """Return how much a stem tells, 0 to 1: rare ones most."""
    return _files()[0].get(stem, _RARE)


def relatives_of(stem: str) -> frozenset[str]:
    """Return the stems that are as good as this one, itself included."""
    return _files()[1].get(stem, frozenset()) | {stem}


def content_stems(text: str) -> list[str]:
    """Return the stems of a text's words of content, each once, in their order."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    return list(dict.fromkeys(stem_of(word) for word in words if word not in words_of("empty")))


def _places_by_stem(speech: Speech) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for position, core in enumerate(speech.cores):
        for part in {core, *core.split("-")}:
            places.setdefault(stem_of(part), []).append(position)
    return places


def _touching(stem: str, places: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the positions of words that are this stem or a relative, or begin or end alike."""
    positions = [at for one in relatives_of(stem) for at in places.get(one, ())]
    if len(stem) >= 4:
        alike = [one for one in places if len(one) >= 4 and (one[:4] == stem[:4] or stem in one)]
        positions += [at for one in alike for at in places[one]]
    return sorted(set(positions))


def points_in(speech: Speech, points: Iterable[str]) -> list[Fact]:
    """Return the points of the question that were surely touched, or surely not.

    Points of which neither is sure are left out.
    """
    places = _places_by_stem(speech)
    rows = (_point(speech, text, places) for text in points)
    return [row for row in rows if row]


def _point(speech: Speech, text: str, places: Mapping[str, Sequence[int]]) -> Fact | None:
    stems = content_stems(text)
    touching = {stem: _touching(stem, places) for stem in stems}
    whole = sum(map(weight_of, stems))
    weight = sum(weight_of(stem) for stem in stems if touching[stem])
    if weight and weight >= HALF * whole:
        sure = [
            rows[0]
            for rows in touching.values()
            if rows and speech.is_sure_bare(rows[0], rows[0] + 1)
        ]
        quotes = [speech.quote_bare(max(at - 2, 0), min(at + 3, len(speech.bare))) for at in sure]
        return {"text": text, "is_touched": True, "quotes": quotes[:2]} if quotes else None
    words = set(_WORD.findall(text.casefold()))
    is_open = not words.isdisjoint(words_of("open_question"))
    # what would show it has to be listed: "an animal" may come as a duck
    is_listed = all(len(relatives_of(stem)) > 1 for stem in stems)
    may_lack = speech.is_clear and len(stems) >= SEVERAL and is_listed
    if any(touching.values()) or is_open or not may_lack:
        return None
    return {"text": text, "is_touched": False, "quotes": []}


def is_on_question(speech: Speech, question: str, points: Iterable[str]) -> bool | None:
    """Return whether words of the question came up; None where that cannot be told.

    False only for an answer that is long and clear enough, to a question with rare words enough, of
    which none came up in any form.
    """
    stems = [stem for stem in content_stems(" ".join([question, *points])) if weight_of(stem) > 0.2]
    places = _places_by_stem(speech)
    touched = [stem for stem in stems if _touching(stem, places)]
    if len(touched) >= SEVERAL:
        return True
    may_lack = speech.is_clear and len(speech.bare) >= LEAST_WORDS and len(stems) >= LEAST_STEMS
    return False if may_lack and not touched else None
