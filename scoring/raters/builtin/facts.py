"""The facts about an answer, put together: what `Rating.facts` stores. Pure.

Language-free: keys, numbers and quotations. Characters are those of `facts["transcript"]`, times
are seconds in the recording.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opic.lib.levels import DEFAULT_TARGET, Level
from scoring.raters.builtin import flow
from scoring.raters.builtin.advice import Evidence, Figures, advice_for
from scoring.raters.builtin.corrections import corrections_in
from scoring.raters.builtin.frames import (
    endings_in,
    frames_in,
    past_places,
    time_words_in,
)
from scoring.raters.builtin.lexicon import words_of
from scoring.raters.builtin.links import links_in
from scoring.raters.builtin.questions import may_ask, questions_in
from scoring.raters.builtin.relevance import is_on_question, points_in
from scoring.raters.builtin.speech import Fact, Speech, parse_speech
from scoring.raters.builtin.tasks import TASKS, Spoken, tasks_in

FACTS_VERSION = "1"
SHORTEST_MINUTE = 5.0  # seconds: of less no rate a minute is made


@dataclass(frozen=True)
class Asked:
    """What was asked, and what is to be known of the person: nothing but plain values."""

    item_type: str = ""
    prompt_text: str = ""
    points: Sequence[str] = ()
    target: int = int(DEFAULT_TARGET)
    advised_lately: Collection[str] = ()
    switched_off: Collection[str] = ()


def facts_of(rows: Iterable[Sequence[Any]], measures: Mapping[str, Any], asked: Asked) -> Fact:
    """Return the facts about word rows (text, start, end, probability) and measures.

    Of an answer that was not understood nothing is claimed that rests on words.
    """
    speech = parse_speech(rows, measures)
    pauses = flow.pauses_in(speech, is_understood=speech.is_understood)
    figures = _figures(speech, pauses)
    claims = _claims(speech, asked) if speech.is_understood else _no_claims()
    evidence = Evidence(
        figures=figures,
        target=Level(asked.target),
        item_type=asked.item_type,
        prompt_text=asked.prompt_text,
        is_understood=speech.is_understood,
        is_clear=speech.is_clear,
        word_count=len(speech.bare),
        hears_past=flow.hears_a_past(speech),
        hears_future=not words_of("future_sign").isdisjoint(speech.cores),
        may_ask=may_ask(speech),
        points=claims["points"],
        link_kinds=[row["kind"] for row in claims["links"]],
        repeats=claims["repeats"],
        corrections=claims["corrections"],
        advised_lately=asked.advised_lately,
    )
    return {
        "version": FACTS_VERSION,
        "is_understood": speech.is_understood,
        "transcript": speech.transcript,
        "words": [
            [word.text, round(word.at, 2), round(word.until, 2), round(word.probability, 2)]
            for word in speech.words
        ],
        "word_count": len(speech.bare),
        "words_per_minute": figures.words_per_minute,
        "run_words": figures.run_words,
        "pauses": pauses,
        "fillers": sum(word.is_filler for word in speech.words),
        **claims,
        "advice": advice_for(evidence),
    }


def _figures(speech: Speech, pauses: Sequence[Fact]) -> Figures:
    inside = sum(pause["is_inside_clause"] for pause in pauses)
    return Figures(
        length_seconds=round(speech.span_seconds, 1),
        words_per_minute=flow.words_per_minute(speech),
        run_words=flow.run_words(speech),
        pauses_inside=60 * inside / max(speech.span_seconds, SHORTEST_MINUTE),
    )


def _claims(speech: Speech, asked: Asked) -> Fact:
    times = time_words_in(speech)
    questions = questions_in(speech)
    return {
        "time_frames": frames_in(speech, times),
        "links": links_in(speech),
        "questions_asked": questions,
        "points": points_in(speech, asked.points),
        "is_on_question": is_on_question(speech, asked.prompt_text, asked.points),
        "repeats": flow.repeats_in(speech),
        "endings": endings_in(speech, times),
        "corrections": corrections_in(
            speech,
            item_type=asked.item_type,
            switched_off=asked.switched_off,
            past_places=past_places(speech, times),
        ),
        "tasks": tasks_in(Spoken(speech, times, questions, Level(asked.target))),
    }


def _no_claims() -> Fact:
    lists = ("links", "questions_asked", "points", "repeats", "endings", "corrections")
    return {
        "time_frames": {"past": [], "present": [], "future": []},
        **{name: [] for name in lists},
        "is_on_question": None,
        "tasks": {name: [] for name in TASKS},
    }
