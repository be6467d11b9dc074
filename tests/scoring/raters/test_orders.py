"""Orders to the rater, spoken or typed: the level never rises, whatever a model does with them."""

import json
from itertools import cycle

import pytest

from scoring.ears.base import Heard
from scoring.raters import evidence, validation
from scoring.raters.schemas import RateReply
from tests.gemini.scripts import hears, judged, obeys, rates
from tests.scoring.gemini_case import GeminiCase
from tests.scoring.raters.orders import (
    ATTACKS,
    BASES,
    PLACES,
    STYLES,
    by_hand,
    composed,
    cut_in_pieces,
    example,
    honest,
    job_of,
    level_of,
    obeying,
    ordinary,
    placed,
    readable,
    understands,
)

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover
HONEST = {row["key"]: level_of(row, row["transcript"], judged(row)) for row in BASES}
SETS = {
    "attacks": ATTACKS,
    "by hand, open": by_hand("open")[::2],
    "by hand, held out": by_hand("held_out"),
    "by hand, second": by_hand("second"),
    "composed, open": composed(300, "open"),
    "composed, held out": composed(300, "held_out"),
}


def test_there_are_enough_of_every_kind():
    written = [*ATTACKS, *by_hand("open"), *by_hand("held_out")]
    assert len(written) >= 100
    assert {order["language"] for order in written} == {"en", "ko", "vi", "mixed"}
    assert len({order["kind"] for order in written}) >= 15
    assert 3 * len(by_hand("held_out")) >= len(by_hand("held_out")) + 98


def cases(orders):
    """Each order with a base answer and a place, in turn: all pairs come up."""
    for order, row, place in zip(orders, cycle(BASES), cycle(PLACES + PLACES[:1]), strict=False):
        yield order, row, placed(row["transcript"], order["text"], place)


@pytest.mark.parametrize("name", SETS)
def test_the_level_never_rises_with_a_model_that_obeys_what_it_reads(name):
    """It obeys in every style: with the order named, or denied."""
    raised = []
    for order, row, spoken in cases(SETS[name]):
        text = readable(row, spoken)
        if not understands(order, text):
            level = level_of(row, spoken, honest(row, text))
            assert level is None or level <= HONEST[row["key"]], (order["text"], row["key"])
            continue
        named = [order["text"], *honest(row, text)["orders"]]
        for style in STYLES:
            for orders in (named, []):
                level = level_of(row, spoken, obeying(row, order, style, orders))
                if level is not None and level > HONEST[row["key"]]:
                    raised.append((order.get("key", order["text"]), style))
    assert not raised, (len(raised), raised[:10])


@pytest.mark.parametrize("name", SETS)
def test_nobody_who_gives_orders_met_everything(name):
    """Also where a model obeys what it was not even shown."""
    for order, row, spoken in cases(SETS[name]):
        parsed = evidence.parse_transcript(spoken, job_of(row).asked)
        if not parsed.cuts:
            continue
        marks = [evidence.mark_of_cut(at) for at, _cut in enumerate(parsed.cuts, 1)]
        for style in STYLES:
            assert level_of(row, spoken, obeying(row, order, style, [])) is None
            if style != "half obeyed":
                assert level_of(row, spoken, obeying(row, order, style, marks)) is None


@pytest.mark.parametrize("name", SETS)
def test_a_model_that_ignores_it_mostly_leaves_the_level_as_it_was(name):
    levels = [
        level_of(row, spoken, honest(row, readable(row, spoken))) == HONEST[row["key"]]
        for _order, row, spoken in cases(SETS[name])
    ]
    assert sum(levels) >= 0.9 * len(levels)


@pytest.mark.parametrize("split", ["open", "held_out", "second", "unseen"])
def test_words_of_grading_in_their_everyday_sense_are_no_order(split):
    texts = ordinary(split)
    flagged = [text for text in texts if evidence.parse_transcript(text).has_orders]
    assert len(flagged) <= 0.06 * len(texts), flagged


def test_model_text_is_data():
    row = BASES[1]
    reply = judged(row)
    reply["obstacle"]["text"] = '<a href="https://x.example">click</a> now `x` <script>1</script>'
    reply["next"] = ["[go](javascript:alert(1))", "www.x.example", "Say it again."]
    made = validation.feedback_from(
        RateReply.model_validate(reply), job_of(row), Heard(row["transcript"])
    )
    text = json.dumps(made.advice)
    for piece in ("<", ">", "http", "www.", "`", "](", "[go"):
        assert piece not in text.replace(json.dumps(row["transcript"]), ""), piece


class WholeWayTests(GeminiCase):
    """A few of them over the wire and through the worker."""

    ROW = example("past-il-a")

    def test_the_call_that_judges_never_reads_an_order(self):
        for attack in ATTACKS[:4]:
            self.fake.hear = hears(f"{self.ROW['transcript']} {attack['text']}")
            self.fake.rate = rates(self.ROW, orders=["[[1]]", "[[2]]"])
            self.rated()
            read = self.fake.of_kind("rate")[-1].texts[-1]
            assert "[[1]]" in read
            assert not understands(attack, read)

    def test_obeyed_orders_end_at_a_person(self):
        for attack in ATTACKS[:4]:
            self.fake.hear = hears(f"{self.ROW['transcript']} {attack['text']}")
            self.fake.rate = obeys(self.ROW, cut_in_pieces(attack["text"]))
            response = self.rated()
            assert response.status == "measured"
            assert response.needs_person
            assert response.shown_rating.level is None

    def test_ignored_orders_are_shown(self):
        self.fake.hear = hears(f"{self.ROW['transcript']} {ATTACKS[0]['text']}")
        self.fake.rate = rates(self.ROW, orders=["[[1]]"])
        rating = self.rated().shown_rating
        assert rating.advice["has_orders"]
        assert rating.level is not None


@pytest.mark.parametrize(
    "text",
    [
        "I would judge it by the price and then I choose.",
        "Please rate the hotel, they asked me, and I gave five stars.",
        "I had to write a long report about our work and the scores of my team.",
        "I w w w w w want to go home.",
        "My teacher gave me a good grade and I was happy.",
        "We use an AI assistant at work, it is a new system.",
    ],
)
def test_plain_speech_is_no_order(text):
    assert not evidence.parse_transcript(text).has_orders


@pytest.mark.parametrize("row", BASES, ids=lambda row: row["key"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"Um, uh, {text} You know, uh.",
        lambda text: text.replace(".", " ,").upper(),
        lambda text: text.replace("'", "’"),
        lambda text: text.replace(" ", "  "),
    ],
    ids=["fillers", "case and stops", "apostrophes", "blanks"],
)
def test_how_a_transcript_is_written_changes_nothing(row, change):
    assert level_of(row, change(row["transcript"]), judged(row)) == HONEST[row["key"]]
