"""The eve of the exam: shown in time, calm, short, and without a level."""

import re
from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
from django.template.loader import render_to_string
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts import level_embargo
from accounts.models import Goal, User
from exams.models import Attempt, SelfAssessment
from exams.survey import answers as survey_answers
from opic.lib.levels import Level
from opic.pages import exam_day
from scoring.models import Rating, Response
from scoring.rating import human as human_ratings
from scoring.summaries import days
from tests.factories import (
    make_corrected,
    make_goal,
    make_measured,
    make_prompt,
    make_rated,
    make_take,
    make_topic,
    make_user,
)

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("exam_on", "card"),
    [
        (None, None),
        (DAY - timedelta(days=1), None),
        (DAY, exam_day.ExamDayCard(DAY, is_today=True)),
        (DAY + timedelta(days=1), exam_day.ExamDayCard(DAY + timedelta(days=1), is_today=False)),
        (DAY + timedelta(days=2), None),
    ],
)
def test_the_card_is_there_the_day_before_and_on_the_day(exam_on, card):
    person = User(email="a@example.org", time_zone="Asia/Seoul")
    late = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)  # already the 20th in Seoul
    with mock.patch("accounts.models.timezone.now", return_value=late):
        assert exam_day.card_for(person, exam_on) == card
        assert exam_day.card_for(person, None) is None


def test_the_card_for_home_says_which_day_and_leads_to_the_page():
    tomorrow = render_to_string(
        "home/_exam_day_card.html", {"exam_day": exam_day.ExamDayCard(DAY, is_today=False)}
    )
    assert "Your exam is tomorrow" in tomorrow
    assert reverse("exam-day") in tomorrow
    today = render_to_string(
        "home/_exam_day_card.html", {"exam_day": exam_day.ExamDayCard(DAY, is_today=True)}
    )
    assert "Your exam is today" in today
    assert render_to_string("home/_exam_day_card.html", {"exam_day": None}).strip() == ""


class ExamDayPageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()
        cls.films, cls.other = make_topic("films"), make_topic("banks", "unexpected")
        cls.prompts = {
            kind: make_prompt(topic=cls.films, item_type=kind) for kind in ("INTRO", "DESC", "ROUT")
        }
        cls.url = reverse("exam-day")

    def setUp(self):
        self.client.force_login(self.person)

    def page(self):
        return self.client.get(self.url)

    def test_it_is_there_for_everybody_and_at_any_time(self):
        self.assertContains(self.page(), "Set the date")
        self.assertContains(self.page(), "No survey yet")
        goal = make_goal(self.person, exam_on=self.person.today + timedelta(days=40))
        self.assertContains(self.page(), "This page is for the day before")
        for ahead, heading in ((1, "Your exam is tomorrow"), (0, "Your exam is today")):
            goal.exam_on = self.person.today + timedelta(days=ahead)
            goal.save()
            self.assertContains(self.page(), heading)

    def test_signed_out_and_wrong_method(self):
        assert Client().get(self.url).status_code == 302
        assert self.client.post(self.url).status_code == 405

    def test_the_day_in_order(self):
        page = self.page()
        self.assertContains(page, "Orientation, about 20 minutes")
        self.assertContains(page, "Test, up to 40 minutes")

    def test_survey_and_step_stand_on_one_card(self):
        survey_answers.take_preset(self.person, "culture-and-travel")
        survey_answers.take_preset(self.stranger, "quiet-days")
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
        survey = survey_answers.take_preset(self.person, "culture-and-travel")
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
        assert (first.original, first.meant, first.count) == ("go", "went", 3)
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
        survey_answers.take_preset(self.person, "culture-and-travel")
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
        survey_answers.take_preset(self.person, "culture-and-travel")
        make_goal(self.person, exam_on=self.person.today)
        make_corrected(self.person, None, ("I go home", "I went home"))
        with self.assertNumQueries(5):
            self.page()
        for number in range(12):
            make_corrected(self.person, None, (f"he go {number}", f"he went {number}"))
        with self.assertNumQueries(5):
            self.page()


@override_settings(OPIC_RATER="gemini")
def readable(text: str) -> str:
    """A page, or JSON in which other letters than ASCII's stand as numbers."""
    return text.replace("\\u2011", "‑")


