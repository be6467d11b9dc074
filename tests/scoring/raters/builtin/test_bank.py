"""Over all sample responses of the bank: no correction, hardly a wrong word about their content."""

from functools import cache

import pytest

from tests.scoring.raters.builtin.heard import judge, samples

pytestmark = pytest.mark.own_stores


@cache
def judged():
    """Return (key, item type, prompt, facts) of every sample response, judged once."""
    return [
        (
            key,
            item_type,
            prompt,
            judge(text, item_type=item_type, prompt_text=prompt.text, points=prompt.points),
        )
        for key, item_type, prompt, text in samples()
    ]


def test_no_sample_response_is_corrected():
    assert [key for key, _type, _prompt, facts in judged() if facts["corrections"]] == []
    for _key, item_type, _prompt, text in samples()[::6]:
        assert judge(text, item_type=item_type, stops=False)["corrections"] == []


def test_a_sample_response_hardly_ever_lacks_a_point_or_its_question():
    points = sum(len(prompt.points) for _key, _type, prompt, _facts in judged())
    rows = [row for _key, _type, _prompt, facts in judged() for row in facts["points"]]
    beside = [key for key, _type, _prompt, facts in judged() if facts["is_on_question"] is False]
    assert sum(not row["is_touched"] for row in rows) <= 0.005 * points
    assert len(beside) <= 0.01 * len(judged()), beside


def test_who_must_ask_asks_and_who_must_tell_does_not():
    asking, telling = [], []
    for _key, item_type, _prompt, facts in judged():
        count = len(facts["questions_asked"])
        if item_type in ("RP_ASK", "ASK_AVA"):
            asking.append(count)
        elif item_type in ("PAST", "MEM", "ROUT", "DESC"):
            telling.append(count)
    assert sum(count >= 2 for count in asking) >= 0.9 * len(asking)
    assert sum(count >= 1 for count in telling) <= 0.05 * len(telling)


def test_a_task_is_held_mostly_by_items_that_ask_for_it():
    fits = {
        "past_story": {"PAST", "MEM", "RP_EXP", "CHG", "CMP", "ISSUE"},
        "comparison": {"CMP", "CHG", "ISSUE", "RP_SOLVE", "DESC", "DET", "ROUT", "MEM", "INTRO"},
        "questions": {"RP_ASK", "ASK_AVA", "RP_SOLVE"},
        "routine": {"ROUT", "DESC", "DET", "CHG", "CMP", "INTRO", "ISSUE"},
    }
    for name, item_types in fits.items():
        held = [kind for _key, kind, _prompt, facts in judged() if facts["tasks"][name]]
        assert held, name
        assert sum(kind in item_types for kind in held) >= 0.9 * len(held), (name, held)
