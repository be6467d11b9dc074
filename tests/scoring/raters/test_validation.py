"""From a reply to a level: monotone in every quotation, and no slip of any kind costs more."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.adapter_error import AdapterError
from scoring.ears.base import Heard
from scoring.levels.verdicts import Criterion
from scoring.raters import validation
from scoring.raters.schemas import CRITERIA, RateReply
from tests.gemini.scripts import examples, judged
from tests.scoring.raters.orders import job_of

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover
ROWS = [row for row in (*examples(), *examples("instruction")) if row["level"] != "NM"]
LEVELS = ("not", "partly", "met")


def made(row, reply):
    """What a reply makes, or None where a person has to listen."""
    try:
        return validation.feedback_from(
            RateReply.model_validate(reply), job_of(row), Heard(row["transcript"])
        )
    except AdapterError as exc:
        assert exc.reason in ("evidence", "order")
        return None


def quote_from(row, data, least=3):
    words = row["transcript"].split()
    size = data.draw(st.integers(least, min(9, len(words))))
    at = data.draw(st.integers(0, len(words) - size))
    return " ".join(words[at : at + size])


@st.composite
def replies(draw):
    """An example and a reply: any judgements, quotations said and not said, in any mixture."""
    row = draw(st.sampled_from(ROWS))
    other = draw(st.sampled_from(ROWS))
    reply = judged(row)
    pool = [quote for one in reply["judgements"] for quote in one["q"]]
    words = other["transcript"].split()
    pool += [" ".join(words[at : at + 6]) for at in range(0, len(words) - 6, 6)][:4]
    for one in reply["judgements"]:
        one["v"] = draw(st.sampled_from(LEVELS))
        one["q"] = draw(st.lists(st.sampled_from(pool), max_size=3))
    reply["off_topic"] = draw(st.booleans())
    reply["recited"] = draw(st.booleans())
    return row, reply


def is_not_lower(after, before):
    return all(
        getattr(after, name) >= getattr(before, name)
        for name in ("level", "level_low", "level_high", "points")
    )


@settings(max_examples=300)
@given(replies(), st.data())
def test_a_quotation_that_was_said_never_lowers_or_removes_the_level(case, data):
    row, reply = case
    before = made(row, reply)
    more = copy.deepcopy(reply)
    one = data.draw(st.sampled_from(more["judgements"]))
    one["q"] = [*one["q"], quote_from(row, data)]
    after = made(row, more)
    if before is not None:
        assert after is not None
        assert is_not_lower(after, before)


@settings(max_examples=150)
@given(replies(), st.data())
def test_correcting_a_quotation_never_lowers_it(case, data):
    row, reply = case
    one = data.draw(st.sampled_from(reply["judgements"]))
    copied = quote_from(row, data)
    place = data.draw(st.integers(0, len(one["q"])))
    one["q"].insert(place, "the zebra had been considering several alternatives")
    before = made(row, reply)
    one["q"][place] = copied
    after = made(row, reply)
    if before is not None:
        assert after is not None
        assert is_not_lower(after, before)


@settings(max_examples=200)
@given(replies(), st.data())
def test_a_quotation_that_was_not_said_never_raises_it(case, data):
    row, reply = case
    before = made(row, reply)
    more = copy.deepcopy(reply)
    one = data.draw(st.sampled_from(more["judgements"]))
    one["q"] = [*one["q"], "the zebra had been considering several alternatives"]
    after = made(row, more)
    assert (after is None) == (before is None)
    if before is not None:
        assert (after.level, after.level_low, after.level_high) == (
            before.level,
            before.level_low,
            before.level_high,
        )


def slips_of(reply):
    """Every reply that differs in a single slip: a judgement one step off, a quotation miscopied.

    And the flags the other way, and an order named that was none.
    """
    for at, one in enumerate(reply["judgements"]):
        place = LEVELS.index(one["v"])
        for other in LEVELS[max(place - 1, 0) : place + 2]:
            if other != one["v"]:
                slipped = copy.deepcopy(reply)
                slipped["judgements"][at]["v"] = other
                yield slipped
        for number in range(len(one["q"])):
            slipped = copy.deepcopy(reply)
            slipped["judgements"][at]["q"][number] = "the zebra had been considering alternatives"
            yield slipped
    for flag in ("off_topic", "recited"):
        yield {**copy.deepcopy(reply), flag: not reply[flag]}


@pytest.mark.parametrize("row", ROWS[::3], ids=lambda row: row["key"])
def test_no_single_slip_of_any_kind_moves_it_by_more_than_a_level(row):
    """Enumerated over the graded examples: the level stays within one, the two ranges overlap."""
    honest = made(row, judged(row))
    for slipped in slips_of(judged(row)):
        after = made(row, slipped)
        assert after is not None
        assert abs(after.level - honest.level) <= 1
        assert after.level_low <= honest.level_high
        assert honest.level_low <= after.level_high


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_honest_quotations_support_every_honest_judgement(row):
    honest = made(row, judged(row))
    for name in CRITERIA:
        row_made = honest.criteria[name]
        stored = {row_made["intermediate"], row_made["advanced"] or row_made["beyond"]}
        given_of = row["verdicts"][name]
        assert stored == {given_of["intermediate"]["verdict"], given_of["advanced"]["verdict"]}


@pytest.mark.parametrize("row", ROWS[1::4], ids=lambda row: row["key"])
def test_the_question_said_again_changes_nothing(row):
    honest = made(row, judged(row))
    for transcript in (
        f"{row['prompt']} {row['transcript']}",
        f"{row['transcript']} {row['prompt']}",
    ):
        after = made({**row, "transcript": transcript}, judged(row))
        assert (after.level, after.level_low, after.level_high) == (
            honest.level,
            honest.level_low,
            honest.level_high,
        )


def test_one_quotation_does_not_stand_for_everything():
    row = next(row for row in ROWS if row["key"] == "past-im2-a")
    reply = judged(row)
    quote = next(one["q"][0] for one in reply["judgements"] if one["q"])
    for one in reply["judgements"]:
        one |= {"v": "met", "q": [quote]}
    assert made(row, reply) is None


def test_at_most_three_criteria_share_one():
    row = next(row for row in ROWS if row["key"] == "past-im2-a")
    reply = judged(row)
    real = sorted({quote for one in reply["judgements"] for quote in one["q"]})
    for one in reply["judgements"]:
        at = list(Criterion).index(Criterion(one["c"]))
        one["q"] = [real[0] if at < 3 else real[1]]
    assert made(row, reply).level == made(row, judged(row)).level


def test_text_that_turns_a_line_round_or_hides_is_stripped():
    dirty = "ab\u202ecd\u200b e\u2066f\u2069 \ufeffg\x07h " + "x" * 4000
    text = validation.plain(dirty, 9000)
    assert not {"\u202e", "\u200b", "\u2066", "\u2069", "\ufeff", "\x07"} & set(text)
    assert max(map(len, text.split())) < 40


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_any_text_is_plain(text):
    line = validation.plain(text)
    assert line == line.strip()
    assert not set(line) & set("<>[]`*_#|\n\r\t\x00\u202e\u200f")
    json.dumps(line).encode()
    assert max(map(len, line.split()), default=0) < 40


@pytest.mark.parametrize("level", ["NH", "IL", "IM1", "IM2", "IM3", "IH", "AL"])
def test_fairly_sure_is_said_only_where_half_of_the_slips_leave_it(level):
    for row in [row for row in ROWS if row["level"] == level][::3]:
        honest = made(row, judged(row))
        if honest.sureness == "not":
            continue
        verdicts = [
            made(row, slipped)
            for slipped in slips_of(judged(row))
            if [one["q"] for one in slipped["judgements"]]
            == [one["q"] for one in judged(row)["judgements"]]
            and slipped["off_topic"] == slipped["recited"]
        ]
        same = sum(after.level == honest.level for after in verdicts)
        assert same >= 0.5 * len(verdicts), (row["key"], Level(honest.level).name)
