"""In which order somebody meets the bank: by survey, goal and chance, never by the alphabet."""

from collections import Counter
from datetime import timedelta
from itertools import islice
from unittest import mock

from django.test import TestCase
from django.utils import timezone, translation

from materials.models import ItemType, Prompt, Topic
from practice import next_prompt
from practice.learner import read_learner
from practice.models import PracticeTake
from scoring.models import Response
from scoring.summaries import days
from tests.benchmarks import past
from tests.factories import make_goal, make_measured, make_picks, make_take, make_user

PICKED = ("films", "cafes", "tv", "parks", "beach", "music", "reading", "cooking", "hiking")


class OrderTests(TestCase):
    """Somebody new in front of the whole built-in bank."""

    @classmethod
    def setUpTestData(cls):
        past.whole_bank()
        cls.picked = list(Topic.objects.filter(slug__in=PICKED))
        cls.topics = Topic.objects.in_bulk()

    def setUp(self):
        self.enterContext(translation.override("en"))

    def person(self, *topics, step=4):
        person = make_user()
        make_goal(person, target=8, step=step)
        make_picks(person, *topics)
        return person

    def next_of(self, person):
        return next_prompt.next_for(person, read_learner(person))

    def ahead(self, person, count=10):
        ids = list(islice(next_prompt.ahead(person, read_learner(person)), count))
        prompts = Prompt.objects.in_bulk(ids)
        return [prompts[one] for one in ids]

    def walk(self, person, count):
        """Answer what is suggested, so many times; each as it was suggested."""
        steps = []
        for _ in range(count):
            step = self.next_of(person)
            steps.append(step)
            response = make_measured(person, step.prompt)
            make_take(person, step.prompt, response)
            days.recount(response)
        return steps

    def kind_of(self, prompt):
        topic = self.topics[prompt.topic_id]
        if prompt.item_type == ItemType.INTRO:
            return "introduction"
        if topic.slug in PICKED:
            return "picked"
        return topic.kind

    # --- one after the other, each answered ---

    def test_seven_in_ten_are_of_the_survey_and_the_others_unexpected_at_every_step(self):
        for step in range(1, 7):
            person = self.person(*self.picked, step=step)
            steps = self.walk(person, 11)
            drawn = Counter(self.kind_of(one.prompt) for one in steps)
            with self.subTest(step=step):
                assert self.kind_of(steps[0].prompt) == "introduction"
                assert set(drawn) == {"introduction", "picked", "unexpected"}, drawn
                assert 2 <= drawn["unexpected"] <= 4
                assert len({one.prompt.topic_id for one in steps}) > 6

    def test_the_reason_is_true(self):
        texts = {
            "introduction": "say who you are",
            "picked": "from your survey",
            "unexpected": "one of the surprise topics",
        }
        for step in self.walk(self.person(*self.picked), 8):
            assert texts[self.kind_of(step.prompt)] in step.why

    def test_without_a_survey_they_are_what_tests_often_ask(self):
        steps = self.walk(self.person(), 10)
        for step in steps[1:]:
            topic = self.topics[step.prompt.topic_id]
            assert topic.kind == Topic.Kind.UNEXPECTED or topic.slug == "home"
            assert "tests often ask" in step.why

    def test_the_order_is_of_the_person_and_the_day_and_stays_while_one_reloads(self):
        people = [self.person(*self.picked) for _ in range(4)]
        orders = [tuple(one.key for one in self.ahead(person)[1:]) for person in people]
        assert len(set(orders)) == 4
        assert [tuple(one.key for one in self.ahead(person)[1:]) for person in people] == orders
        for order in orders:
            assert list(order) != sorted(order)
        later = timezone.now() + timedelta(days=1)
        with mock.patch("django.utils.timezone.now", return_value=later):
            assert tuple(one.key for one in self.ahead(people[0])[1:]) != orders[0]

    def test_which_question_comes_first_is_spread_over_the_bank(self):
        """Of one kind and many topics: not the first of the alphabet for everybody."""
        seen = set()
        for _ in range(12):
            person = self.person(*self.picked)
            intro = self.next_of(person).prompt
            make_take(person, intro, make_measured(person, intro))
            seen.add(self.next_of(person).prompt.pk)
        assert len(seen) > 6

    def test_whoever_is_new_is_asked_what_a_guest_is_asked(self):
        for step in range(1, 7):
            first = next_prompt.first_prompt(step)
            newcomers = [self.person(step=step) for _ in range(5)]
            assert {self.next_of(one).prompt for one in newcomers} == {first}

    def test_what_was_answered_today_does_not_come_again_while_there_is_anything_else(self):
        person = self.person(*self.picked[:1])
        keys = [step.prompt.pk for step in self.walk(person, 30)]
        assert len(set(keys)) == 30

    # --- all at once, for a day without a network ---

    def test_the_first_is_what_comes_next_and_the_others_follow_the_same_rules(self):
        person = self.person(*self.picked)
        order = self.ahead(person, 11)
        assert order[0] == self.next_of(person).prompt
        drawn = Counter(self.kind_of(one) for one in order)
        assert drawn["picked"] in {6, 7, 8}
        assert drawn["picked"] + drawn["unexpected"] == 10
        assert len({one.topic_id for one in order}) == 11

    def test_the_whole_step_comes_and_nothing_twice(self):
        person = self.person(*self.picked)
        ids = [one.pk for one in self.ahead(person, 1000)]
        assert len(ids) == len(set(ids))
        assert len(ids) > 300

    def test_what_was_tried_comes_last(self):
        person = self.person(*self.picked)
        tried = {step.prompt.pk for step in self.walk(person, 12)}
        assert not tried & {one.pk for one in self.ahead(person, 60)}
        assert PracticeTake.objects.made_by(person).count() == 12
        assert Response.objects.spoken_by(person).count() == 12

    def test_an_empty_bank_has_none(self):
        Prompt.objects.update(retired_at=timezone.now())
        assert self.ahead(self.person()) == []
