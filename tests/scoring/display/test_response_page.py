"""The page of one answer: its sound, what is put right, and the answers around it."""

from datetime import timedelta

from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from scoring.display.rating import view_of
from scoring.models import Rating, Response
from tests.factories import (
    make_measured,
    make_prompt,
    make_rated,
    make_response,
    make_revision,
    make_user,
)

TRANSCRIPT = "Yesterday I go to <b>park</b>. It was fun & nice."
ADVICE = {
    "transcript": TRANSCRIPT,
    "stretches": [
        {"text": "Yesterday I go to <b>park</b>.", "clear": "clear", "at": 0.5},
        {"text": "It was fun", "clear": "unclear", "at": 3.25},
        {"text": "& nice.", "clear": "clear", "at": None},
    ],
    "corrections": [
        {
            "quote": "go to <b>park</b>",
            "start": 12,
            "end": 29,
            "better": "went to the park",
            "why": "past",
        },
        {"quote": "fun & nice", "start": 38, "end": 48, "better": "fun and nice", "why": "word"},
    ],
}


class ReviewCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()
        cls.one, cls.two = make_prompt(), make_prompt()
        cls.now = timezone.now()

    def setUp(self):
        self.client.force_login(self.person)

    def respond(self, prompt=None, minutes=0, make=make_measured, **fields):
        at = self.now - timedelta(minutes=minutes)
        return make(self.person, prompt or self.one, recorded_at=at, **fields)

    def corrected(self):
        response = self.respond(make=make_rated)
        Rating.objects.filter(response=response).update(advice=ADVICE)
        return response

    def url(self, response, name="response-detail"):
        return reverse(f"scoring:{name}", args=[response.pk])

    def page(self, response):
        return self.client.get(self.url(response))


class PlayerTests(ReviewCase):
    def test_it_has_one_player_rated_or_not(self):
        for response in (self.respond(), self.corrected()):
            page = self.page(response).content.decode()
            assert page.count("<opic-wave-player") == page.count("<audio") == 1
            assert 'role="slider"' in page

    def test_a_rating_that_arrives_on_it_brings_no_second_player(self):
        response = self.corrected()
        url = self.url(response, "response-rating")
        here = f"http://testserver{self.url(response)}?from=mail"
        for current, players in ((here, 0), ("http://testserver/practice/", 1)):
            headers = {"HX-Request": "true", "HX-Current-URL": current}
            reply = self.client.get(url, headers=headers)
            assert reply.content.decode().count("<audio") == players, current

    def test_deleted_sound_is_said_and_all_else_stays(self):
        response = self.corrected()
        Response.objects.filter(pk=response.pk).update(audio=None)
        page = self.page(response)
        self.assertContains(page, "The recording is deleted")
        self.assertContains(page, "went to the park")
        self.assertNotContains(page, "<opic-wave-player")
        self.assertNotContains(page, "<audio")

    def test_the_rating_s_address_alone_is_the_whole_page(self):
        response = self.respond()
        reply = self.client.get(self.url(response, "response-rating"))
        self.assertContains(reply, "<opic-wave-player")


class TranscriptTests(ReviewCase):
    def html(self):
        rating = Rating(kind="rating", level_low=5, level_high=6, advice=ADVICE)
        return str(view_of(rating).corrected_html)

    def test_each_correction_stands_once_in_its_place(self):
        html = self.html()
        first = (
            '<mark class="said" data-at="0.50"><del>go to &lt;b&gt;park&lt;/b&gt;</del></mark>'
            " <ins>went to the park</ins><sup>1</sup>"
        )
        assert first in html
        assert html.count("<ins>") == html.count("<sup>") == 2

    def test_over_two_stretches_what_is_better_follows_the_last(self):
        html = self.html()
        assert '<mark class="said" data-at="3.25"><del>fun</del></mark>' in html
        assert "<del>&amp; nice</del></mark> <ins>fun and nice</ins><sup>2</sup>" in html

    def test_no_time_is_given_where_none_can_be_believed(self):
        assert 'data-at=""><del>&amp; nice' in self.html()

    def test_all_of_it_is_escaped(self):
        page = self.page(self.corrected()).content.decode()
        assert "<b>park" not in page

    def test_what_is_hard_to_hear_is_a_button_for_keys_too(self):
        assert '<span role="button" tabindex="0" class="said is-hard" data-at="3.25"' in self.html()


class OtherResponsesTests(ReviewCase):
    def others(self, response):
        return self.page(response).context["beside"]

    def test_answers_to_the_same_question_in_any_wording_stand_side_by_side(self):
        old = self.respond(minutes=60, make=make_rated)
        self.one.published = make_revision(self.one)
        mine = self.respond()
        make_measured(self.stranger, self.one)
        self.respond(self.two)
        rows = self.others(mine)
        assert [row.response for row in rows] == [mine, old]
        assert [row.is_this for row in rows] == [True, False]
        assert (rows[1].note, rows[1].is_level) == ("IM1‑IM2", True)
        assert [one.text for one in rows[1].figures] == ["83", "2.1", "1.1", "62"]
        self.assertContains(self.page(mine), f'href="{self.url(old)}"')

    def test_an_answer_without_measures_has_no_figures(self):
        waiting = self.respond(make=make_response)
        mine = self.respond(minutes=1)
        assert [len(row.figures) for row in self.others(mine)] == [0, 4]
        self.assertContains(self.page(waiting), 'colspan="4"')

    def test_alone_it_is_compared_with_nothing(self):
        assert self.others(self.respond()) == []

    def test_before_and_after_it_are_all_one_s_answers(self):
        last = self.respond(self.two)
        same_moment = sorted(
            [self.respond(minutes=5), self.respond(minutes=5)], key=lambda one: one.pk
        )
        first = self.respond(minutes=9)
        make_measured(self.stranger, self.one, recorded_at=self.now - timedelta(minutes=1))
        row = [first, *same_moment, last]
        for before, this, after in zip([None, *row], row, [*row[1:], None], strict=False):
            response = self.page(this).context["response"]
            assert response.older == (before and before.pk)
            assert response.newer == (after and after.pk)
        page = self.page(first)
        self.assertContains(page, 'rel="next"')
        self.assertNotContains(page, 'rel="prev"')

    def test_it_costs_six_queries_at_most_whatever_stands_around_it(self):
        for make in (make_measured, make_rated):
            mine = self.respond(make=make)
            self.page(mine)
            with self.assertNumQueries(5):
                self.page(mine)
        for n in range(12):
            self.respond(minutes=n)
        with self.assertNumQueries(5):
            self.page(mine)

    def test_a_person_s_level_costs_one_more(self):
        mine = self.respond(make=make_rated)
        by_person = Rating.objects.create(
            response=mine, kind="rating", source="person", level=6, level_low=6, level_high=6
        )
        Response.objects.filter(pk=mine.pk).update(shown_rating=by_person)
        self.page(mine)
        with self.assertNumQueries(6):
            self.assertContains(self.page(mine), "A person who listened says: IM2")

    def test_strangers_and_the_signed_out_see_nothing_of_it(self):
        mine = self.respond()
        other = Client()
        other.force_login(self.stranger)
        assert other.get(self.url(mine)).status_code == 404
        assert Client().get(self.url(mine)).status_code == 302
        assert self.client.post(self.url(mine)).status_code == 405
