"""How it flows: pauses inside clauses, repeats, fillers, pace, runs of words. Pure."""

from scoring.raters.builtin.lexicon import sure_pasts, words_of
from scoring.raters.builtin.speech import STOP_SECONDS, Fact, Speech


def pauses_in(speech: Speech, *, is_understood: bool) -> list[Fact]:
    """Return every silence of half a second and more between words.

    `after` is the character behind the word before it. One is inside a clause only where the two
    words must belong together; of an answer that was not understood none is.
    """
    pauses = []
    for place, (at, seconds) in sorted(speech.stops.items()):
        pauses.append(
            {
                "at": round(at, 2),
                "seconds": round(seconds, 2),
                "is_inside_clause": is_understood and _is_inside(speech, place),
                "after": speech.words[place - 1].end,
            }
        )
    return pauses


def _is_inside(speech: Speech, place: int) -> bool:
    """Return whether the words around a stop surely belong to one clause."""
    one, two = speech.words[place - 1], speech.words[place]
    # a filler, a repeat, and what was not clearly heard say nothing about clauses
    if not (one.core and two.core) or one.is_filler or two.is_filler or place - 1 in speech.dropped:
        return False
    if not speech.is_sure(place - 1, place + 1) or two.core in words_of("linker"):
        return False
    after = speech.words[place + 1].core if place + 1 < len(speech.words) else ""
    return _must_go_on(one.core, two.core) or _is_predicate(one.core, two.core, after)


def _must_go_on(one: str, two: str) -> bool:
    """Return whether no clause ends with the first word, before the second."""
    if one in words_of("tight"):
        return two not in words_of("subject") or one in ("and", "or", "because", "if")
    is_object = two in words_of("determiner") or two in ("me", "him", "them", "to", "of")
    return one in words_of("transitive") and is_object


def _is_predicate(one: str, two: str, after: str) -> bool:
    """Return whether the second word is the verb of the first: "my house ... is big"."""
    is_name = one not in words_of("linker") | words_of("preposition") | words_of("opener")
    return is_name and two in words_of("verb_after_noun") and after not in words_of("may_be_asked")


def repeats_in(speech: Speech) -> list[Fact]:
    """Return what was said again at once, and false starts, each with the new start."""
    spans = sorted(set(speech.dropped.values()))
    return [speech.quote(first, last) for first, last in spans]


def words_per_minute(speech: Speech) -> float:
    """Return the counted words a minute, from the first to the last sound; 0 without a length."""
    if speech.span_seconds < STOP_SECONDS:
        return 0.0
    return round(60 * len(speech.bare) / speech.span_seconds, 1)


def run_words(speech: Speech) -> float:
    """Return the mean number of words between two stops."""
    return round(len(speech.bare) / (len(speech.stops) + 1), 1)


def hears_a_past(speech: Speech) -> bool:
    """Return whether any form that may be a past was heard, sure or not."""
    return any(core in sure_pasts() or core.endswith("ed") for core in speech.cores)
