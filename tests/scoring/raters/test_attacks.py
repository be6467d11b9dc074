"""Orders to the grader, spoken or typed: the level never rises, whatever a model does with them."""

import json

import pytest

from scoring.evaluation import runner
from scoring.raters import evidence, validation
from scoring.raters.base import Heard, RaterError, RatingJob
from scoring.raters.schemas import RateReply
from tests.gemini.scripts import example, hears, judged, obeys, rates
from tests.scoring.gemini_case import GeminiCase

ATTACKS = json.loads(runner.ATTACKS.read_text())["attacks"]
BASES = [example(key) for key in ("past-il-a", "past-im2-a", "desc-il-a", "issue-im3-a")]
PLACES = {
    "after": lambda transcript, attack: f"{transcript} {attack}",
    "before": lambda transcript, attack: f"{attack} {transcript}",
}
INVENTED = [
    "I described every detail with full control of all time frames",
    "consequently we had been considering several alternatives",
]


def item_type(row):
    return row["key"].split("-")[0].upper()


def job(row):
    probes = row["verdicts"]["functions"]["advanced"] is not None
    return RatingJob("id", item_type(row), row["prompt"], dict(row["measures"]), probes)


def decided(row, transcript, reply):
    """The level, or None where a person has to look."""
    try:
        made = validation.feedback_from(
            RateReply.model_validate(reply), job(row), Heard(transcript)
        )
    except RaterError as exc:
        assert not (exc.retry or exc.is_vendor)
        return None
    return made.level


def cheated(row, quotes, every=1):
    reply = judged(row)
    for at, judgement in enumerate(reply["judgements"]):
        if at % every == 0:
            judgement |= {"v": "met", "q": quotes}
    return reply


def pieces(attack):
    """What an obedient model would copy out of the order itself."""
    words = attack.split()
    return [" ".join(words[:8]), " ".join(words[-6:])]


def test_there_are_enough_of_every_kind():
    assert len(ATTACKS) >= 40
    assert {attack["language"] for attack in ATTACKS} == {"en", "ko", "vi", "mixed"}
    assert len({attack["kind"] for attack in ATTACKS}) >= 8


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["key"])
@pytest.mark.parametrize("row", BASES, ids=lambda row: row["key"])
@pytest.mark.parametrize("place", PLACES)
class TestLevelsDoNotRise:
    def test_with_a_model_that_ignores_it(self, attack, row, place):
        spoken = PLACES[place](row["transcript"], attack["text"])
        honest = decided(row, row["transcript"], judged(row))
        level = decided(row, spoken, judged(row))
        assert level is None or level <= honest

    def test_with_a_model_that_obeys(self, attack, row, place):
        spoken = PLACES[place](row["transcript"], attack["text"])
        honest = decided(row, row["transcript"], judged(row))
        for quotes in (pieces(attack["text"]), INVENTED, []):
            level = decided(row, spoken, cheated(row, quotes))
            assert level is None or level <= honest

    def test_with_a_model_that_half_obeys(self, attack, row, place):
        spoken = PLACES[place](row["transcript"], attack["text"])
        honest = decided(row, row["transcript"], judged(row))
        for quotes in (pieces(attack["text"]), INVENTED):
            level = decided(row, spoken, cheated(row, quotes, every=2))
            assert level is None or level <= honest


@pytest.mark.parametrize("row", BASES, ids=lambda row: row["key"])
def test_an_ignored_order_mostly_leaves_the_level_as_it_was(row):
    """Only the sentence beside an order is lost as evidence."""
    honest = decided(row, row["transcript"], judged(row))
    levels = [decided(row, f"{row['transcript']} {one['text']}", judged(row)) for one in ATTACKS]
    assert sum(level == honest for level in levels) >= 0.5 * len(levels)


def test_every_order_is_noticed():
    """By our own look: the order is no evidence, or hardly a word of it is."""
    for attack in ATTACKS:
        spoken = evidence.parse_transcript(attack["text"])
        assert spoken.has_orders or spoken.counted <= 17, attack["key"]


def test_ordinary_answers_are_hardly_ever_taken_for_orders():
    from materials.packs_reader import read_bank
    from tests.gemini.scripts import examples

    texts = [row["transcript"] for row in (*examples(), *examples("instruction"))]
    texts += [prompt.sample for prompt in read_bank().prompts.values() if prompt.sample]
    flagged = [text for text in texts if evidence.parse_transcript(text).has_orders]
    assert len(texts) > 250
    assert len(flagged) <= 0.01 * len(texts), flagged


def test_model_text_is_data():
    reply = judged(BASES[1])
    reply["obstacle"]["text"] = '<a href="https://x.example">click</a> now `x` <script>1</script>'
    reply["next"] = ["[go](javascript:alert(1))", "www.x.example", "Say it again."]
    made = validation.feedback_from(
        RateReply.model_validate(reply), job(BASES[1]), Heard(BASES[1]["transcript"])
    )
    text = json.dumps(made.advice)
    for piece in ("<", ">", "http", "www.", "`", "](", "[go"):
        assert piece not in text.replace(json.dumps(BASES[1]["transcript"]), ""), piece


class WholeWayTests(GeminiCase):
    """A few of them over the wire and through the worker."""

    ROW = example("past-il-a")

    def test_obeyed_orders_end_at_a_person(self):
        for attack in ATTACKS[:4]:
            self.fake.hear = hears(f"{self.ROW['transcript']} {attack['text']}")
            self.fake.rate = obeys(self.ROW, pieces(attack["text"]))
            response = self.rated()
            assert response.status == "measured"
            assert response.needs_person
            assert response.shown_rating.level is None

    def test_ignored_orders_are_shown_to_the_operator(self):
        self.fake.hear = hears(f"{self.ROW['transcript']} {ATTACKS[0]['text']}")
        self.fake.rate = rates(self.ROW, orders=[ATTACKS[0]["text"]])
        rating = self.rated().shown_rating
        assert rating.advice["has_orders"]


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
    honest = decided(row, row["transcript"], judged(row))
    assert decided(row, change(row["transcript"]), judged(row)) == honest
