"""Past answers of both modes: filters, pages that cost the same, the queue to listen to."""

from datetime import UTC, datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from exams.models import Attempt, AttemptItem, AttemptResult
from materials.models import SampleResponse
from opic.lib import pagination
from scoring.models import Rating, Response
from tests.exams.cases import make_attempt, publish, small_bank
from tests.factories import (
    make_clip,
    make_corrected,
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


@override_settings(OPIC_RATER="gemini")
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

    def respond(self, prompt, days=0, **fields):
        return make_measured(
            self.person, prompt, recorded_at=self.now - timedelta(days=days), **fields
        )

    def test_newest_first_and_nobody_else_s(self):
        old, new = self.respond(self.one, 3), self.respond(self.two)
        make_measured(self.stranger, self.one)
        assert [row.url for row in self.rows()] == [
            reverse("scoring:response-detail", args=[pk]) for pk in (new.pk, old.pk)
        ]

    def test_filters(self):
        self.respond(self.one, 10)
        self.respond(self.two, 1)
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
            f"?since={day}&until={day}": 0,
            "?mode=practice": 3,
            "?mode=test": 0,
            "?mode=test&level=5": 0,
            "?topic=banks-x&type=PAST&level=5&mode=practice": 1,
            "?topic=nothing&level=x&since=never&before=nonsense": 3,
            "?since=0001-01-01&until=9999-12-31": 3,
            "?before=2026-01-01~x": 3,
            "?before=2026-01-01T00:00:00Z~x": 3,
            "?before=0001-01-01T00:00:00%2B14:00~00000000-0000-0000-0000-000000000000": 3,
        }
        for query, count in cases.items():
            with self.subTest(query):
                assert len(self.rows(query)) == count

    def walked(self, query=""):
        """Addresses of every page, following `more` to the end."""
        pages, more = [], query
        while True:
            reply = self.client.get(f"{reverse('history')}?{more}")
            pages.append([row.url for row in reply.context["rows"]])
            more = reply.context["more"]
            if not more:
                return pages

    def test_levels_can_be_chosen_only_where_answers_get_some(self):
        make_rated(self.person, self.two, 5, 6)
        for rater, is_there in (("fluency", False), ("builtin", False), ("gemini", True)):
            with self.subTest(rater), override_settings(OPIC_RATER=rater):
                page = self.client.get(reverse("history"))
                assert ("level" in page.context["form"].fields) is is_there
                assert ("Topic, kind, level, days" in page.content.decode()) is is_there
                assert len(self.rows("?level=7")) == (0 if is_there else 1)

    def test_pages_follow_one_another_without_a_gap(self):
        for n in range(50):
            self.respond(self.one, n // 3)  # three of the same moment
        pages = self.walked()
        seen = [url for page in pages for url in page]
        assert [len(page) for page in pages] == [20, 20, 10]
        assert len(seen) == len(set(seen)) == 50

    def test_a_page_looks_at_so_many_answers_and_the_next_goes_on_there(self):
        wanted = {self.respond(self.two, n).pk for n in (1, 11)}
        for n in (2, 2, 2, 3, 4, 5, 6, 12, 13):
            self.respond(self.one, n)
        urls = {reverse("scoring:response-detail", args=[pk]) for pk in wanted}
        for look in (1, 2, 3, 5, 11, 12):
            with self.subTest(look), mock.patch.object(pagination, "LOOK", look):
                pages = self.walked("topic=banks-x")
                seen = [url for page in pages for url in page]
                assert set(seen) == urls
                assert len(seen) == 2
                assert len(pages) == 11 // look + 1

    def test_what_was_not_looked_at_yet_is_loaded_by_itself(self):
        for n in range(3):
            self.respond(self.one, n)
        with mock.patch.object(pagination, "LOOK", 2):
            reply = self.client.get(reverse("history") + "?topic=banks-x")
            self.assertContains(reply, "Looking further back")
            self.assertContains(reply, 'hx-trigger="revealed, click"')
            self.assertNotContains(reply, "No answer fits")
            more = reply.context["more"]
        last = self.client.get(f"{reverse('history')}?{more}", headers={"HX-Request": "true"})
        self.assertContains(last, "That was all")
        assert b"history-rows" not in last.content

    def test_days_bound_the_pages_that_follow_too(self):
        for n in range(8):
            self.respond(self.two if n % 2 else self.one, n)
        day = (self.now - timedelta(days=5)).astimezone(ZoneInfo("Asia/Seoul")).date()
        with mock.patch.object(pagination, "LOOK", 2):
            pages = self.walked(f"since={day}&topic=banks-x")
            assert [len(page) for page in pages] == [1, 1, 1, 0]
            newest = f"{self.now.isoformat()}~{self.one.pk}".replace("+", "%2B")
            assert self.rows(f"?until={day}&before={newest}") == self.rows(f"?until={day}")

    def test_a_day_is_a_heading_once_on_its_page_and_the_next(self):
        for _ in range(25):
            self.respond(self.one)
        self.respond(self.two, 3)
        first = self.client.get(reverse("history"))
        assert [row.day for row in first.context["rows"]] == ["Today", *[""] * 19]
        second = self.client.get(f"{reverse('history')}?{first.context['more']}")
        assert [bool(row.day) for row in second.context["rows"]] == [*[False] * 5, True]

    def test_days_are_the_reader_s_own(self):
        late = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)  # 2 March, half past midnight in Seoul
        make_measured(self.person, self.one, recorded_at=late)
        assert len(self.rows("?since=2026-03-02&until=2026-03-02")) == 1
        assert self.rows("?until=2026-03-01") == []

    def test_rows_of_one_question_are_told_apart(self):
        for length, pace in ((41_400, 83.2), (9_000, None)):
            response = self.respond(self.one, length_ms=length)
            Response.objects.filter(pk=response.pk).update(
                measures={**response.measures, "words_per_minute": pace} if pace else None
            )
            make_take(self.person, self.one, response)
        self.respond(self.two)
        rows = {row.take: row.words for row in self.rows()}
        assert rows == {
            "take 1 of 2": "41 s, about 83 words a minute",
            "take 2 of 2": "9 s",
            "": "62 s, about 83 words a minute",
        }

    def test_the_first_words_that_were_heard_stand_in_a_row(self):
        make_corrected(self.person, self.one, ("I goes", "I go"))
        (row,) = self.rows()
        assert (row.words, row.is_heard) == ("And so I goes that day. ", True)
        make_corrected(self.person, self.two, *[(f"word {n}", "x") for n in range(20)])
        long = next(row for row in self.rows() if row.title == "Banks-X")
        assert long.words.endswith("…")
        assert len(long.words) <= 111

    def test_six_queries_at_most_for_few_and_many(self):
        queries = {"": 4, "?topic=banks-x": 5, "?level=5": 5, "?mode=test": 5, "?mode=sitting": 5}
        for count in (2, 12):
            for n in range(count):
                self.respond(self.two, n)
            for query, expected in queries.items():
                self.client.get(reverse("history") + query)
                with self.subTest(query), self.assertNumQueries(expected):
                    self.client.get(reverse("history") + query)

    def test_htmx_gets_the_rows_and_a_restore_the_page(self):
        self.respond(self.one)
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
        reply = self.client.get(reverse("history") + "?topic=parks-x")
        self.assertContains(reply, "No answer fits")

    def test_who_may(self):
        for name in ("history", "listen"):
            assert Client().get(reverse(name)).status_code == 302
            assert self.client.post(reverse(name)).status_code == 405


