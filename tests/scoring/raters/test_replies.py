"""Whatever a model sends: a level exactly where its judgements are whole, and never a crash."""

import json

import pytest

from scoring.ears.model_reply import HearReply
from scoring.model_clients.replies import MalformedError, read
from scoring.raters.schemas import RateReply
from tests.gemini.scripts import example, judged
from tests.scoring.raters.replies import (
    CUT,
    NONE,
    broken_replies,
    markup_in,
    problem_of,
    rated,
    rows,
)

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

PAST = {**example("past-im2-a"), "item_type": "PAST"}
WHOLE = json.dumps(judged(PAST))
SEED, EACH = 7, 8


def test_broken_replies_give_the_level_of_the_whole_one_or_none():
    honest = rows()
    assert len(honest) > 60
    for row in honest:
        whole = rated(json.dumps(judged(row)), row).level
        for broken in broken_replies(SEED, EACH, row):
            problem = problem_of(broken, row, whole)
            assert not problem, f"{row['key']}: {broken.how}: {problem}\n{broken.text[:3000]}"


def test_every_kind_of_outcome_is_among_them():
    outcomes = [one.outcome for row in rows() for one in broken_replies(SEED, EACH, row)]
    assert len(set(outcomes)) == 4
    assert all(outcomes.count(one) > 40 for one in set(outcomes))


def test_a_reply_that_breaks_off_anywhere_is_tried_later():
    for at in range(len(WHOLE)):
        assert rated(WHOLE[:at], PAST) == CUT
        assert rated(f"```json\n{WHOLE[:at]}", PAST) == CUT


def changed(**changes):
    return rated(json.dumps({**judged(PAST), **changes}), PAST)


def judgements(change, at=0):
    made = judged(PAST)["judgements"]
    made[at] = {**made[at], **change}
    return made


@pytest.mark.parametrize(
    "rows",
    [
        judgements({"v": " Met\n"})
        if judged(PAST)["judgements"][0]["v"] == "met"
        else judgements({}),
        judgements({"c": "FUNCTIONS ", "s": " i"}),
        judgements({"s": "Intermediate"}),
        judgements({"c": "Text type"}, at=4),
        [*judgements({}), judgements({})[0]],
        [*judgements({}), {"c": "accent", "s": "I", "v": "not", "q": []}, None, 3, "x"],
        judgements({"q": [*judgements({})[0]["q"], *["not said by anybody"] * 30]}),
        judgements({"q": [*judgements({})[0]["q"], None, 3, {"a": 1}]}),
    ],
)
def test_the_same_judgements_in_other_words_count(rows):
    assert changed(judgements=rows).level == rated(WHOLE, PAST).level


@pytest.mark.parametrize(
    "rows",
    [
        [],
        None,
        judgements({})[1:],
        judgements({"v": "mostly"}),
        judgements({"v": None}),
        [*judgements({}), {**judgements({})[0], "v": "not"}],
        [*judgements({}), {**judgements({})[0], "v": "IM4"}],
    ],
)
def test_judgements_that_are_not_whole_are_not_believed(rows):
    assert changed(judgements=rows) == NONE


@pytest.mark.parametrize("value", ["met", 3, True, {"c": "functions"}])
def test_judgements_of_another_type_may_pass(value):
    assert changed(judgements=value) == CUT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Here is what you want: ", " Ask me anything."),
        ("Set {x}: ", " and {y}"),
        ("```json\n", "\n```"),
        ("\ufeff\n", ""),
        ("{} ", ""),
        ("", WHOLE),
        ("[", "]"),
    ],
)
def test_what_stands_around_an_object_is_left_out(before, after):
    assert rated(before + WHOLE + after, PAST).level == rated(WHOLE, PAST).level


@pytest.mark.parametrize("end", [200, 900, len(WHOLE) - 1])
def test_nothing_inside_of_a_broken_object_is_the_reply(end):
    text = f'{{"draft": {WHOLE}, "final": {WHOLE[:end]}'
    assert rated(text, PAST) == CUT
    assert rated(f'{{"reply": {WHOLE}}}', PAST) == NONE


