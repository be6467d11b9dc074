"""The pages of a review session, and the cards that a device takes along."""

import uuid
from datetime import timedelta

from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from practice.models import Card
from tests.factories import make_card, make_corrected, make_prompt, make_user

HX = {"HX-Request": "true"}
JSON = {"X-Wants": "json"}
CORRECTIONS = [("I go home", "I went home"), ("he are nice", "he is nice")]


@override_settings(OPIC_RATER="gemini")
class ReviewSessionTests(TestCase):
    """The page: one card at a time, with and without htmx."""

    @classmethod
    def setUpTestData(cls):
        cls.learner, cls.stranger = make_user(), make_user()
        cls.url = reverse("practice:card-review")

    def setUp(self):
        self.client.force_login(self.learner)

    def urls(self, card):
        names = ("card-show", "card-answer")
        return [reverse(f"practice:{name}", args=[card.pk]) for name in names]

    def test_somebody_without_corrections_is_told_kindly(self):
        page = self.client.get(self.url)
        self.assertContains(page, "Nothing to mend yet")
        self.assertContains(page, reverse("practice:start"))

    def test_opening_it_makes_the_cards_and_shows_the_first(self):
        make_corrected(self.learner, make_prompt(), *CORRECTIONS)
        page = self.client.get(self.url)
        self.assertContains(page, "And so <mark>I go home</mark> that day.")
        self.assertContains(page, "Card 1 of 2")
        self.assertNotContains(page, "I went home")

    def test_show_marks_the_difference_and_says_why(self):
        card = make_card(self.learner, "I go home", better="I went home", before="Then ", after=".")
        show, _url = self.urls(card)
        part = self.client.post(show, {"done": 0, "total": 1, "had": 0}, headers=HX)
        assert part.content.strip().startswith(b'<section id="review-card"')
        self.assertContains(part, "Then I <ins>went</ins> home.")
        self.assertContains(part, "It was yesterday.")
        self.assertContains(self.client.post(show), "Mend my sentences")
        card.refresh_from_db()
        assert card.last_seen_at is None

    def test_what_was_typed_is_compared_leniently(self):
        card = make_card(self.learner, "I go home", better="I went home", before="Then ", after=".")
        show, _url = self.urls(card)
        for typed, message in [
            ("i WENT home!", "Yes, that is it"),
            ("then I went home", "Yes, that is it"),
            ("I gone home", "Compare yours"),
            ("  ", "Put right"),
        ]:
            self.assertContains(self.client.post(show, {"typed": typed}, headers=HX), message)

    def test_what_was_typed_is_escaped(self):
        card = make_card(self.learner, "<b>I go</b>", better="I <i>went</i>")
        typed = {"typed": "<script>alert(1)</script>"}
        page = self.client.post(self.urls(card)[0], typed, headers=HX).content.decode()
        assert "<script" not in page
        assert "<i>" not in page
        assert "<b>" not in page
        assert "<b>" not in self.client.get(self.url, headers=HX).content.decode()

    def test_a_round_goes_from_card_to_card_and_ends_with_what_comes_when(self):
        first, second = (make_card(self.learner) for _ in range(2))
        part = self.client.post(
            self.urls(first)[1], {"result": "right", "done": 0, "total": 2, "had": 0}, headers=HX
        )
        self.assertContains(part, "Card 2 of 2")
        self.assertContains(part, second.quote)
        end = self.client.post(
            self.urls(second)[1], {"result": "wrong", "done": 1, "total": 2, "had": 1}, headers=HX
        )
        self.assertContains(end, "You had 1 of 2.")
        self.assertContains(end, "tomorrow")
        self.assertContains(end, "2 cards")
        assert list(Card.objects.order_by("stage").values_list("stage", flat=True)) == [0, 1]

    def test_without_htmx_the_answer_leads_to_the_next_card(self):
        first, second = (make_card(self.learner) for _ in range(2))
        fields = {"result": "right", "done": 0, "total": 2, "had": 0}
        page = self.client.post(self.urls(first)[1], fields, follow=True)
        assert page.redirect_chain[0][0] == f"{self.url}?done=1&total=2&had=1"
        self.assertContains(page, second.quote)
        self.assertContains(page, "Card 2 of 2")

    def test_ten_at_most_and_then_another_round(self):
        for _ in range(12):
            make_card(self.learner)
        self.assertContains(self.client.get(self.url), "Card 1 of 10")
        end = self.client.get(f"{self.url}?done=10&total=10&had=7")
        self.assertContains(end, "You had 7 of 10.")
        self.assertContains(end, "Another round")

    def test_longest_due_comes_first_and_what_is_not_due_does_not_come(self):
        today = self.learner.today
        make_card(self.learner, "not today", due_on=today + timedelta(days=1))
        page = self.client.get(self.url)
        self.assertContains(page, "Nothing is due today")
        self.assertNotContains(page, "not today")
        make_card(self.learner, "due today")
        make_card(self.learner, "due long ago", due_on=today - timedelta(days=9))
        self.assertContains(self.client.get(self.url), "due long ago")

    def test_a_page_that_tells_nonsense_begins_anew(self):
        make_card(self.learner)
        for query in (
            "done=9&total=2&had=0",
            "done=-1&total=x",
            "done=1&total=9999&had=1",
            "done=²",
        ):
            self.assertContains(self.client.get(f"{self.url}?{query}"), "Card 1 of 1")

    def test_an_answer_that_is_neither_right_nor_wrong_is_refused(self):
        card = make_card(self.learner)
        assert self.client.post(self.urls(card)[1], {"result": "maybe"}).status_code == 422
        card.refresh_from_db()
        assert card.last_seen_at is None

    def test_strangers_the_signed_out_and_wrong_methods(self):
        card = make_card(self.learner)
        for url in self.urls(card):
            assert self.client.get(url).status_code == 405
            other = Client()
            assert other.post(url).status_code == 302
            assert other.post(url, headers=JSON).status_code == 401
            other.force_login(self.stranger)
            assert other.post(url, {"result": "right"}).status_code == 404
        assert self.client.post(self.url).status_code == 405
        assert Client().get(self.url).status_code == 302
        missing = reverse("practice:card-answer", args=[uuid.uuid4()])
        assert self.client.post(missing, {"result": "right"}).status_code == 404

    def test_queries_are_six_at_most_and_do_not_grow(self):
        def count(cards_made):
            with self.assertNumQueries(4):
                page = self.client.get(self.url)
            self.assertContains(page, f"Card 1 of {cards_made}")

        make_corrected(self.learner, make_prompt(), *CORRECTIONS)
        with self.assertNumQueries(6):  # it makes them
            self.client.get(self.url)
        count(2)
        for _ in range(30):
            make_card(self.learner)
        count(10)


