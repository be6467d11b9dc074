"""A transcript word by word: each plays its moment, unsure ones are dotted, pauses are marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

UNSURE = 0.5  # a word less likely than this is one we are not sure of


@dataclass(frozen=True)
class Word:
    """One word that was heard: seconds in the sound, characters in the transcript."""

    text: str
    at: float
    until: float
    is_sure: bool
    end: int  # the character behind it


def words_of(rows: Sequence[Sequence[Any]]) -> list[Word]:
    """Return words of [text, start, end, probability]; the transcript joins them by blanks."""
    words, end = [], -1
    for text, at, until, probability in rows:
        end += 1 + len(text)
        words.append(Word(str(text), float(at), float(until), float(probability) >= UNSURE, end))
    return words


def _group_html(words: Sequence[Word]) -> SafeString:
    """Return words that are sure each for itself, or those that are not as one button."""
    if words[0].is_sure:
        return format_html_join(
            " ",
            '<span class="said" data-at="{}">{}</span>',
            ((f"{word.at:.2f}", word.text) for word in words),
        )
    text = " ".join(word.text for word in words)
    note = gettext("we are not sure of this word")
    if len(words) > 1:
        note = gettext("we are not sure of these words")
    # no <button>: browsers do not break its text at the end of a line
    return format_html(
        '<span role="button" tabindex="0" class="said is-hard" data-at="{}" data-until="{}"'
        ' title="{}">{}<span class="visually-hidden"> ({})</span></span>',
        f"{words[0].at:.2f}",
        f"{words[-1].until:.2f}",
        note,
        text,
        note,
    )


def _pause_html(seconds: float) -> SafeString:
    length = number_format(round(seconds, 1), 1)
    return format_html(
        ' <span class="pause-mark"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        gettext("%(seconds)s s") % {"seconds": length},
        gettext("(pause of %(seconds)s seconds)") % {"seconds": length},
    )


def _parts(words: Sequence[Word], pauses: Mapping[int, float]) -> Iterator[SafeString]:
    """Yield groups of words, each with the pause that stands behind its last."""
    part = 0
    marked = []
    for word in words:
        marked.append((part, word))
        part += word.end in pauses
    for (_part, _is_sure), group in groupby(marked, key=lambda one: (one[0], one[1].is_sure)):
        held = [word for _number, word in group]
        behind = pauses.get(held[-1].end)
        yield format_html("{}{}", _group_html(held), _pause_html(behind) if behind else "")


def transcript_html(
    rows: Sequence[Sequence[Any]], pauses: Sequence[Mapping[str, Any]] = ()
) -> SafeString:
    """Return what was heard with its marks; not in a template, as every blank counts.

    `rows` and `pauses` as a judge's facts have them. Pauses inside a clause are marked behind the
    word they follow.
    """
    words = words_of(rows)
    inside = [one for one in pauses if one["is_inside_clause"]]
    marks: dict[int, float] = {}
    for pause in inside:
        ends = [word.end for word in words if word.end <= pause["after"]]
        if ends:
            marks[ends[-1]] = float(pause["seconds"])
    return format_html_join(" ", "{}", ((part,) for part in _parts(words, marks)))
