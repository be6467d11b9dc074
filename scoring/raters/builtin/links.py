"""Words that link clauses, with what they show. Pure."""

import json
from collections.abc import Mapping
from functools import cache

from scoring.raters.builtin.lexicon import HERE, words_of
from scoring.raters.builtin.speech import Fact, Speech

_LONGEST = 4


@cache
def _phrases() -> Mapping[tuple[str, ...], str]:
    lists = json.loads((HERE / "links.json").read_text(encoding="utf-8"))
    return {tuple(phrase.split()): kind for kind, rows in lists.items() for phrase in rows}


def links_in(speech: Speech) -> list[Fact]:
    """Return the links in their order, each with its kind."""
    links, at = [], 0
    while at < len(speech.cores):
        kind, size = _link_at(speech, at)
        if kind and speech.is_sure_bare(at, at + size):
            links.append({**speech.quote_bare(at, at + size), "kind": kind})
        at += size
    return links


def _link_at(speech: Speech, at: int) -> tuple[str, int]:
    """Return kind and number of words of the longest link here; an empty kind and 1 for none."""
    for size in range(_LONGEST, 0, -1):
        kind = _phrases().get(speech.cores[at : at + size])
        if kind and len(speech.cores) >= at + size and _links(speech, at, size):
            return kind, size
    return "", 1


def _links(speech: Speech, at: int, size: int) -> bool:
    """Return whether a word that is not always a link is one here."""
    core = speech.cores[at]
    before = speech.cores[at - 1] if at else ""
    after = speech.cores[at + size] if at + size < len(speech.cores) else ""
    if size > 1:
        return True
    if core == "so":
        is_clause = after in words_of("subject") | words_of("determiner") | {"now", "if", "when"}
        return is_clause and before not in words_of("be") | {"think", "hope", "say", "said", "do"}
    if core == "then":
        return before not in ("back", "since", "until", "by", "now", "and now", "just")
    if core == "if":
        return before not in words_of("embedder") | {"as", "even", "what", "only"}
    if core == "first":
        return after in words_of("subject") and speech.starts_clause(at)
    return True