class NoNewLevelTests(TestCase):
    """What is said on the eve and on the day is heard and kept; its level waits."""

    def setUp(self):
        self.person = make_user()
        self.client.force_login(self.person)
        self.prompt = make_prompt(topic=make_topic("films"))
        self.old = self.make_level(3, ago=4)
        self.new = self.make_level(9, ago=0)
        self.goal = make_goal(self.person, exam_on=self.person.today + timedelta(days=1))

    def make_level(self, level, ago):
        moment = timezone.now() - timedelta(days=ago)
        fields = {"level": level, "recorded_at": moment, "is_first": True}
        response = make_rated(self.person, self.prompt, **fields)
        Response.objects.filter(pk=response.pk).update(settled_at=moment)
        make_take(self.person, self.prompt, response)
        days.recount(response)
        return response

    def texts(self):
        pages = {
            "home": reverse("home"),
            "history": reverse("history"),
            "prompt": reverse("practice:prompt-detail", args=[self.prompt.pk]),
            "new": reverse("scoring:response-detail", args=[self.new.pk]),
            "old": reverse("scoring:response-detail", args=[self.old.pk]),
            "store": reverse("offline-store"),
        }
        return {name: self.client.get(url).content.decode() for name, url in pages.items()}

    def test_the_day_before_and_the_day_itself_show_none(self):
        for exam_on in (self.person.today, self.person.today + timedelta(days=1)):
            Goal.objects.update(exam_on=exam_on)
            for name, text in self.texts().items():
                assert "IH‑AL" not in text, name
                assert "IH to AL" not in text, name
            texts = self.texts()
            assert "Your exam is near" in texts["new"]
            assert "Your exam is near" in texts["prompt"]
            for heading in ("Where you stand", "week by week", "weakest first"):
                assert heading not in texts["home"], heading

    @override_settings(OPIC_RATER="gemini", OPIC_EARS="gemini")
    def test_asking_for_a_level_does_not_find_what_waits(self):
        def listed(level):
            page = self.client.get(reverse("history"), {"level": level.value})
            return [row.url for row in page.context["rows"]]

        old, new = (
            reverse("scoring:response-detail", args=[one.pk]) for one in (self.old, self.new)
        )
        assert listed(Level.NM) == [old]
        assert listed(Level.IH) == []
        Goal.objects.update(exam_on=None)
        assert listed(Level.IH) == [new]

    def test_what_was_heard_stands_there_without_a_mark(self):
        response = make_corrected(self.person, None, ("I go home", "I went home"))
        url = reverse("scoring:response-detail", args=[response.pk])
        self.assertContains(self.client.get(url), "And so I go home that day.")
        Goal.objects.update(exam_on=None)
        self.assertNotContains(self.client.get(url), "And so I go home that day.")

    def test_what_was_said_before_stays(self):
        texts = self.texts()
        assert "About NM to NH" in texts["old"]
        for name in ("home", "history", "prompt", "store", "new"):
            assert "NM‑NH" in readable(texts[name]), name

    def test_after_the_exam_it_stands_there(self):
        Goal.objects.update(exam_on=self.person.today - timedelta(days=1))
        texts = self.texts()
        assert "About IH to AL" in texts["new"]
        assert "Your exam is near" not in texts["new"]
        for heading in ("Where you stand", "week by week", "weakest first"):
            assert heading in texts["home"], heading
        for name in ("home", "history", "prompt", "store", "old"):
            assert "IH‑AL" in readable(texts[name]), name

    def test_without_a_date_and_well_before_it_nothing_waits(self):
        for exam_on in (None, self.person.today + timedelta(days=2)):
            Goal.objects.update(exam_on=exam_on)
            assert "About IH to AL" in self.texts()["new"]

    def test_a_person_s_own_rating_waits_too(self):
        human_ratings.give_level(self.new, make_user(), Level.AL, Level.AL, "I listened.")
        assert "I listened." not in self.texts()["new"]
        Goal.objects.update(exam_on=None)
        assert "I listened." in self.texts()["new"]

    def test_the_embargo_begins_at_the_person_s_own_midnight(self):
        person = User(email="a@example.org", time_zone="Asia/Seoul")
        late = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)  # already the 20th in Seoul
        with mock.patch("accounts.models.timezone.now", return_value=late):
            begins = level_embargo.embargo_start(person, DAY + timedelta(days=1))
            assert begins == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
            assert level_embargo.embargo_start(person, DAY) == begins - timedelta(days=1)
            assert level_embargo.embargo_start(person, DAY + timedelta(days=2)) is None
            assert level_embargo.embargo_start(person, DAY - timedelta(days=1)) is None
