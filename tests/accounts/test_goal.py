"""The goal: nothing is chosen for anybody, and the step follows from the target."""

import pytest
from django.urls import reverse

from accounts.models import Goal
from accounts.texts.steps import STEP_STATEMENTS
from opic.lib.levels import Level, step_for
from tests.factories import make_goal, make_user

FIRST, SETTINGS = "accounts:goal-set", "accounts:settings"


@pytest.fixture
def person(client, db):
    person = make_user()
    client.force_login(person)
    return person


@pytest.mark.parametrize("target", Level)
def test_the_first_goal_has_the_step_that_serves_its_target(client, person, target):
    client.post(reverse(FIRST), {"target": str(target.value)})
    goal = Goal.objects.get(learner=person)
    assert (goal.target, goal.step) == (target, step_for(target))


def test_without_a_target_there_is_no_goal_and_none_is_preselected(client, person):
    reply = client.post(reverse(FIRST), {"target": ""})
    assert reply.status_code == 422
    assert not Goal.objects.exists()
    form = client.get(reverse(SETTINGS)).context["goal_form"]
    assert form["target"].value() == form["step"].value() == ""
    assert 'value="6" selected' not in str(form["target"])


def test_in_the_settings_the_step_is_chosen_by_its_sentence_or_follows(client, person):
    make_goal(person, target=Level.IM2, step=6)
    page = client.get(reverse(SETTINGS))
    assert page.context["goal_form"]["step"].value() == 6
    for step, text in STEP_STATEMENTS.items():
        assert f"{step} · {text}" in page.content.decode()
    client.post(reverse(SETTINGS), {"part": "goal", "target": "6", "step": "2"})
    assert Goal.objects.get(learner=person).step == 2
    client.post(reverse(SETTINGS), {"part": "goal", "target": "8", "step": ""})
    assert Goal.objects.get(learner=person).step == step_for(Level.IH)
