"""Cards: made of one's own corrections when asked for, due on one's own day, answered once."""

from datetime import UTC, date, datetime, timedelta

from django.test import TestCase, override_settings
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
        with self.assertNumQueries(2):
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