class DeviceTests(TestCase):
    """What goes along without a network, and what comes back from there."""

    @classmethod
    def setUpTestData(cls):
        cls.learner, cls.stranger = make_user(), make_user()
        cls.url = reverse("practice:card-list")

    def setUp(self):
        self.client.force_login(self.learner)

    def test_the_due_cards_of_this_person_and_nobody_else(self):
        make_corrected(self.learner, make_prompt(), CORRECTIONS[0])
        make_card(self.stranger, "somebody else's")
        make_card(self.learner, "later", due_on=self.learner.today + timedelta(days=1))
        reply = self.client.get(self.url)
        card = Card.objects.get(quote="I go home")
        assert reply.json() == {
            "user": str(self.learner.pk),
            "cards": [
                {
                    "id": str(card.pk),
                    "quote": "I go home",
                    "better": "I went home",
                    "why": "Say it as “I went home”.",
                }
            ],
        }
        assert "no-store" in reply["Cache-Control"]
        assert self.client.post(self.url).status_code == 405

    def test_signed_out_it_says_so(self):
        assert Client().get(self.url).status_code == 302
        assert Client().get(self.url, headers=JSON).status_code == 401

    def test_an_answer_sent_twice_counts_once_and_both_are_told_the_same(self):
        card = make_card(self.learner)
        Card.objects.update(made_at=timezone.now() - timedelta(days=1))
        url = reverse("practice:card-answer", args=[card.pk])
        at = (timezone.now() - timedelta(milliseconds=1)).isoformat()
        fields = {"result": "right", "answered_at": at}
        first = self.client.post(url, fields, headers=JSON).json()
        again = self.client.post(url, fields, headers=JSON).json()
        tomorrow = str(self.learner.today + timedelta(days=1))
        assert first == {"counted": True, "stage": 1, "due_on": tomorrow}
        assert again == {"counted": False, "stage": 1, "due_on": tomorrow}

    def test_a_time_that_cannot_be_read_is_now(self):
        for text in ("", "yesterday", "2026-13-45T99:00:00Z", "2026-11-20T25:61"):
            card = make_card(self.learner)
            url = reverse("practice:card-answer", args=[card.pk])
            reply = self.client.post(url, {"result": "wrong", "answered_at": text}, headers=JSON)
            assert reply.json()["counted"], text
