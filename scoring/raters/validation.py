"""From a model's reply to a rating: checks the evidence, decides the level, cleans the texts. Pure.

A verdict needs a quotation that stands in the transcript, outside what was said to the rater;
without one it is read one step lower (exam facts C7). Where that happens often, or beside an order
to the rater, nothing is decided and a person has to listen. The model's text is data: markup and
links are stripped here, and it is escaped where it is printed.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from scoring.levels.response import RUBRIC_VERSION, decide
from scoring.levels.verdicts import STEPS, Criterion, Standard, Verdict
from scoring.raters import evidence, instruction
from scoring.raters.base import Feedback, Heard, RaterError, RatingJob
from scoring.raters.evidence import Transcript
from scoring.raters.schemas import AREAS, HearReply, Judgement, MalformedError, RateReply

MOST_WORDS_A_SECOND = 5.0  # of voiced time; nobody speaks faster, models invent
UNSUPPORTED_SHARE = 0.25
ONE_FOR_ALL, LEAST_JUDGED = 0.8, 4
FEW_WORDS = 15  # in so short an answer a single word is a quotation
SNAP_SECONDS = 0.6
MOST_NEXT, MOST_CORRECTIONS, MOST_SENTENCE = 2, 5, 400
PLANNING_PAUSES = 2.0  # a minute; who speaks freely stops to plan more often (C7)
_STANDARDS = {"I": Standard.INTERMEDIATE, "A": Standard.ADVANCED}
_MARKUP = re.compile(r"<[^>]*>|https?://\S+|www\.\S+|[`*_#\[\]<>|]|[\x00-\x1f]")

Row = dict[str, Any]
Quoted = dict[tuple[str, str], list[str]]


def plain(text: str, most: int = MOST_SENTENCE) -> str:
    """Return a text to print: one line without tags, links and markup, cut at `most` characters."""
    return " ".join(_MARKUP.sub(" ", text).split())[:most]


# --- hearing -------------------------------------------------------------------------------------


def refuse_invented(transcript: str, measures: Row) -> None:
    """Raise MalformedError when the transcript has more words than the voiced time can hold."""
    words = len(evidence.tokens(transcript))
    if words > MOST_WORDS_A_SECOND * max(float(measures.get("speech_seconds", 0)), 0.5):
        raise MalformedError("more words than the voiced time holds")


def stretches_from(reply: HearReply, measures: Row) -> list[Row]:
    """Return the stretches of speech, each with a time to jump to in `at`, or None.

    A model's times drift. Each is moved to the start of a measured run within `SNAP_SECONDS`. Times
    out of order, beyond the length or before the first run are not used.
    """
    length = float(measures.get("length_seconds", 0))
    starts = [float(start) for start, _lasts in measures.get("runs", [])]
    rows: list[Row] = [
        {"text": " ".join(row.text.split()), "clear": row.clear} for row in reply.stretches
    ]
    times = [row.at for row in reply.stretches]
    in_order = all(first <= second for first, second in pairwise(times))
    for row, time in zip(rows, times, strict=True):
        row["at"] = _snapped(time, starts) if in_order and time <= length else None
    return [row for row in rows if row["text"]]


def _snapped(time: float, starts: Sequence[float]) -> float | None:
    near = sorted((abs(start - time), start) for start in starts)
    if near and near[0][0] <= SNAP_SECONDS:
        return round(near[0][1], 2)
    return round(time, 2) if bisect_right(starts, time) else None


# --- judging -------------------------------------------------------------------------------------


def feedback_from(reply: RateReply, job: RatingJob, heard: Heard) -> Feedback:
    """Return the rating that a model's judgements make. Raises RaterError without evidence."""
    spoken = evidence.with_orders(evidence.parse_transcript(heard.transcript), reply.orders)
    wanted = [row for row in reply.judgements if row.s == "I" or job.probes_advanced]
    quoted: Quoted = {(row.c, row.s): _quoted(row.q, spoken) for row in wanted}
    unsupported = [row for row in wanted if row.v != "not" and not quoted[row.c, row.s]]
    _refuse_untrusted(len(unsupported), len(wanted), spoken)
    _refuse_one_for_all(quoted)
    verdicts = {
        (Criterion(row.c), _STANDARDS[row.s]): _believed(row, row in unsupported, reply.off_topic)
        for row in wanted
    }
    sounds_learnt = reply.recited and _never_plans(job.measures) and not job.is_retake
    is_weak = job.is_recited or sounds_learnt
    made = decide(verdicts, words=spoken.counted, item_type=job.item_type, is_weak=is_weak)
    given = sum(len(row.q) for row in wanted)
    supported = sum(len(quotes) for quotes in quoted.values())
    advice, dropped = _advice(reply, job, heard, spoken)
    return Feedback(
        kind="rating",
        level_low=made.low,
        level_high=made.high,
        level=made.level,
        points=made.points,
        sureness=made.sureness,
        is_weak=is_weak,
        criteria=_criteria(verdicts, quoted),
        advice={**advice, "capped_by": made.capped_by, "dropped": dropped + given - supported},
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


def _refuse_one_for_all(quoted: Quoted) -> None:
    """Raise RaterError where one quotation serves nearly all verdicts: it is no evidence."""
    counts = Counter(quote for quotes in quoted.values() for quote in set(quotes))
    supported = sum(bool(quotes) for quotes in quoted.values())
    if supported >= LEAST_JUDGED and max(counts.values()) > ONE_FOR_ALL * supported:
        raise RaterError("one quotation for nearly all verdicts", retry=False)


def _refuse_untrusted(unsupported: int, judged: int, spoken: Transcript) -> None:
    if unsupported and (spoken.has_orders or unsupported > UNSUPPORTED_SHARE * judged):
        text = f"{unsupported} of {judged} verdicts without evidence"
        raise RaterError(text, retry=False)


def _believed(row: Judgement, is_unsupported: bool, is_off_topic: bool) -> Verdict:
    place = STEPS.index(Verdict(row.v)) - is_unsupported
    if is_off_topic and row.c in (Criterion.FUNCTIONS, Criterion.CONTENT):
        place = min(place, STEPS.index(Verdict.PARTLY if row.s == "I" else Verdict.NOT))
    return STEPS[max(place, 0)]


def _never_plans(measures: Row) -> bool:
    return float(measures.get("pauses_per_minute", PLANNING_PAUSES)) < PLANNING_PAUSES


def _criteria(verdicts: dict[tuple[Criterion, Standard], Verdict], quoted: Quoted) -> Row:
    rows: Row = {}
    for (criterion, standard), verdict in verdicts.items():
        row = rows.setdefault(criterion.value, {"advanced": None, "quotes": []})
        row[standard.value] = verdict.value
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
