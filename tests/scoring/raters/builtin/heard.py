"""Texts as ears would hear them, with made-up times, and with their last sounds changed."""

import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings

from materials.packs_reader import read_bank
from scoring.raters.builtin.facts import Asked, facts_of

GRADED = settings.BASE_DIR / "scoring" / "graded"
DATA = settings.BASE_DIR / "tests" / "data" / "builtin"
WORD, GAP, STOP = 0.3, 0.05, 0.7  # seconds: of a word, between words, behind a sentence


def rows_of(text, *, probability=0.95, stops=True):
    """Return word rows and measures of a text; with `stops` a silence stands behind a sentence."""
    rows, pauses, runs = [], [], []
    moment = start = 0.0
    for word in text.split():
        rows.append([word, moment, moment + WORD, probability])
        moment += WORD + GAP
        if stops and word[-1] in ".?!":
            runs.append([start, moment - start])
            pauses.append([moment, STOP])
            moment += STOP
            start = moment
    if moment > start:
        runs.append([start, moment - start])
    return rows, {"pauses": pauses, "runs": runs}


def judge(text, *, probability=0.95, stops=True, **asked):
    """Return the facts about a text."""
    rows, measures = rows_of(text, probability=probability, stops=stops)
    return facts_of(rows, measures, Asked(**asked))


def quotes(rows):
    return [row["quote"] for row in rows]


@cache
def samples():
    """Return (key, item type, prompt, text) of the bank's sample responses."""
    return [
        (prompt.key, prompt.item_type, prompt, prompt.sample)
        for prompt in read_bank().prompts.values()
        if prompt.sample
    ]


@cache
def graded():
    """Return (item type, example) of every graded text."""
    return [
        (part["item_type"], example)
        for path in sorted(Path(GRADED).glob("*.json"))
        for part in [json.loads(path.read_text())]
        for example in part["examples"]
    ]


@cache
def correct_texts():
    """Return (item type, text) of learner-like texts without errors of the kinds we correct."""
    texts = [(item_type, text) for _key, item_type, _prompt, text in samples()]
    texts += [(kind, example["upgraded"]) for kind, example in graded() if example.get("upgraded")]
    lines = json.loads((DATA / "look_alikes.json").read_text())
    return texts + [("RP_ASK" if "?" in line else "DESC", line) for line in lines]


# --- last sounds ------------------------------------------------------------------------------

_PARTS = re.compile(r"(\W*)([\w'’-]*)(\W*)")
_CONSONANTS = "bcdfgjklmnpqrstvxz"


def _drop(*endings):
    def changed(word):
        for ending in endings:
            if word.endswith(ending) and len(word) > len(ending) + 1:
                return word[: -len(ending)]
        return word

    return changed


def _swap(pairs):
    def changed(word):
        for one, two in pairs:
            if word.endswith(one) and len(word) > 2:
                return word[: -len(one)] + two
        return word

    return changed


def _drop_consonant(word):
    bare = word[:-1] if word.endswith("e") else word
    if len(bare) > 2 and bare[-1] in _CONSONANTS and bare[-2] in "aeiou":
        return bare[:-1] + ("e" if word.endswith("e") else "")
    return word


CHANGES = {
    "no s": _drop("'s", "es", "s"),
    "no 's": _drop("'s", "'re", "'m", "'ll", "'ve", "'d"),
    "no ed": _drop("ed", "d"),
    "no d of e": _drop("d"),
    "no t": _drop("'t", "t"),
    "no ing": _drop("ing"),
    "no en": _drop("en", "n"),
    "no last consonant": _drop_consonant,
    "t for d": _swap([("nd", "nt"), ("ld", "lt"), ("d", "t")]),
    "d for t": _swap([("nt", "nd"), ("lt", "ld"), ("t", "d")]),
    "d for k and v": _swap([("ke", "de"), ("ve", "d"), ("f", "d")]),
    "an s more": lambda word: word + "s" if word[-1:].isalpha() and len(word) > 2 else word,
    "an ed more": lambda word: (
        word + ("d" if word[-1:] == "e" else "ed") if len(word) > 3 else word
    ),
}


def changed(word, change):
    """Return a word with its last sound changed, its punctuation as it was."""
    before, core, after = (
        _PARTS.fullmatch(word).groups() if _PARTS.fullmatch(word) else ("", word, "")
    )
    return before + change(core) + after if core else word
