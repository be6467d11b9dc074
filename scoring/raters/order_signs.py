"""Signs in a sentence that it is said to whoever rates: words, neighbours, and classes of words.

A class holds words that may stand for each other in an order, whom it is put to, what is asked,
how one presses (`order_classes.json`, written by hand). What each sign is worth was fitted on open
examples (`order_weights.json`, written by `manage.py fit_order_signs`). Pure.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from math import fsum
from pathlib import Path

CLASSES_FILE = Path(__file__).with_name("order_classes.json")
WEIGHTS_FILE = Path(__file__).with_name("order_weights.json")
ALWAYS = "(always)"
REACH = 4  # words from one class to the next for the two to be in order
FEW = 4  # words of a short sentence
UNKNOWN_SHARES = (0.1, 0.2, 0.3, 0.4)  # of the words; an order has few concrete ones
PLAIN = "plain"  # the class of words that say nothing


def _classes_of_words() -> dict[str, tuple[str, ...]]:
    """Return the names of the classes that each word stands in."""
    classes: dict[str, tuple[str, ...]] = {}
    for name, words in json.loads(CLASSES_FILE.read_text()).items():
        for word in words.split():
            classes[word] = (*classes.get(word, ()), name)
    return classes


_CLASSES = _classes_of_words()
_NO_CLASS: tuple[str, ...] = ()
WEIGHTS: Mapping[str, float] = json.loads(WEIGHTS_FILE.read_text())


def stem_of(word: str) -> str:
    """Return a word without its ending, roughly: `marks`, `marked`, `marking` are one sign."""
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) > 5 and word.endswith("ing"):
        word = word[:-3]
    elif len(word) > 4 and word.endswith("ed"):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def signs_of(words: Sequence[str]) -> set[str]:
    """Return the signs in the words of a sentence, in lower case."""
    stems = [stem_of(word) for word in words]
    classes = [
        tuple(name for name in _CLASSES.get(word, _NO_CLASS) if name != PLAIN) for word in words
    ]
    signs = {ALWAYS, *stems}
    signs.update(f"{first} {second}" for first, second in pairwise(["^", *stems, "$"]))
    signs |= _signs_of_classes(classes)
    unknown = sum(word not in _CLASSES for word in words)
    signs.update(f"(unknown > {share})" for share in UNKNOWN_SHARES if unknown > share * len(words))
    if len(words) <= FEW:
        signs.add("(short)")
    if classes and "give" in classes[0]:
        signs.add("(begins with an order)")
    return signs


def _signs_of_classes(classes: Sequence[tuple[str, ...]]) -> set[str]:
    """Return which classes are there, which twice, which two together, which two in order."""
    once: set[str] = set()
    twice: set[str] = set()
    for names in classes:
        twice.update(once.intersection(names))
        once.update(names)
    signs = {f"<{name}>" for name in once} | {f"<{name}> twice" for name in twice}
    signs.update(f"<{one}> + <{other}>" for one, other in combinations(sorted(once), 2))
    for at, names in enumerate(classes):
        later = {name for after in classes[at + 1 : at + 1 + REACH] for name in after}
        signs.update(f"<{one}> .. <{other}>" for one in names for other in later)
    return signs


def worth_of(signs: Iterable[str], weights: Mapping[str, float]) -> float:
    """Return what these signs are worth together: the more, the likelier an order."""
    return fsum(weights.get(sign, 0.0) for sign in signs)  # whatever their order, the same