@override_settings(OPIC_RATER="gemini")
class SittingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()
        publish(small_bank())
        cls.attempt = make_attempt(cls.person)
        cls.item = cls.attempt.items.get(number=4)
        cls.response = make_measured(cls.person, cls.item.revision.prompt)
        AttemptItem.objects.filter(pk=cls.item.pk).update(response=cls.response)

    def setUp(self):
        self.client.force_login(self.person)

    def rows(self, query=""):
        return self.client.get(reverse("history") + query).context["rows"]

    def end(self, low=6, high=7):
        result = AttemptResult.objects.create(
            attempt=self.attempt, level=low, level_low=low, level_high=high
        )
        now = timezone.now()
        Attempt.objects.filter(pk=self.attempt.pk).update(
            status="rated", result=result, started_at=now, deadline_at=now + timedelta(hours=1)
        )

    def test_answers_of_tests_are_there_and_say_so(self):
        for query, count in (("", 1), ("?mode=test", 1), ("?mode=practice", 0)):
            assert len(self.rows(query)) == count
        self.assertContains(self.client.get(reverse("history")), "Test, question 4")

    def test_a_whole_test_is_one_row_that_leads_to_its_report(self):
        assert self.rows("?mode=sitting") == []  # not over
        self.end()
        (row,) = self.rows("?mode=sitting")
        assert row.url == reverse("exams:attempt-detail", args=[self.attempt.pk])
        assert (row.note, row.day) == ("IM2‑IM3", "Today")
        self.client.force_login(self.stranger)
        assert self.rows("?mode=sitting") == []

    def test_whole_tests_are_found_by_level_day_and_by_what_they_asked(self):
        self.end()
        topic = self.item.revision.prompt.topic.slug
        today = self.person.today
        cases = {
            "level=6": 1,
            "level=7": 1,
            "level=8": 0,
            f"since={today}": 1,
            f"until={today - timedelta(days=1)}": 0,
            f"topic={topic}": 1,
            "type=INTRO": 1,
            "type=ASK_AVA": 0,
        }
        for query, count in cases.items():
            with self.subTest(query):
                assert len(self.rows(f"?mode=sitting&{query}")) == count


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
        with self.assertNumQueries(5):
            self.entries()
        for prompt in self.prompts:
            make_take(self.person, prompt)
        with self.assertNumQueries(5):
            self.entries()

    def test_our_best_sample_and_only_a_published_one(self):
        make_take(self.person, self.prompts[0])
        low, high = make_sample(self.prompts[0]), make_clip()
        best = SampleResponse.objects.create(
            prompt=self.prompts[0], level=9, text="A better one.", spare_clip=high
        )
        assert self.entries()[0].good == reverse("materials:clip-audio", args=[high.pk])
        SampleResponse.objects.filter(pk=best.pk).update(is_published=False)
        assert self.entries()[0].good == reverse("materials:clip-audio", args=[low.spare_clip_id])

    def test_without_sound_there_is_nothing_to_hear(self):
        make_take(self.person, self.prompts[0])
        Response.objects.update(audio=None)
        self.assertContains(self.client.get(reverse("listen")), "Nothing to listen to yet")
