"""The word lists of the built-in judge, read once from `lexicon.json`. Pure."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_VOWELS = "aeiou"
_DOUBLING = frozenset(("get", "run", "sit", "stop", "swim", "plan", "shop", "jog", "put", "win"))


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = json.loads((HERE / "lexicon.json").read_text(encoding="utf-8"))
    return lists


@cache
def words_of(name: str) -> frozenset[str]:
    """Return the words of a class. Raises KeyError for a class that is not in the file."""
    return frozenset(_lists()["classes"][name].split())


@cache
def irregular() -> Mapping[str, tuple[str, str, str]]:
    """Return base, past and participle of each irregular verb, by each of its three forms.

    A form that two verbs share belongs to the verb that is listed first.
    """
    forms: dict[str, tuple[str, str, str]] = {"were": ("be", "was", "been")}
    for row in _lists()["irregular"]:
        base, past, participle = row.split()
        for form in (base, past, participle):
            forms.setdefault(form, (base, past, participle))
    return forms


@cache
def sure_pasts() -> frozenset[str]:
    """Return the past forms that differ from their base by more than a last sound.

    Forms that are another word as well (`found`, `left`) stand in; where they count, the words
    around them decide.
    """
    pasts = {past for base, past, _participle in irregular().values() if past != base}
    return frozenset(pasts - words_of("past_by_the_last_sound") | {"were"})


@cache
def sure_bases() -> frozenset[str]:
    """Return the base forms whose past differs by more than a last sound."""
    return frozenset(irregular()[past][0] for past in sure_pasts()) - {"be"}


def base_of(form: str) -> str:
    """Return the base of an irregular verb's form, or the form itself."""
    return irregular()[form][0] if form in irregular() else form


def participle_of(form: str) -> str:
    """Return the participle of an irregular verb's form, or the form itself."""
    return irregular()[form][2] if form in irregular() else form


def gerund_of(base: str) -> str:
    """Return the form in -ing of a verb."""
    if base in _DOUBLING:
        return base + base[-1] + "ing"
    if base.endswith("e") and not base.endswith(("ee", "ye", "oe")):
        return base[:-1] + "ing"
    return base + "ing"


def past_of(base: str) -> str:
    """Return the past of a regular verb."""
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLING or base in ("drop", "hug") else "") + "ed"


def stem_of(word: str) -> str:
    """Return a short form that a word shares with its relatives: `cooked`, `cooking` and `cook`.

    It is made for comparing, not for reading.
    """
    word = base_of(word.removesuffix("'s"))
    for ending in ("ing", "ied", "ies", "ed", "es", "ly", "er", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("i") if len(word) > 3 else word
