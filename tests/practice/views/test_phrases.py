"""The phrase book: saved once, listed, deleted; one's own only."""

import re
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, TestCase
from django.urls import reverse

from practice.models import Phrase
from practice.phrases import save_phrase
from tests.factories import (
    make_corrected,
    make_measured,
    make_phrase,
    make_prompt,
    make_topic,
    make_user,
)

HX = {"HX-Request": "true"}
NEW = reverse("practice:phrase-create")


class PhraseTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner, cls.stranger = make_user(), make_user()
        cls.parks, cls.films = make_topic("parks"), make_topic("films")
        cls.url = reverse("practice:phrase-list")

    def setUp(self):
        self.client.force_login(self.learner)

    def texts(self, query=""):
        return [row.text for row in self.client.get(f"{self.url}?{query}").context["phrases"]]

    def test_one_tap_saves_and_says_so_in_its_place(self):
        saved = self.client.post(NEW, {"text": " a lot  of ", "topic": "parks"}, headers=HX)
        self.assertContains(saved, "in my phrase book")
        self.assertNotContains(saved, "<form")
        phrase = Phrase.objects.get()
        assert (phrase.text, phrase.topic, phrase.learner) == ("a lot of", self.parks, self.learner)

    def test_without_htmx_it_leads_to_the_phrase_book(self):
        page = self.client.post(NEW, {"text": "a lot of"}, follow=True)
        assert page.redirect_chain[0][0] == self.url
        self.assertContains(page, "Saved in your phrase book.")
        assert self.texts() == ["a lot of"]

    def test_from_its_own_form_the_list_comes_back(self):
        part = self.client.post(
            NEW, {"text": "by hand", "note": "for the end"}, headers={**HX, "HX-Target": "phrases"}
        )
        assert part.content.strip().startswith(b'<section id="phrases"')
        self.assertContains(part, "for the end")

    def test_the_same_words_are_kept_once_whatever_their_case(self):
        for text in ("As far as I know", "as far as i KNOW", "As far as I know"):
            assert self.client.post(NEW, {"text": text}, headers=HX).status_code == 200
        save_phrase(self.stranger, "As far as I know")
        assert self.texts() == ["As far as I know"]
        with pytest.raises(IntegrityError), transaction.atomic():
            make_phrase(self.learner, "AS FAR AS I KNOW")

    def test_from_an_answer_the_topic_comes_along(self):
        response = make_corrected(self.learner, make_prompt(topic=self.films))
        fields = {"text": "I went home", "response": response.pk, "note": "past"}
        self.client.post(NEW, fields, headers=HX)
        phrase = Phrase.objects.get()
        assert (phrase.topic, phrase.response, phrase.note) == (self.films, response, "past")
        response.delete()
        phrase.refresh_from_db()
        assert phrase.response is None

    def test_a_strangers_answer_is_not_there(self):
        response = make_measured(self.stranger)
        for pk in (response.pk, uuid.uuid4()):
            assert self.client.post(NEW, {"text": "x y", "response": pk}).status_code == 404
        assert not Phrase.objects.exists()

    def test_what_is_wrong_is_said_and_nothing_kept(self):
        for fields in ({"text": " "}, {"text": "x" * 301}, {"text": "x", "topic": "none"}):
            for headers in ({}, HX):
                reply = self.client.post(NEW, fields, headers=headers)
                self.assertContains(reply, "field-error", status_code=422)
        assert not Phrase.objects.exists()

    def test_filters_by_topic_and_words(self):
        make_phrase(self.learner, "under the trees", topic=self.parks)
        make_phrase(self.learner, "a happy end", topic=self.films, note="not of TREES")
        make_phrase(self.stranger, "somebody's trees", topic=self.parks)
        assert self.texts() == ["a happy end", "under the trees"]
        assert self.texts("topic=parks") == ["under the trees"]
        assert self.texts("words=Trees") == ["a happy end", "under the trees"]
        assert self.texts("words=trees&topic=films") == ["a happy end"]
        assert self.texts("words=zzz") == []
        assert len(self.texts("topic=nonsense&before=yesterday")) == 2
        assert len(self.texts("before=2026-13-01T00:00:00Z")) == 2

    def test_a_filter_swaps_rows_and_nothing_that_is_typed(self):
        page = self.client.get(reverse("practice:phrase-list")).content.decode()
        rows = re.search(r'<ul id="phrase-rows".*?</ul>', page, re.DOTALL)[0]
        form = re.search(r'<form class="filters".*?>', page, re.DOTALL)[0]
        assert 'hx-target="#phrase-rows"' in form
        assert 'hx-select="#phrase-rows"' in form
        assert 'name="text"' in page
        assert 'name="text"' not in rows

    def test_deleting_takes_the_row_or_brings_the_page(self):
        one, other = make_phrase(self.learner), make_phrase(self.learner)
        part = self.client.post(self.delete_url(one), headers=HX)
        assert (part.status_code, part.content) == (200, b"")
        self.assertRedirects(self.client.post(self.delete_url(other)), self.url)
        assert not Phrase.objects.exists()

    def delete_url(self, phrase):
        return reverse("practice:phrase-delete", args=[phrase.pk])

    def test_strangers_the_signed_out_and_wrong_methods(self):
        phrase = make_phrase(self.stranger)
        assert self.client.post(self.delete_url(phrase)).status_code == 404
        for url in (NEW, self.delete_url(phrase)):
            assert self.client.get(url).status_code == 405
            assert Client().post(url).status_code == 302
            assert Client().post(url, headers=HX).status_code == 401
        assert self.client.post(self.url).status_code == 405
        assert Client().get(self.url).status_code == 302
        assert Phrase.objects.count() == 1

    def test_htmx_gets_the_list_and_a_browser_the_page(self):
        part = self.client.get(self.url, headers=HX)
        assert part.content.strip().startswith(b'<section id="phrases"')
        self.assertContains(self.client.get(self.url), "<h1>Phrase book</h1>")

    def test_queries_do_not_grow_and_older_ones_follow(self):
        for _ in range(2):
            make_phrase(self.learner, topic=self.parks)
        with self.assertNumQueries(4):
            self.client.get(self.url)
        for _ in range(38):
            make_phrase(self.learner, topic=self.films)
        with self.assertNumQueries(4):
            page = self.client.get(self.url)
        assert len(page.context["phrases"]) == 30
        older = self.client.get(f"{self.url}?{page.context['more']}")
        assert len(older.context["phrases"]) == 10
        assert older.context["more"] == ""

    def test_a_rated_answer_offers_corrections_and_what_is_new_in_the_better_one(self):
        response = make_corrected(self.learner, None, ("I go home", "I went <home>"))
        page = self.client.get(reverse("scoring:response-detail", args=[response.pk]))
        self.assertContains(page, 'name="text" value="I went &lt;home&gt;"')
        self.assertContains(page, f'name="response" value="{response.pk}"')
        self.assertContains(
            page, 'value="I went to the market near my house with an old friend of mine"'
        )
        assert page.content.decode().count('class="save-phrase"') >= 2

    def test_a_question_offers_its_expressions(self):
        prompt = make_prompt(topic=self.parks)
        page = self.client.get(reverse("practice:prompt-detail", args=[prompt.pk]))
        self.assertContains(page, '<span lang="en">a lot of</span>')
        self.assertContains(page, 'form="phrase-save"')
