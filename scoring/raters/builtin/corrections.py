"""Corrections of few, sure kinds: at most three, each with its words and better ones. Pure.

No kind hangs on a final sound. Nothing is corrected where somebody else's words are told, in what
is said again at once, or where the better words follow by themselves.
"""

from collections.abc import Collection, Mapping

from scoring.raters.builtin.lexicon import words_of
from scoring.raters.builtin.matching import (
    Match,
    better_of,
    holds_again,
    matches_in,
)
from scoring.raters.builtin.speech import Fact, Speech

MOST = 3
LEAST_WORDS = 15
LEAST_MEAN = 0.6
REPORT_WORDS = 4  # so far behind "said" or "called" words may be another's
SOON = 6  # words
EMBEDDED_WORDS = 12  # so far behind "know" or "tell" a question may be part of a sentence

ASKING = frozenset(("RP_ASK", "ASK_AVA", "RP_SOLVE"))

# the surest first
KINDS = (
    "double_auxiliary",
    "past_after_did",
    "modal_to",
    "past_after_modal",
    "past_after_to",
    "word_order",
    "link_form",
    "preposition",
    "question_word",
    "double_verb",
    "verb_pattern",
    "double_comparative",
    "extra_word",
    "extra_preposition",
    "quantity",
    "participle",
    "question_order",
    "missing_verb",
)


def corrections_in(
    speech: Speech,
    *,
    item_type: str,
    switched_off: Collection[str] = (),
    past_places: Collection[int] = (),
) -> list[Fact]:
    """Return at most three corrections, the surest first.

    `past_places`: positions of `Speech.bare` that share a clause with a time word of the past.
    """
    if len(speech.bare) < LEAST_WORDS or speech.mean_probability < LEAST_MEAN:
        return []
    facts: list[Fact] = []
    for match in _best_first(speech, item_type, switched_off, past_places):
        better = better_of(match, speech, match.first in past_places)
        if holds_again(better, speech, match.last) or any(
            row["kind"] == match.pattern.kind and row["better"].casefold() == better.casefold()
            for row in facts
        ):
            continue
        quote = speech.quote_bare(match.first, match.last)
        if all(quote["end"] <= row["start"] or row["end"] <= quote["start"] for row in facts):
            facts.append({**quote, "kind": match.pattern.kind, "better": better})
    return facts[:MOST]


def _best_first(
    speech: Speech, item_type: str, switched_off: Collection[str], past: Collection[int]
) -> list[Match]:
    sure = [
        match
        for match in matches_in(speech)
        if match.pattern.kind not in switched_off
        and speech.is_sure_bare(match.first - 1, match.last + 1)
        and not _is_reported(speech, match.first)
        and _holds(match, speech, item_type, past)
    ]
    return sorted(sure, key=lambda match: (KINDS.index(match.pattern.kind), match.first))


def _is_reported(speech: Speech, first: int) -> bool:
    before = speech.cores[max(first - REPORT_WORDS, 0) : first]
    return not words_of("reporter").isdisjoint(before)


def _holds(match: Match, speech: Speech, item_type: str, past: Collection[int]) -> bool:
    """Return whether the pattern's conditions on the whole hold."""
    conditions: Mapping[str, bool] = {
        "ask": item_type in ASKING and not _is_embedded(speech, match.first),
        "asked_to_the_end": not _has_another_verb(speech, match.last),
        # "she's" loses its end; "she was" does not
        "past": match.first in past,
    }
    wanted = match.pattern.before.conditions | match.pattern.after.conditions
    return all(conditions[name] for name in wanted)


def _has_another_verb(speech: Speech, last: int) -> bool:
    """Return whether a form of be comes soon: "where I can park is my problem" asks nothing."""
    after = speech.cores[last : last + SOON]
    return not words_of("be").isdisjoint(after)


def _is_embedded(speech: Speech, first: int) -> bool:
    before = speech.cores[max(first - EMBEDDED_WORDS, 0) : first]
    return not words_of("embedder").isdisjoint(before)