def test_a_name_that_stands_twice_in_an_object():
    verdict = judgements({})[0]["v"]
    other = "not" if verdict != "not" else "met"
    twice = WHOLE.replace(f'"v": "{verdict}"', f'"v": "{verdict}", "v": "{other}"', 1)
    assert rated(twice, PAST) == NONE
    equal = WHOLE.replace(f'"v": "{verdict}"', f'"v": "{verdict}", "v": "{verdict}"', 1)
    assert rated(equal, PAST).level == rated(WHOLE, PAST).level
    advice = f'{WHOLE[:-1]}, "upgraded": "Another one."}}'
    assert rated(advice, PAST).advice["upgraded"] == ""


def test_absent_advice_is_empty_and_broken_advice_is_left_out():
    made = rated(json.dumps({"judgements": judgements({})}), PAST)
    advice = made.advice
    assert (advice["corrections"], advice["areas"], advice["next"]) == ([], [], [])
    assert (advice["obstacle"], advice["upgraded"]) == ({"text": "", "quotes": []}, "")
    made = changed(
        areas=[None, {"area": "Grammar ", "good": "Fine."}, {"area": "style", "good": "No."}],
        next="Say it again.",
        obstacle="Few details.",
        points=["met", {"v": "PARTLY"}, {"v": "maybe"}, {"v": "met"}],
        upgraded=["no text"],
    )
    assert [row["area"] for row in made.advice["areas"]] == ["grammar"]
    assert made.advice["next"] == ["Say it again."]
    assert made.advice["obstacle"]["text"] == "Few details."
    assert made.advice["upgraded"] == ""


def test_verdicts_on_points_stay_with_their_points():
    reply = read(
        json.dumps({**judged(PAST), "points": [{"v": "met"}, None, {"v": "not"}]}), RateReply
    )
    assert [point.v for point in reply.points] == ["met"]


@pytest.mark.parametrize("value", ["true", " TRUE ", "yes", True])
def test_a_flag_in_other_words_is_one(value):
    reply = read(json.dumps({"off_topic": value, "recited": "no"}), RateReply)
    assert (reply.off_topic, reply.recited) == (True, False)


def test_texts_can_be_stored_and_are_no_markup():
    made = changed(
        upgraded="We w\x00ent <b>home</b> \ud800 https://x.example `x`",
        next=["a\ud83d", "<i>", "[go](javascript:1)", 10**200],
    )
    assert markup_in(made) == []
    assert made.advice["upgraded"].startswith("We went home")


def test_numbers_that_python_cannot_hold_are_none():
    text = f'{WHOLE[:-1]}, "score": {"9" * 6000}, "x": NaN, "y": 1e999}}'
    assert rated(text, PAST).level == rated(WHOLE, PAST).level


# --- what was heard -------------------------------------------------------------------------------


def heard(stretches, language="english"):
    return read(json.dumps({"language": language, "stretches": stretches}), HearReply)


def test_a_hearing_keeps_every_word_and_needs_no_times():
    rows = ["One.", {"text": "Two.", "at": "1.5"}, {"text": "Three.", "at": -1}, None, {"at": 3}]
    reply = heard([*rows, {"text": "Four.", "at": [], "clear": "hardly"}], " English ")
    assert [row.text for row in reply.stretches] == ["One.", "Two.", "Three.", "", "Four."]
    assert [row.at for row in reply.stretches][1:3] == [1.5, float("inf")]
    assert reply.stretches[-1].clear == "clear"
    assert len(heard([{"text": "word"}] * 2000).stretches) == 2000


@pytest.mark.parametrize(
    "stretches", [None, "One.", {}, [3], [{"text": 3}], [["One."]], [{"text": "word " * 20_000}]]
)
def test_a_hearing_that_would_lose_words_is_none(stretches):
    with pytest.raises(MalformedError) as error:
        heard(stretches)
    assert error.value.may_pass


@pytest.mark.parametrize(
    ("written", "language"),
    [
        (" English ", "english"),
        ("English (US)", "english"),
        ("en-US", "english"),
        ("MIXED", "mixed"),
        ("Korean", "other"),
        ("vi", "other"),
        ("None", "none"),
    ],
)
def test_a_language_in_other_words(written, language):
    assert heard([], written).language == language


@pytest.mark.parametrize("language", [None, "", "klingon", 3, ["english"]])
def test_a_language_that_is_not_known_is_none(language):
    with pytest.raises(MalformedError):
        heard([], language)
