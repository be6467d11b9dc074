"""The one thing to do next: its text, by the key that the figures or the built-in judge chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from scoring.levels.delivery import MeasureRow, advice_for

Text = str | Promise

LONGER: Text = gettext_lazy(
    "Say more: the answer is shorter than typical ones. Add one concrete example, and why it"
    " matters to you."
)
JOIN: Text = gettext_lazy(
    "You stop often. Next time, join two short sentences with “and then”, “because” or “so”"
    " before you pause."
)
QUICKER: Text = gettext_lazy(
    "Your pace is slower than in typical answers. Answer the same question again: the words come"
    " quicker the second time."
)
HOLD: Text = gettext_lazy(
    "Your pace and pauses hold at this target. Take a harder question, or one on a topic you did"
    " not choose."
)
ADVICE: Mapping[str, Text] = {
    "mean_pause_seconds": gettext_lazy(
        "Your pauses are longer than in typical answers. Next time, keep a sentence going with a"
        " linking phrase (“what I mean is …”) before you stop to think."
    ),
    "mean_run_seconds": JOIN,
    "run_words": JOIN,
    "words_per_minute": QUICKER,
    "share_spoken": gettext_lazy(
        "Much of the time nothing is said. Begin as soon as the question ends, and say the next"
        " small thing instead of looking for the perfect one."
    ),
    "length_seconds": LONGER,
    "hold": HOLD,
    # keys of the built-in judge
    "length": LONGER,
    "pauses_inside": gettext_lazy(
        "You stop in the middle of a clause. Say the clause to its end, then take your time."
    ),
    "runs": JOIN,
    "pace": QUICKER,
    "time_frame_past": gettext_lazy(
        "We are not sure of any past in this answer. Tell one thing that happened: yesterday, last"
        " week, when you were small."
    ),
    "time_frame_future": gettext_lazy(
        "We are not sure of anything about the future in this answer. Close with what you will do,"
        " or would like to do."
    ),
    "points": gettext_lazy(
        "We did not hear an answer to a part of the question. Say one sentence for each thing it"
        " asks."
    ),
    "questions": gettext_lazy(
        "This question wants you to ask, and we heard fewer than three questions. Ask three or"
        " four, each about another thing."
    ),
    "links": gettext_lazy(
        "We heard one kind of linking word at most. Join your sentences: because, but, so, when,"
        " for example."
    ),
    "repeats": gettext_lazy(
        "The same words come again and again. Say the thing in another way the second time."
    ),
    "correction": gettext_lazy("Say this sentence again, the other way. It is below, with play."),
}


@dataclass(frozen=True)
class Advice:
    """One thing to do next; `quote` is what it is about, in the person's own words."""

    text: str
    is_again: bool = False  # said of an answer of the last days already
    quote: str = ""
    at: str = ""  # seconds at which the quotation begins, empty without one
    until: str = ""


def advice_of(rows: Sequence[MeasureRow], facts: Mapping[str, Any]) -> Advice:
    """Return the advice that the judge's facts name, or else what the figures show.

    A key that has no text here is passed over.
    """
    chosen = facts.get("advice") or {}
    text = ADVICE.get(chosen.get("key", ""))
    if text is None:
        return Advice(str(ADVICE[advice_for(rows)]))
    quote = chosen.get("quote") or {}
    return Advice(
        text=str(text),
        is_again=bool(chosen.get("is_again")),
        quote=str(quote.get("quote", "")),
        at=f"{quote['at']:.2f}" if quote else "",
        until=f"{quote['until']:.2f}" if quote else "",
    )
