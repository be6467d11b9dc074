"""Cards: made of one's own corrections when asked for, due on one's own day, answered once."""

import uuid
from datetime import UTC, date, datetime, timedelta

from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from practice import takes
from practice.cards import deck
from practice.models import Card, PracticeTake
from scoring.models import Rating, Response
from tests.factories import (
    make_card,
    make_corrected,
    make_measured,
    make_prompt,
    make_take,
    make_user,
)

HX = {"HX-Request": "true"}
JSON = {"X-Wants": "json"}
CORRECTIONS = [("I go home", "I went home"), ("he are nice", "he is nice")]


class MakingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner, cls.stranger = make_user(), make_user()
        cls.prompt = make_prompt()

    def quotes(self):
        return set(Card.objects.held_by(self.learner).values_list("quote", flat=True))

    def test_each_correction_becomes_a_card_due_today_in_its_sentence(self):
        response = make_corrected(self.learner, self.prompt, *CORRECTIONS)
        deck.make(self.learner)
        card = Card.objects.get(quote="I go home")
        assert (card.before, card.after, card.response) == ("And so ", " that day.", response)
        assert card.corrected == "And so I went home that day."
        assert (card.due_on, card.stage) == (self.learner.today, 0)
        assert self.quotes() == {"I go home", "he are nice"}

    def test_asked_twice_it_makes_nothing_twice(self):
        make_corrected(self.learner, self.prompt, *CORRECTIONS)
        deck.make(self.learner)
        with self.assertNumQueries(1):
            deck.make(self.learner)
        assert Card.objects.count() == 2

    def test_the_same_words_in_another_answer_are_the_same_card(self):
        make_corrected(self.learner, self.prompt, ("I go home", "I went home"))
        deck.make(self.learner)
        make_corrected(
            self.learner, self.prompt, ("i GO home", "I went home"), ("new one", "a new one")
        )
        deck.make(self.learner)
        assert self.quotes() == {"I go home", "new one"}

    def test_what_changes_no_word_or_is_too_long_makes_no_card(self):
        long = "and then I go " * 40
        make_corrected(self.learner, self.prompt, ("do not", "don't"), (long.strip(), "shorter"))
        deck.make(self.learner)
        assert self.quotes() == set()

    def test_nothing_is_made_of_measures_of_strangers_or_of_old_answers(self):
        make_measured(self.learner, self.prompt)
        make_corrected(self.stranger, self.prompt, *CORRECTIONS)
        old = timezone.now() - timedelta(days=9)
        make_corrected(self.learner, self.prompt, ("very old", "quite old"), recorded_at=old)
        make_corrected(self.learner, self.prompt, ("a bit new", "quite new"))
        with override_settings(OPIC_CARDS_LOOK_BACK=1):
            deck.make(self.learner)
        assert self.quotes() == {"a bit new"}

    def test_a_persons_word_on_the_level_keeps_the_corrections(self):
        response = make_corrected(self.learner, self.prompt, CORRECTIONS[0])
        rating = Rating.objects.create(
            response=response, kind="rating", source="person", level_low=8, level_high=8, level=8
        )
        Response.objects.filter(pk=response.pk).update(shown_rating=rating)
        deck.make(self.learner)
        assert self.quotes() == {"I go home"}

    def test_rated_again_the_last_rating_counts(self):
        response = make_corrected(self.learner, self.prompt, CORRECTIONS[0])
        old = response.shown_rating
        corrections = [{**old.advice["corrections"][0], "better": "I walked home"}]
        Rating.objects.create(
            response=response,
            kind="rating",
            level=6,
            level_low=6,
            level_high=6,
            advice={**old.advice, "corrections": corrections},
        )
        deck.make(self.learner)
        assert Card.objects.get().better == "I walked home"

    def test_deleting_a_take_deletes_what_was_found_in_it(self):
        response = make_corrected(self.learner, self.prompt, *CORRECTIONS)
        make_take(self.learner, self.prompt, response)
        deck.make(self.learner)
        takes.delete(PracticeTake.objects.get(pk=response.pk))
        assert self.quotes() == set()


class AnsweringTests(TestCase):
    """One answer each time a card is due."""

    @classmethod
    def setUpTestData(cls):
        cls.learner = make_user()

    def setUp(self):
        self.noon = datetime(2024, 11, 20, 3, tzinfo=UTC)  # 12:00 in Seoul
        self.card = make_card(self.learner, due_on=date(2024, 11, 20))
        Card.objects.update(made_at=self.noon - timedelta(days=30))
        self.card.refresh_from_db()

    def give(self, at, *, is_right=True):
        fresh = Card.objects.get(pk=self.card.pk)
        return deck.answer(fresh, self.learner, is_right=is_right, claimed_at=at)

    def state(self):
        self.card.refresh_from_db()
        card = self.card
        return card.stage, card.due_on, card.right_count, card.wrong_count

    def test_had_it_again_and_again_until_once_missed(self):
        at, due = self.noon, date(2024, 11, 20)
        for stage, days in enumerate((1, 3, 7, 16, 35), start=1):
            assert self.give(at)
            due += timedelta(days=days)
            at += timedelta(days=days)
            assert self.state() == (stage, due, stage, 0)
        assert self.give(at, is_right=False)
        assert self.state() == (0, due + timedelta(days=1), 5, 1)

    def test_before_it_is_due_no_answer_counts(self):
        assert not self.give(self.noon - timedelta(days=1))
        assert self.state() == (0, date(2024, 11, 20), 0, 0)

    def test_the_same_answer_twice_changes_nothing(self):
        assert self.give(self.noon)
        before = self.state()
        assert not self.give(self.noon)
        assert not self.give(self.noon + timedelta(minutes=5), is_right=False)
        assert self.state() == before

    def test_two_copies_read_before_either_was_answered_count_once(self):
        one, other = (Card.objects.get(pk=self.card.pk) for _ in range(2))
        assert one.answer(is_right=True, at=self.noon, on=date(2024, 11, 20))
        late = self.noon + timedelta(days=1)
        assert not other.answer(is_right=False, at=late, on=date(2024, 11, 21))
        assert self.state() == (1, date(2024, 11, 21), 1, 0)

    def test_an_older_answer_that_arrives_late_is_left_out(self):
        Card.objects.update(last_seen_at=self.noon)
        assert not self.give(self.noon - timedelta(hours=1))

    def test_the_day_is_the_learners_own(self):
        before_midnight = datetime(2024, 11, 19, 14, 50, tzinfo=UTC)  # 23:50 in Seoul
        assert not self.give(before_midnight)  # not due yet
        assert self.give(before_midnight + timedelta(minutes=20))
        assert self.state()[1] == date(2024, 11, 21)

    def test_a_device_clock_ahead_or_behind_is_kept_within_what_can_be_true(self):
        Card.objects.update(due_on=self.learner.today, made_at=timezone.now() - timedelta(hours=1))
        assert self.give(timezone.now() + timedelta(days=400))
        self.card.refresh_from_db()
        assert self.card.last_seen_at <= timezone.now()
        assert self.card.due_on == self.learner.today + timedelta(days=1)

    @override_settings(OPIC_CARD_DAYS=[2, 5])
    def test_the_days_are_a_setting(self):
        assert self.give(self.noon)
        assert self.state()[1] == date(2024, 11, 22)


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
        self.assertContains(self.client.post(show), "<h1>Mend my sentences</h1>")
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
