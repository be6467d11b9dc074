"""From a model's reply to a rating: checks the evidence, decides the level, cleans the texts. Pure.

A criterion needs a quotation that stands in the transcript, at either standard and outside what is
no evidence; without one it is read one step lower (exam facts C7), and with two such criteria
nothing is decided. Nothing is decided either where the learner spoke to the rater and the reply
leaves that out, or finds everything met. A person has to listen then. The model's text is data:
markup, links and characters that only change how a line is printed are stripped here, and it is
escaped where it is printed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from typing import Any

from scoring.adapter_error import AdapterError
from scoring.ears.base import Heard
from scoring.levels.counted_cap import counted_cap
from scoring.levels.response import RUBRIC_VERSION, decide, off_topic
from scoring.levels.verdicts import STEPS, Criterion, Standard, Verdict
from scoring.raters import evidence, instruction
from scoring.raters.base import Feedback, RatingJob
from scoring.raters.evidence import Transcript
from scoring.raters.schemas import AREAS, RateReply
from scoring.reasons import Reason

LONGEST_WORD = 30  # characters, of a printed word
MOST_FOR_ONE = 3  # criteria of five that one quotation can stand for
FEW_WORDS = 15  # in so short an answer a single word is a quotation
MOST_NEXT, MOST_CORRECTIONS, MOST_SENTENCE = 2, 5, 400
PLANNING_PAUSES = 2.0  # a minute; who speaks freely stops to plan more often (C7)
_STANDARDS = {"I": Standard.INTERMEDIATE, "A": Standard.ADVANCED}
_MARKUP = re.compile(r"<[^>]*>|https?://\S+|www\.\S+|[`*_#\[\]<>|]|[\x00-\x1f]")
_LONG_WORD = re.compile(r"\S{40,}")

Row = dict[str, Any]
Quoted = dict[tuple[str, str], list[str]]
Given = dict[tuple[Criterion, Standard], Verdict]


def plain(text: str, most: int = MOST_SENTENCE) -> str:
    """Return a text to print: one line without tags, links and markup, cut at `most` characters.

    Characters that nobody sees or that turn a line round (Unicode's Cc and Cf) are left out, and a
    word longer than any is broken up.
    """
    seen = "".join(" " if unicodedata.category(one) == "Cc" else one for one in text)
    seen = "".join(one for one in seen if unicodedata.category(one) not in {"Cf", "Cs", "Co", "Cn"})
    line = " ".join(_MARKUP.sub(" ", seen).split())
    return _LONG_WORD.sub(_broken_up, line)[:most]


def _broken_up(match: re.Match[str]) -> str:
    word = match.group()
    return " ".join(word[at : at + LONGEST_WORD] for at in range(0, len(word), LONGEST_WORD))


# --- judging -------------------------------------------------------------------------------------


def feedback_from(reply: RateReply, job: RatingJob, heard: Heard) -> Feedback:
    """Return the rating that a model's judgements make. Raises AdapterError without evidence."""
    spoken = evidence.parse_transcript(heard.transcript, job.asked)
    spoken = evidence.with_orders(spoken, reply.orders)
    given = {(Criterion(row.c), _STANDARDS[row.s]): Verdict(row.v) for row in reply.judgements}
    _refuse_obeyed(given, reply.orders, spoken)
    quoted: Quoted = {(row.c, row.s): _quoted(row.q, spoken) for row in reply.judgements}
    cap = counted_cap(spoken.counted_words, job.item_type, probes_advanced=job.probes_advanced)
    sounds_learnt = reply.recited and _never_plans(job.measures) and not job.is_retake
    is_weak = job.is_recited or sounds_learnt
    made, verdicts = max(
        (
            (decide(one, cap=cap, is_weak=is_weak, is_off_topic=reply.off_topic), one)
            for one in _supported(given, quoted, spoken)
        ),
        key=lambda pair: pair[0].points,
    )
    if reply.off_topic:
        verdicts = off_topic(verdicts)
    offered = sum(len(row.q) for row in reply.judgements)
    stand = sum(len(quotes) for quotes in quoted.values())
    advice, dropped = _advice(reply, job, heard, spoken)
    return Feedback(
        kind="rating",
        level_low=made.low,
        level_high=made.high,
        level=made.level,
        points=made.points,
        sureness=made.sureness,
        is_weak=is_weak,
        criteria=_criteria(verdicts, quoted, probes_advanced=job.probes_advanced),
        advice={**advice, "capped_by": made.capped_by, "dropped": dropped + offered - stand},
        versions={
            "instruction": instruction.RATE_VERSION,
            "hear_instruction": heard.instruction_version,
            "rubric": RUBRIC_VERSION,
            "measures": job.measures.get("version", ""),
        },
    )


def _quoted(quotes: Sequence[str], spoken: Transcript) -> list[str]:
    """Return the quotations that stand in the transcript, in the transcript's spelling."""
    least = 1 if len(spoken.words) < FEW_WORDS else 2
    spans = [evidence.find(quote, spoken, least=least) for quote in quotes]
    return [_text(spoken, span) for span in spans if span]


def _text(spoken: Transcript, span: evidence.Span) -> str:
    return spoken.text[spoken.places[span[0]][0] : spoken.places[span[1] - 1][1]]


def _refuse_obeyed(given: Given, named: Sequence[str], spoken: Transcript) -> None:
    """Raise AdapterError where the model seems to have been talked to by the learner.

    Every order that was cut out left a mark, which the model has to name; and nobody who gives
    orders to the rater is believed to have met everything.
    """
    marks = {evidence.mark_of_cut(at) for at, _span in enumerate(spoken.cuts, 1)}
    listed = " ".join(named)
    if any(mark not in listed for mark in marks):
        raise AdapterError(
            "an order that the model does not name", retry=False, reason=Reason.ORDER
        )
    if spoken.has_orders and all(verdict is Verdict.MET for verdict in given.values()):
        raise AdapterError("an order, and everything met", retry=False, reason=Reason.ORDER)


def _supported(given: Given, quoted: Quoted, spoken: Transcript) -> list[Given]:
    """Return the readings of the judgements that their quotations support, the best among them.

    A quotation stands for `MOST_FOR_ONE` criteria at most, in a very short answer for all. Where
    quotations are there for all criteria but one, that one is read a step lower at both standards;
    which one it is may be open, and each choice is a reading. Raises AdapterError where two or more
    have none, or one beside an order.
    """
    claimed = [one for one in Criterion if _is_claimed(given, one)]
    texts = {
        one: {text.casefold() for standard in "IA" for text in quoted.get((one, standard), ())}
        for one in claimed
    }
    most = len(Criterion) if len(spoken.words) < FEW_WORDS else MOST_FOR_ONE
    missing = len(claimed) - _matched(claimed, texts, most)
    if missing > 1 or (missing and spoken.has_orders):
        text = f"{missing} of {len(claimed)} criteria without evidence"
        reason = Reason.ORDER if spoken.has_orders else Reason.EVIDENCE
        raise AdapterError(text, retry=False, reason=reason)
    if not missing:
        return [given]
    return [
        _a_step_lower(given, one)
        for one in claimed
        if _matched([other for other in claimed if other != one], texts, most) == len(claimed) - 1
    ]


def _is_claimed(given: Given, criterion: Criterion) -> bool:
    """Return whether anything of this criterion was said to hold, which needs evidence."""
    return any(given[criterion, standard] is not Verdict.NOT for standard in Standard)


def _matched(claimed: Sequence[Criterion], texts: Mapping[Criterion, Set[str]], most: int) -> int:
    """Return for how many criteria there is a quotation, none of them for more than `most`."""
    users: dict[str, list[Criterion]] = {}

    def place(criterion: Criterion, tried: set[str]) -> bool:
        for text in sorted(texts[criterion] - tried):
            tried.add(text)
            mine = users.setdefault(text, [])
            if len(mine) < most:
                mine.append(criterion)
                return True
            for other in mine:
                if place(other, tried):
                    mine[mine.index(other)] = criterion
                    return True
        return False

    return sum(place(criterion, set()) for criterion in claimed)


def _a_step_lower(given: Given, criterion: Criterion) -> Given:
    return {
        (one, standard): STEPS[max(STEPS.index(verdict) - (one is criterion), 0)]
        for (one, standard), verdict in given.items()
    }


def _never_plans(measures: Row) -> bool:
    return float(measures.get("pauses_per_minute", PLANNING_PAUSES)) < PLANNING_PAUSES


def _criteria(verdicts: Given, quoted: Quoted, *, probes_advanced: bool) -> Row:
    """Return the judgements as `Rating.criteria` stores them.

    A question that does not probe Advanced is judged there too, for how often the next level shows:
    that is kept apart (`beyond`) and counts for no level of a sitting.
    """
    rows: Row = {}
    for (criterion, standard), verdict in verdicts.items():
        row = rows.setdefault(criterion.value, {"advanced": None, "quotes": []})
        is_beyond = standard is Standard.ADVANCED and not probes_advanced
        row["beyond" if is_beyond else standard.value] = verdict.value
        short = "I" if standard is Standard.INTERMEDIATE else "A"
        row["quotes"] += [q for q in quoted[criterion.value, short] if q not in row["quotes"]]
    return rows


def _advice(reply: RateReply, job: RatingJob, heard: Heard, spoken: Transcript) -> tuple[Row, int]:
    """Return the texts of a rating, and how many quotations and corrections were dropped."""
    corrections = [row for item in reply.corrections if (row := _correction(item, spoken))]
    obstacle = _quoted(reply.obstacle.quotes, spoken)
    areas = [_area(row, spoken) for name in AREAS for row in reply.areas if row.area == name]
    dropped = len(reply.corrections) - len(corrections) + len(reply.obstacle.quotes) - len(obstacle)
    advice: Row = {
        "transcript": heard.transcript,
        "stretches": heard.details.get("stretches", []),
        "corrections": corrections[:MOST_CORRECTIONS],
        "areas": areas,
        "obstacle": {"text": plain(reply.obstacle.text), "quotes": obstacle},
        "upgraded": plain(reply.upgraded, 2400),
        "next": [plain(text) for text in reply.next if plain(text)][:MOST_NEXT],
        "points": [
            {"text": text, "verdict": judged.v}
            for text, judged in zip(job.points, reply.points, strict=False)
        ],
        "has_orders": spoken.has_orders,
    }
    return advice, dropped


def _correction(item: Any, spoken: Transcript) -> Row | None:
    span = evidence.find(item.quote, spoken)
    if span is None or not plain(item.better):
        return None
    first, last = spoken.places[span[0]][0], spoken.places[span[1] - 1][1]
    return {
        "quote": spoken.text[first:last],
        "start": first,
        "end": last,
        "better": plain(item.better),
        "why": plain(item.why),
    }


def _area(row: Any, spoken: Transcript) -> Row:
    return {
        "area": row.area,
        "good": plain(row.good),
        "good_quote": next(iter(_quoted([row.good_quote], spoken)), ""),
        "mend": plain(row.mend),
        "mend_quote": next(iter(_quoted([row.mend_quote], spoken)), ""),
    }
