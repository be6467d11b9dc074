"""From the judgements on one response to a level and a range. Pure; the model names no level.

A response is judged met, partly or not on five criteria at Intermediate and at Advanced standard.
Every step (not to partly, partly to met) moves its place on the scale of levels up by a fixed part
of a level: less than half of one, so that no single slip of a judge moves it further than to the
next level. Where a criterion is at least so far at Advanced, it is at Intermediate too, whatever
was said of it there. Conjunctive (exam facts C5) are the upper levels: with one criterion not there
at Advanced nothing above IM3 is shown, with one only in part nothing above IH. Last, `cap` (see
`scoring.levels.counted_cap`) bounds it by what was counted, not judged.

Steps and start are data, fitted on the graded examples in `scoring/graded/`, whose levels are their
author's; they are to be fitted again on answers rated by people. The minimums of a whole sitting
(`scoring.levels.rows`) are others: there fifteen answers stand against a slip, here one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

from opic.lib.levels import Level
from scoring.levels.counted_cap import Cap
from scoring.levels.verdicts import STEPS, Criterion, Judgements, Standard, Verdict

RUBRIC_VERSION = "2"
START = 1.62  # nothing held at either standard
STEP = {Standard.INTERMEDIATE: 0.38, Standard.ADVANCED: 0.36}  # of a level
# where the weakest criterion at Advanced does not hold, the place stays below these
WEAKEST_ADVANCED = {Verdict.NOT: 7.99, Verdict.PARTLY: 8.99}
# of functions and content where the question is not answered
OFF_TOPIC_MOST = {Standard.INTERMEDIATE: Verdict.PARTLY, Standard.ADVANCED: Verdict.NOT}
TOP = START + 2 * len(Criterion) * sum(STEP.values())
REACH = 0.6  # of a level, that a range extends to either side: it is two or three levels wide
IN_REACH = 0.5  # how far into its level a bounded place stays: the level below is in the range
SURE = {"quite": 0.75, "fairly": 0.5}  # share of single slips that leave the level; below: not sure


@dataclass(frozen=True)
class Decision:
    """The level of one response and how far to trust it.

    `points` is its place on the scale, from 0 (nothing held) to 100 (everything), for trends.
    """

    level: Level
    low: Level
    high: Level
    sureness: str  # quite, fairly, not
    points: int
    capped_by: str = ""  # what bounded it: see `Cap.by`


def coherent(judgements: Judgements) -> dict[tuple[Criterion, Standard], Verdict]:
    """Return the judgements with none at Intermediate below the same criterion's at Advanced."""
    read = dict(judgements)
    for criterion in Criterion:
        lower, upper = (judgements[criterion, standard] for standard in Standard)
        read[criterion, Standard.INTERMEDIATE] = max(lower, upper, key=STEPS.index)
    return read


def place_of(judgements: Judgements) -> float:
    """Return the place on the scale of levels, whose whole part is the number of a `Level`.

    Raises KeyError where a criterion is not judged at both standards.
    """
    read = coherent(judgements)
    place = START + sum(
        STEPS.index(verdict) * STEP[standard] for (_criterion, standard), verdict in read.items()
    )
    weakest = min((read[one, Standard.ADVANCED] for one in Criterion), key=STEPS.index)
    return min(place, WEAKEST_ADVANCED.get(weakest, TOP))


def off_topic(judgements: Judgements) -> dict[tuple[Criterion, Standard], Verdict]:
    """Return the judgements of a response that does not answer the question: little is done."""
    return {
        (criterion, standard): min(verdict, OFF_TOPIC_MOST[standard], key=STEPS.index)
        if criterion in (Criterion.FUNCTIONS, Criterion.CONTENT)
        else verdict
        for (criterion, standard), verdict in judgements.items()
    }


def _place(judgements: Judgements, *, is_off_topic: bool) -> float:
    """Return the place, a level lower where the question is not answered: a slip costs no more."""
    place = place_of(judgements)
    return max(place - 1, START) if is_off_topic else place


def decide(
    judgements: Judgements, *, cap: Cap, is_weak: bool = False, is_off_topic: bool = False
) -> Decision:
    """Decide the level of one response from its judgements, bounded by a cap.

    `is_weak` marks a recited response: its range reaches one level lower, and it is never called
    sure. `is_off_topic`, said beside the judgements, lowers it by a level, and it is never called
    sure. Raises KeyError where a criterion is not judged at both standards.
    """
    own = _place(judgements, is_off_topic=is_off_topic)
    place = _bounded(own, cap.level)
    low = Level(max(floor(place - REACH) - is_weak, Level.NL))
    high = Level(min(floor(place + REACH), cap.level))
    is_capped = floor(own) > cap.level
    share = 0.0 if is_weak or is_off_topic else _share_that_holds(judgements, cap.level)
    sureness = _sureness(share)
    # a bound that was counted says how little there was to judge, not how good it is
    if is_capped and sureness == "quite":
        sureness = "fairly"
    return Decision(
        level=Level(floor(place)),
        low=low,
        high=high,
        sureness=sureness,
        points=max(round(100 * (place - START) / (TOP - START)), 0),
        capped_by=cap.by if is_capped or _is_at_its_kinds_end(place, cap) else "",
    )


def _is_at_its_kinds_end(place: float, cap: Cap) -> bool:
    """Return whether it shows all that this kind of question can show."""
    return cap.by == "item" and floor(place) == cap.level < Level.AL


def _bounded(place: float, most: Level) -> float:
    return min(place, most + IN_REACH)


def slips(judgements: Judgements) -> Iterator[dict[tuple[Criterion, Standard], Verdict]]:
    """Yield the judgements with a single one read one step lower or higher, for every such slip."""
    for key, verdict in judgements.items():
        at = STEPS.index(verdict)
        for other in STEPS[max(at - 1, 0) : at + 2]:
            if other != verdict:
                yield {**judgements, key: other}


def _share_that_holds(judgements: Judgements, most: Level) -> float:
    """Return the share of single slips that leave the level where it is."""
    level = floor(_bounded(place_of(judgements), most))
    stays = [floor(_bounded(place_of(other), most)) == level for other in slips(judgements)]
    return sum(stays) / len(stays)


def _sureness(share: float) -> str:
    return next((word for word, least in SURE.items() if share >= least), "not")
