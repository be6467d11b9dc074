"""Past answers of both modes: filters, pages that cost the same, the queue to listen to."""

from datetime import timedelta

from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from exams.models import AttemptItem
from scoring.models import Rating, Response
from tests.exams.test_sitting import make_attempt, whole_bank
from tests.factories import (
    make_clip,
    make_measured,
    make_prompt,
    make_sample,
    make_take,
    make_topic,
    make_user,
)


def make_rated(person, prompt, low, high, points=10, **fields):
    response = make_measured(person, prompt, **fields)
    rating = Rating.objects.create(
        response=response, kind="rating", level=low, level_low=low, level_high=high, points=points
    )
    Response.objects.filter(pk=response.pk).update(status="rated", shown_rating=rating)
    return response


class HistoryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()
        cls.parks, cls.banks = make_topic("parks-x"), make_topic("banks-x")
        cls.one = make_prompt(topic=cls.parks, item_type="DESC")
        cls.two = make_prompt(topic=cls.banks, item_type="PAST")
        cls.now = timezone.now()

    def setUp(self):
        self.client.force_login(self.person)

    def rows(self, query=""):
        return self.client.get(reverse("history") + query).context["rows"]

    def said(self, prompt, days=0, **fields):
        return make_measured(
            self.person, prompt, recorded_at=self.now - timedelta(days=days), **fields
        )

    def test_newest_first_and_nobody_else_s(self):
        old, new = self.said(self.one, 3), self.said(self.two)
        make_measured(self.stranger, self.one)
        assert [row.url for row in self.rows()] == [
            reverse("scoring:response-detail", args=[pk]) for pk in (new.pk, old.pk)
        ]

    def test_filters(self):
        self.said(self.one, 10)
        self.said(self.two, 1)
        make_rated(self.person, self.two, 5, 6, recorded_at=self.now - timedelta(days=2))
        day = (self.now - timedelta(days=5)).date()
        cases = {
            "?topic=parks-x": 1,
            "?topic=banks-x": 2,
            "?type=PAST": 2,
            "?level=5": 1,
            "?level=6": 1,
            "?level=7": 0,
            f"?since={day}": 2,
            f"?until={day}": 1,
            "?mode=practice": 3,
            "?mode=test": 0,
            "?topic=nothing&level=x&since=never&before=nonsense": 3,
            "?before=2026-01-01~x": 3,
        }
        for query, count in cases.items():
            with self.subTest(query):
                assert len(self.rows(query)) == count

    def test_pages_follow_one_another_without_a_gap(self):
        for n in range(70):
            self.said(self.one, n // 3)  # three of the same moment
        seen, url = [], reverse("history")
        for _ in range(3):
            answer = self.client.get(url)
            seen += [row.url for row in answer.context["rows"]]
            url = f"{reverse('history')}?{answer.context['more']}"
        assert len(seen) == len(set(seen)) == 70
        assert not answer.context["more"]

    def test_six_queries_at_most_for_few_and_many(self):
        self.said(self.one)
        self.client.get(reverse("history"))
        with self.assertNumQueries(4):
            self.client.get(reverse("history"))
        for n in range(40):
            self.said(self.two, n)
        with self.assertNumQueries(4):
            self.client.get(reverse("history"))

    def test_htmx_gets_the_rows_and_a_restore_the_page(self):
        self.said(self.one)
        part = self.client.get(reverse("history"), headers={"HX-Request": "true"})
        assert b"<html" not in part.content
        assert "HX-Request" in part["Vary"]
        whole = self.client.get(
            reverse("history"),
            headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
        )
        assert b"<html" in whole.content

    def test_an_empty_list_says_what_to_do(self):
        self.assertContains(self.client.get(reverse("history")), "Nothing yet")
        answer = self.client.get(reverse("history") + "?topic=parks-x")
        self.assertContains(answer, "No answer fits")

    def test_who_may(self):
        for name in ("history", "listen"):
            assert Client().get(reverse(name)).status_code == 302
            assert self.client.post(reverse(name)).status_code == 405

    def test_the_other_answers_to_a_question_stand_beside_one(self):
        mine = self.said(self.one)
        other = make_rated(self.person, self.one, 5, 6, recorded_at=self.now - timedelta(days=1))
        make_measured(self.stranger, self.one)
        self.said(self.two)
        answer = self.client.get(reverse("scoring:response-detail", args=[mine.pk]))
        assert answer.context["others"] == [(other, "IM1-IM2")]

    def test_a_review_costs_six_queries_at_most(self):
        mine = self.said(self.one)
        url = reverse("scoring:response-detail", args=[mine.pk])
        self.client.get(url)
        with self.assertNumQueries(5):
            self.client.get(url)
        for n in range(20):
            self.said(self.one, n)
        with self.assertNumQueries(5):
            self.client.get(url)


class TestItemTests(TestCase):
    def test_answers_of_tests_are_there_and_say_so(self):
        person = make_user()
        whole_bank()
        attempt = make_attempt(person)
        item = attempt.items.get(number=4)
        response = make_measured(person, item.revision.prompt)
        AttemptItem.objects.filter(pk=item.pk).update(response=response)
        self.client.force_login(person)
        for query, count in (("", 1), ("?mode=test", 1), ("?mode=practice", 0)):
            rows = self.client.get(reverse("history") + query).context["rows"]
            assert len(rows) == count
        assert "Test, question 4" in self.client.get(reverse("history")).content.decode()


class ListenTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()
        cls.prompts = [make_prompt() for _ in range(13)]

    def setUp(self):
        self.client.force_login(self.person)

    def entries(self):
        return self.client.get(reverse("listen")).context["entries"]

    def test_the_best_take_of_each_of_the_last_ten_questions(self):
        for prompt in self.prompts:
            make_take(self.person, prompt)
        best = make_rated(self.person, self.prompts[-1], 7, 8, points=20)
        make_rated(self.person, self.prompts[-1], 3, 4, points=5)
        entries = self.entries()
        assert len(entries) == 10
        assert reverse("scoring:response-audio", args=[best.pk]) in {row.own for row in entries}

    def test_a_good_answer_is_one_s_own_one_step_up_or_ours(self):
        sample = make_sample(self.prompts[0])
        type(sample).objects.update(spare_clip=make_clip())
        mine = make_rated(self.person, self.prompts[0], 5, 6)
        assert "/materials/clips/" in self.entries()[0].good
        Rating.objects.filter(response=mine).update(spoken="audio/better.m4a")
        assert self.entries()[0].good == reverse("scoring:response-better", args=[mine.pk])

    def test_it_costs_the_same_for_few_and_many(self):
        make_take(self.person, self.prompts[0])
        self.entries()
        with self.assertNumQueries(4):
            self.entries()
        for prompt in self.prompts:
            make_take(self.person, prompt)
        with self.assertNumQueries(4):
            self.entries()

    def test_without_sound_there_is_nothing_to_hear(self):
        make_take(self.person, self.prompts[0])
        Response.objects.update(audio=None)
        self.assertContains(self.client.get(reverse("listen")), "Nothing to listen to yet")
