"""What an answer holds of the tasks: only what is surely there, in its own words."""

import pytest

from opic.lib.levels import Level
from scoring.levels.delivery import TYPICAL
from scoring.raters.builtin.facts import Asked, facts_of
from tests.scoring.raters.builtin.heard import graded, judge, quotes, rows_of

pytestmark = pytest.mark.own_stores

STORY = (
    "Last summer I went to the sea with my cousin. We took a small boat and we saw a big fish."
    " Then the wind came and I lost my hat. My cousin gave me his, and we ate noodles at home."
)
COMPARISON = (
    "My old town was smaller than the city, and the people talked to me. The new flat is more"
    " expensive than the old one, but it is closer to the bus. Compared to my village the street"
    " is loud, so at night I close the window."
)
THEN_NOW = (
    "I used to write letters to my friends on paper, and it took a week. I had a box of stamps."
    " But now we send messages and these days I write with my thumb only, every day and night."
)
COMPLICATION = (
    "Hello, I have a problem with the table that I bought at your shop on Monday. One leg is"
    " broken and the color is not right. Could you send me a new one, please, before Friday?"
)
DESCRIPTION = (
    "There is a big window on the left and there are two chairs next to the door. The walls are"
    " white, it is very quiet and the light is warm. In front of the bed there is a rug."
)
ROUTINE = (
    "I usually get up at six and I make coffee for my wife. Every morning I take the bus to work."
    " Sometimes I walk a part of the way. In the evening we eat and I read to my son."
)


def tasks(text, **more):
    return {name for name, rows in judge(text, **more)["tasks"].items() if rows}


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("past_story", STORY),
        ("comparison", COMPARISON),
        ("comparison", THEN_NOW),
        ("complication", COMPLICATION),
        ("description", DESCRIPTION),
        ("routine", ROUTINE),
    ],
)
def test_a_task_that_is_held_is_quoted(task, text):
    facts = judge(text)
    assert tasks(text) - {"length"} == {task}
    for quote in facts["tasks"][task]:
        assert quote["quote"] in text


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("past_story", STORY.replace("Last summer ", "")),
        ("past_story", "Last summer I walked and talked and played and cooked a lot. " * 3),
        ("comparison", "I have more than ten friends and I would rather sleep than run. " * 3),
        ("comparison", "It is bigger than my old house. " + ROUTINE),
        ("complication", "It was no problem at all, so I went home and I slept until noon. " * 2),
        ("complication", "The table is broken and I am sad about the color of the new legs. " * 2),
        ("description", "It is big and warm and very nice and really good and so quiet. " * 3),
        ("routine", "I usually got up at six and every day I took the bus last year. " * 3),
        ("questions", "Do you open on Sunday? How much is it?"),
    ],
)
def test_a_task_that_is_not_surely_held_is_left_empty(task, text):
    assert task not in tasks(text)


def test_half_of_a_complication_is_none():
    rows, measures = rows_of(COMPLICATION)
    for row in rows:
        row[3] = 0.55 if row[0] in ("broken", "problem") else 0.95
    assert facts_of(rows, measures, Asked())["tasks"]["complication"] == []


def test_three_questions_are_the_task_of_asking():
    text = "Hello. What time do you open? How much is it? Is there a pool?"
    rows = judge(text, item_type="RP_ASK")["tasks"]["questions"]
    assert quotes(rows) == ["What time do you open", "How much is it", "Is there a pool"]


@pytest.mark.parametrize("target", [Level.IL, Level.IH])
def test_length_is_reached_at_the_typical_lower_end_of_the_target(target):
    words = int(TYPICAL[target].length_seconds[0] / 0.35)
    assert "length" in tasks("word " * (words + 2), target=target)
    assert "length" not in tasks("word " * (words - 3), target=target)


def test_no_task_is_held_by_texts_of_novices():
    for item_type, example in graded():
        if example["level"] in ("NM", "NH"):
            held = tasks(example["transcript"], item_type=item_type, target=Level.IH)
            assert held <= {"questions"}, (example["key"], held)
