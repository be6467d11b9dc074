"""The eve of the exam: shown in time, calm, short, and without a level."""

import re
from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
from django.template.loader import render_to_string
from django.test import Client, TestCase
from django.urls import reverse

from accounts.models import User
from exams import asking
from exams.models import Attempt, SelfAssessment
from opic import eve
from opic.lib.levels import Level
from scoring.models import Rating, Response
from tests.factories import (
    make_corrected,
    make_goal,
    make_measured,
    make_prompt,
    make_topic,
    make_user,
)

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("exam_on", "card"),
    [
        (None, None),
        (DAY - timedelta(days=1), None),
        (DAY, eve.EveCard(DAY, is_today=True)),
        (DAY + timedelta(days=1), eve.EveCard(DAY + timedelta(days=1), is_today=False)),
        (DAY + timedelta(days=2), None),
    ],
)
def test_the_card_is_there_on_the_eve_and_on_the_day(exam_on, card):
    person = User(email="a@example.org", time_zone="Asia/Seoul")
    late = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)  # already the 20th in Seoul
    with mock.patch("accounts.models.timezone.now", return_value=late):
        assert eve.card_for(person, exam_on) == card
        assert eve.card_for(person, None) is None


def test_the_card_for_home_says_which_day_and_leads_to_the_page():
    tomorrow = render_to_string("_eve_card.html", {"eve": eve.EveCard(DAY, is_today=False)})
    assert "Your exam is tomorrow" in tomorrow
    assert reverse("exam-eve") in tomorrow
    today = render_to_string("_eve_card.html", {"eve": eve.EveCard(DAY, is_today=True)})
    assert "Your exam is today" in today
    assert render_to_string("_eve_card.html", {"eve": None}).strip() == ""


class EvePageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()
        cls.films, cls.other = make_topic("films"), make_topic("banks", "unexpected")
        cls.prompts = {
            kind: make_prompt(topic=cls.films, item_type=kind) for kind in ("INTRO", "DESC", "ROUT")
        }
        cls.url = reverse("exam-eve")

    def setUp(self):
        self.client.force_login(self.person)

    def page(self):
        return self.client.get(self.url)

    def test_it_is_there_for_everybody_and_at_any_time(self):
        self.assertContains(self.page(), "Set the date")
        self.assertContains(self.page(), "No survey yet")
        goal = make_goal(self.person, exam_on=self.person.today + timedelta(days=40))
        self.assertContains(self.page(), "This page is for the day before")
        for days, says in ((1, "Your exam is tomorrow"), (0, "Your exam is today")):
            goal.exam_on = self.person.today + timedelta(days=days)
            goal.save()
            self.assertContains(self.page(), says)

    def test_signed_out_and_wrong_method(self):
        assert Client().get(self.url).status_code == 302
        assert self.client.post(self.url).status_code == 405

    def test_the_day_in_order(self):
        page = self.page()
        self.assertContains(page, "Orientation, about 20 minutes")
        self.assertContains(page, "Test, up to 40 minutes")

    def test_survey_and_step_stand_on_one_card(self):
        asking.take_preset(self.person, "culture-and-travel")
        asking.take_preset(self.stranger, "quiet-days")
        make_goal(self.person, step=3)
        page = self.page()
        self.assertContains(page, "I have not worked yet")
        self.assertContains(page, "Films, Plays and musicals, Concerts")
        self.assertContains(page, '<strong class="figure-large">3</strong>')

    def test_the_last_self_assessment_goes_before_the_goal(self):
        make_goal(self.person, step=3)
        for step, second in ((2, None), (5, 6)):
            attempt = Attempt.objects.create(
                candidate=self.person, status="abandoned", item_count=15
            )
            SelfAssessment.objects.create(attempt=attempt, step=step, second_step=second)
        self.assertContains(self.page(), '<strong class="figure-large">5-6</strong>')

    def test_a_survey_of_an_older_version_is_read_as_far_as_it_is_known(self):
        survey = asking.take_preset(self.person, "culture-and-travel")
        survey.answers["work"] = "astronaut"
        survey.picked["leisure"].append("no-longer-there")
        survey.save()
        self.assertContains(self.page(), "Films, Plays and musicals")

    def test_five_slips_by_how_often_they_came_with_a_sentence_of_ones_own(self):
        for number in range(3):
            make_corrected(self.person, None, (f"I go out {number}", f"I went out {number}"))
        many = [(f"word{n} here", f"term{n} here") for n in range(9)]
        make_corrected(self.person, None, *many)
        make_corrected(self.stranger, None, ("he are", "he is"), ("she are", "she is"))
        slips = self.page().context["slips"]
        assert len(slips) == 5
        first = slips[0]
        assert (first.said, first.meant, first.count) == ("go", "went", 3)
        assert first.better.startswith("I went out")
        self.assertContains(self.page(), "3 times")
        self.assertNotContains(self.page(), "he is")

    def best(self, *levels, **fields):
        for level in levels:
            response = make_corrected(self.person, **fields)
            rated = Rating.objects.filter(pk=response.shown_rating_id)
            rated.update(level_low=level, level_high=level)
            yield response

    def test_the_best_three_that_can_be_heard_one_a_question(self):
        low, middle, high, top = self.best(4, 5, 6, 7)
        (gone,) = self.best(9)
        Response.objects.filter(pk=gone.pk).update(audio=None)
        (recited,) = self.best(9)
        Rating.objects.filter(pk=recited.shown_rating_id).update(is_weak=True)
        make_measured(self.person)
        make_corrected(self.stranger)
        taken = [rating.response for rating in self.page().context["takes"]]
        assert taken == [top, high, middle]
        page = self.page()
        for response in taken:
            self.assertContains(page, reverse("scoring:response-audio", args=[response.pk]))
        self.assertNotContains(page, str(low.pk))

    def test_two_takes_on_a_question_give_the_better_one(self):
        prompt = make_prompt()
        _worse, better = self.best(5, 8, prompt=prompt)
        assert [rating.response for rating in self.page().context["takes"]] == [better]

    def test_three_easy_questions_at_ones_step_on_ones_own_topics_the_same_all_day(self):
        asking.take_preset(self.person, "culture-and-travel")
        for _ in range(5):
            make_prompt(topic=self.other, item_type="DESC")
            make_prompt(topic=self.films, item_type="ROUT", min_step=5, max_step=6)
            make_prompt(topic=self.films, item_type="ISSUE")
        first = self.page().context["warm_up"]
        assert first == list(self.prompts.values())
        assert self.page().context["warm_up"] == first
        self.assertContains(self.page(), reverse("practice:prompt-detail", args=[first[0].pk]))

    def test_no_level_is_named(self):
        make_goal(self.person, target=Level.IH, exam_on=self.person.today)
        make_corrected(self.person, None, ("I go home", "I went home"))
        page = self.page().content.decode()
        words = set(re.findall(r"\w+", re.sub(r"<[^>]*>", " ", page.partition("<main")[2])))
        assert "went" in words
        assert not words & {level.name for level in Level}

    def test_queries_are_six_at_most_and_do_not_grow(self):
        asking.take_preset(self.person, "culture-and-travel")
        make_goal(self.person, exam_on=self.person.today)
        make_corrected(self.person, None, ("I go home", "I went home"))
        with self.assertNumQueries(5):
            self.page()
        for number in range(12):
            make_corrected(self.person, None, (f"he go {number}", f"he went {number}"))
        with self.assertNumQueries(5):
            self.page()
