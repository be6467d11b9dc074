"""Two takes of one question beside one another: figures and words, better or worse in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.display.measure_rows import CHANGES, NO_PAUSE, figure_text, rounded, shown_figures
from scoring.display.rating import Change, changes, criterion_changes, level_text
from scoring.levels.delivery import Verdict, verdict_since
from scoring.models import Rating, Response
from scoring.raters import evidence

Text = str | Promise

# name, label, unit, factor
COMPARED: tuple[tuple[str, Text, Text, float], ...] = (
    ("words_per_minute", _("Words a minute"), "%s", 1.0),
    ("mean_run_seconds", _("Without a pause"), _("%s s"), 1.0),
    ("mean_pause_seconds", _("Each pause"), _("%s s"), 1.0),
    ("share_spoken", _("Time spoken"), "%s %%", 100.0),
    ("length_seconds", _("Length"), _("%s s"), 1.0),
)
NO_BREAK_SPACE = "\u00a0"
TIME_FRAMES = ("past", "present", "future")
MOST_TO_COMPARE = 400  # words of a take: more are not laid beside one another


class Figure(NamedTuple):
    """One measure of one take, and how it stands beside the take before."""

    label: str
    text: str
    change: str  # a word and the figure before, or empty
    verdict: str  # worse, fine or better; empty without a take before


class WordRow(NamedTuple):
    """What was counted in the words of two takes."""

    label: str
    before: str
    now: str
    verdict: str
    word: str


def _facts(response: Response | None) -> Mapping[str, Any]:
    """Return the facts of an answer whose words were understood; {} of any other."""
    rating = response.shown_rating if response else None
    facts = rating.facts if rating else {}
    return facts if facts.get("is_understood") else {}


def _change(name: str, now: float, before: float, text: str) -> tuple[str, str]:
    verdict = verdict_since(name, now, before)
    if verdict == Verdict.FINE:
        return gettext("as before"), verdict.value
    words = {
        Verdict.BETTER: gettext("better, before: %(figure)s"),
        Verdict.WORSE: gettext("worse, before: %(figure)s"),
    }
    return words[verdict] % {"figure": text.replace(" ", NO_BREAK_SPACE)}, verdict.value


def figures_between(now: Response, before: Response | None) -> list[Figure]:
    """Return the figures of a take, each beside the take before; [] where nothing is shown."""
    shown, old = shown_figures(now), shown_figures(before)
    if not shown:
        return []
    level = level_text(now.shown_rating)
    rows = [Figure(gettext("Level, about"), level, "", "")] if level else []
    # counted words and words guessed from syllables are two measures
    are_alike = ("run_words" in shown) == ("run_words" in old)
    for name, label, unit, factor in COMPARED:
        value = rounded(name, factor * shown[name])
        text = _written(name, value, unit)
        change, verdict = "", ""
        if name in old and (are_alike or name != "words_per_minute"):
            past = rounded(name, factor * old[name])
            change, verdict = _change(name, value, past, _written(name, past, unit))
        rows.append(Figure(str(label), text, change, verdict))
    return rows


def _written(name: str, value: float, unit: Text) -> str:
    if name == "mean_pause_seconds" and not value:
        return str(NO_PAUSE)
    return str(unit) % figure_text(name, value)


def _word_counts(facts: Mapping[str, Any]) -> list[tuple[str, int, bool]]:
    """Return what is counted of the words: label, number, whether more of it is better."""
    frames = facts.get("time_frames", {})
    points = facts.get("points", [])
    return [
        (gettext("Words heard"), int(facts.get("word_count", 0)), True),
        (
            gettext("Pauses inside a clause"),
            sum(one["is_inside_clause"] for one in facts.get("pauses", [])),
            False,
        ),
        (
            gettext("Kinds of linking words"),
            len({one["kind"] for one in facts.get("links", [])}),
            True,
        ),
        (
            gettext("Past, present, future"),
            sum(bool(frames.get(name)) for name in TIME_FRAMES),
            True,
        ),
        (
            gettext("Parts of the question heard"),
            sum(bool(one["is_touched"]) for one in points),
            True,
        ),
    ]


def word_rows(before: Response, now: Response) -> list[WordRow]:
    """Return what was counted in the words of both takes; [] unless both were understood."""
    old, new = _facts(before), _facts(now)
    if not old or not new:
        return []
    rows = []
    for (label, was, is_more_better), (_label, is_, _more) in zip(
        _word_counts(old), _word_counts(new), strict=True
    ):
        gap = (is_ - was) if is_more_better else (was - is_)
        verdict = Verdict.FINE if not gap else Verdict.BETTER if gap > 0 else Verdict.WORSE
        figures = number_format(was), number_format(is_)
        rows.append(WordRow(label, *figures, verdict.value, str(CHANGES[verdict])))
    return rows


@dataclass(frozen=True)
class Since:
    """What changed since the take before: corrections taken up, criteria that moved, words."""

    taken_up: str = ""
    criteria: Sequence[tuple[str, str, str, bool]] = ()
    words: Sequence[WordRow] = ()
    transcript_before: str = ""
    transcript: Sequence[Change] = ()  # what is new in it is marked


def _of_ratings(now: Rating, before: Rating) -> Since | None:
    corrections = before.advice.get("corrections", [])
    transcript = str(now.advice.get("transcript", ""))
    if not transcript or not before.criteria:
        return None
    right, wrong = evidence.taken_up(corrections, transcript)
    text = gettext(
        "Of %(all)d corrections to the take before: %(right)d taken up, %(wrong)d again."
    )
    counted = text % {"all": len(corrections), "right": right, "wrong": wrong}
    return Since(counted if corrections else "", criterion_changes(before, now))


def _of_words(now: Response, before: Response) -> Since | None:
    rows = word_rows(before, now)
    if not rows:
        return None
    text_before, text_now = _facts(before)["transcript"], _facts(now)["transcript"]
    if max(len(text_before.split()), len(text_now.split())) > MOST_TO_COMPARE:
        return Since(words=rows)
    return Since(
        words=rows,
        transcript_before=text_before,
        transcript=list(changes(text_before, text_now)),
    )


def since_before(now: Response | None, before: Response | None) -> Since | None:
    """Return what changed from one take to the next; None unless both were heard.

    Both with their ratings loaded.
    """
    if not now or not before or not now.shown_rating or not before.shown_rating:
        return None
    return _of_ratings(now.shown_rating, before.shown_rating) or _of_words(now, before)
