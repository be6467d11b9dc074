"""Compares what was typed with what was meant, and finds what a correction changes. Pure."""

import difflib
import re
from collections.abc import Iterator

AROUND = 160  # characters of a sentence on either side of the quotation
GAP = "…"

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+\s+")

# what a short form stands for; where it can be two things, either will do
_WHOLE: dict[str, tuple[str, ...]] = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
}
_ENDINGS: dict[str, frozenset[str]] = {
    "n't": frozenset({"not"}),
    "'m": frozenset({"am"}),
    "'re": frozenset({"are"}),
    "'ve": frozenset({"have"}),
    "'ll": frozenset({"will", "shall"}),
    "'d": frozenset({"would", "had"}),
    "'s": frozenset({"is", "has", "us", "'s"}),
}
# as one types them in a hurry, where that is no other word
_NEGATED = "do does did is are was were could should would have has had ca wo"
_HURRIED = {f"{verb}nt": f"{verb}n't" for verb in _NEGATED.split(" ")} | {
    "im": "i'm",
    "ive": "i've",
}

Meanings = frozenset[str]


def is_same(typed: str, meant: str) -> bool:
    """Return whether both have the same words, whatever case, punctuation and short forms.

    An empty text is like none, not even like another empty one.
    """
    mine, theirs = list(_meanings(typed)), list(_meanings(meant))
    if not mine or len(mine) != len(theirs):
        return False
    return all(one & other for one, other in zip(mine, theirs, strict=True))


def _meanings(text: str) -> Iterator[Meanings]:
    for typed in _WORD.findall(text.casefold().replace("’", "'")):
        word = _HURRIED.get(typed, typed)
        if word in _WHOLE:
            yield from (frozenset({part}) for part in _WHOLE[word])
            continue
        ending = next((end for end in _ENDINGS if word.endswith(end) and word != end), "")
        stem = word.removesuffix(ending)
        yield frozenset({stem})
        if ending:
            yield _ENDINGS[ending]


def sentence_around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a quotation in its sentence, cut at whole words.

    `start` and `end` are characters of `text`. `AROUND` characters are left on either side at most.
    """
    before, after = text[:start], text[end:]
    ends = [match.end() for match in _SENTENCE_END.finditer(before)]
    before = before[ends[-1] :] if ends else before
    stop = re.search(r"[.!?]+", after)
    after = after[: stop.end()] if stop else after.rstrip()
    if len(before) > AROUND:
        before = f"{GAP} {before[-AROUND:].partition(' ')[2]}"
    if len(after) > AROUND:
        after = f"{after[:AROUND].rpartition(' ')[0]} {GAP}"
    return before, after


def slips(quote: str, better: str) -> list[tuple[str, str]]:
    """Return what a correction changes: (words said, words meant); one side may be empty."""
    heard, meant = (_bare(text) for text in (quote, better))
    matcher = difflib.SequenceMatcher(None, heard, meant, autojunk=False)
    return [
        (" ".join(heard[a:b]), " ".join(meant[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]


def _bare(text: str) -> list[str]:
    return [word.casefold().strip(".,!?;:") for word in text.split()]
