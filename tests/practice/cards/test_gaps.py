"""Gaps in good answers: what a card is made of where no model judges words."""

import re

from django.test import Client, TestCase, override_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from materials.packs_reader import read_bank
from practice.cards import deck, gaps
from practice.models import Card
from tests.factories import make_card, make_prompt, make_sample, make_take, make_user

EXPRESSIONS = ["it is near", "on weekends I ...", "a lot of", "so"]
TEXT = "I live here. It is near the sea, and on weekends I swim. There are a lot of boats."


def test_every_gap_of_the_bank_is_in_a_sentence_of_its_sample():
    with_gaps = 0
    bank = [prompt for prompt in read_bank().prompts.values() if prompt.sample]
    for prompt in bank:
        places = list(gaps.spans(prompt.sample, prompt.expressions))
        with_gaps += bool(places)
        for start, end in places:
            words = prompt.sample[start:end]
            assert 2 <= len(words.split()) <= 6
            assert any(words.lower() in one.lower() for one in prompt.expressions)
    assert with_gaps > 0.7 * len(bank)


@given(st.text(alphabet="ab c'-", max_size=30))
def test_of_each_word_only_its_first_letter_is_left(words):
    hint = gaps.first_letters(words)
    assert len(hint) == len(words)
    assert [part[0] for part in hint.split()] == [part[0] for part in words.split()]
    assert not re.search(r"\w(?=[a-z])", hint)


def test_the_longest_part_of_an_expression_is_looked_for_as_whole_words():
    assert [TEXT[a:b] for a, b in gaps.spans(TEXT, EXPRESSIONS)] == [
        "It is near",
        "on weekends I",
        "a lot of",
    ]
    assert list(gaps.spans("there it is nearby", ["it is near"])) == []


class GapCardTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner, cls.stranger = make_user(), make_user()
        cls.prompt = make_prompt()
        cls.prompt.published.expressions = EXPRESSIONS
        cls.prompt.published.save()
        cls.sample = make_sample(cls.prompt, TEXT)
        cls.url = reverse("practice:card-review")

    def setUp(self):
        self.client.force_login(self.learner)

    def cards(self):
        return list(Card.objects.held_by(self.learner).order_by("quote"))

    def test_an_answer_brings_two_and_asked_twice_nothing_twice(self):
        deck.make(self.learner)
        assert self.cards() == []
        make_take(self.learner, self.prompt)
        for _ in range(2):
            deck.make(self.learner)
            first, second = self.cards()
        assert (first.quote, first.better, first.after) == (
            "I_ i_ n___",
            "It is near",
            " the sea, and on weekends I swim.",
        )
        assert second.corrected == "It is near the sea, and on weekends I swim."
        assert not Card.objects.held_by(self.stranger).exists()

    def test_with_a_model_that_judges_words_there_are_none(self):
        make_take(self.learner, self.prompt)
        with override_settings(OPIC_RATER="gemini"):
            deck.make(self.learner)
            self.assertContains(self.client.get(self.url), "Nothing to mend yet")
        assert self.cards() == []

    def test_a_session_over_them_from_gap_to_the_sound_of_the_answer(self):
        self.assertContains(self.client.get(self.url), "No cards yet")
        make_take(self.learner, self.prompt)
        page = self.client.get(self.url)
        self.assertContains(page, "What is missing?")
        card = page.context["card"]
        self.assertNotContains(page, card.better)
        show = reverse("practice:card-show", args=[card.pk])
        fields = {"typed": card.better.upper(), "done": 0, "total": 2, "had": 0}
        back = self.client.post(show, fields)
        self.assertContains(back, "Yes, that is it")
        self.assertContains(back, f"<ins>{card.better}</ins>")
        clip = reverse("materials:clip-audio", args=[self.sample.best_clip_id])
        self.assertContains(back, clip)
        self.assertNotContains(back, "You had said")
        url = reverse("practice:card-answer", args=[card.pk])
        self.client.post(url, {"result": "right", "done": 0, "total": 2, "had": 0})
        card.refresh_from_db()
        assert card.stage == 1

    def test_the_page_is_called_what_it_does(self):
        lists = (self.url, reverse("practice:prompt-list"), reverse("exam-day"))
        for rater, name in (("builtin", "Fill the gaps"), ("gemini", "Mend my sentences")):
            with override_settings(OPIC_RATER=rater):
                for url in lists[:2]:
                    self.assertContains(self.client.get(url), name)
                page = self.client.get(lists[2])
                self.assertNotContains(page, {"builtin": "Mend my", "gemini": "Fill the"}[rater])

    def test_a_device_takes_the_whole_sentence_along(self):
        make_take(self.learner, self.prompt)
        make_card(self.learner, "I go there")
        asked = {one["quote"] for one in deck.due_for(self.learner)}
        assert "I_ i_ n___ the sea, and on weekends I swim." in asked
        assert "I go there" in asked

    def test_deleting_the_answer_leaves_them_and_a_stranger_sees_none(self):
        take = make_take(self.learner, self.prompt)
        deck.make(self.learner)
        take.response.delete()
        assert len(self.cards()) == 2
        client = Client()
        client.force_login(self.stranger)
        show = reverse("practice:card-show", args=[self.cards()[0].pk])
        assert client.post(show).status_code == 404
