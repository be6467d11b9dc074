"""Corrections that people dismiss: who may, what goes, and which kinds switch themselves off."""

import random
from collections import Counter
from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from scoring.models import DismissedCorrection
from scoring.rating import dismissals
from tests.factories import make_heard, make_prompt, make_user
from tests.heard import TRANSCRIPT, facts, quote

KINDS = ("word_choice", "time_word", "preposition")
FRAGMENT = {"HX-Request": "true"}


def with_corrections(kinds):
    """Facts with a correction of each kind, at words one after the other."""
    words = TRANSCRIPT.split()
    rows = [
        quote(TRANSCRIPT, " ".join(words[:place]), kind=kind, better="x", start=place)
        for place, kind in enumerate(kinds, start=1)
    ]
    return facts(corrections=rows)


class DismissTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()
        cls.response = make_heard(cls.person, make_prompt())
        cls.first = cls.response.shown_rating.facts["corrections"][0]

    def setUp(self):
        self.client.force_login(self.person)
        self.url = reverse("scoring:correction-dismiss", args=[self.response.pk])

    def send(self, **changes):
        data = {"kind": self.first["kind"], "start": self.first["start"], **changes}
        return self.client.post(self.url, data, headers=FRAGMENT)

    def test_it_goes_and_stays_away_and_twice_is_once(self):
        page = reverse("scoring:response-detail", args=[self.response.pk])
        self.assertContains(self.client.get(page), self.first["better"])
        for _ in range(2):
            self.assertContains(self.send(), "data-focus")
        assert DismissedCorrection.objects.count() == 1
        for address in (page, reverse("scoring:response-rating", args=[self.response.pk])):
            reply = self.client.get(address, headers=FRAGMENT if "rating" in address else {})
            self.assertNotContains(reply, self.first["better"])
            self.assertContains(reply, "last weekend I went")

    def test_without_script_it_leads_back_to_the_answer(self):
        data = {"kind": self.first["kind"], "start": self.first["start"]}
        self.assertRedirects(
            self.client.post(self.url, data),
            reverse("scoring:response-detail", args=[self.response.pk]),
        )

    def test_only_what_is_shown_can_be_dismissed_and_only_by_who_spoke(self):
        for changes in ({"kind": "another"}, {"start": 999}, {"start": "x"}, {"kind": ""}):
            assert self.send(**changes).status_code == 404, changes
        assert self.client.get(self.url).status_code == 405
        self.client.force_login(self.stranger)
        assert self.send().status_code == 404
        assert not DismissedCorrection.objects.exists()

    def test_it_goes_with_the_answer(self):
        self.send()
        self.response.delete()
        assert not DismissedCorrection.objects.exists()


class SwitchedOffTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.prompt = make_prompt()

    def speak(self, person, kinds, minutes=0):
        at = timezone.now() - timedelta(minutes=minutes)
        return make_heard(person, self.prompt, with_facts=with_corrections(kinds), recorded_at=at)

    def test_more_than_a_fifth_of_five_and_more(self):
        person = make_user()
        for count, gone, is_off in ((4, 4, False), (5, 1, False), (5, 2, True), (10, 2, False)):
            DismissedCorrection.objects.all().delete()
            person.responses.all().delete()
            for place in range(count):
                response = self.speak(person, ["time_word"])
                if place < gone:
                    dismissals.dismiss(response, "time_word", 1)
            assert (dismissals.switched_off(person) == {"time_word"}) == is_off, (count, gone)

    def test_as_a_count_by_hand_says_for_anybody(self):
        rng = random.Random(7)
        for _ in range(12):
            person, other = make_user(), make_user()
            shown, gone = Counter(), Counter()
            for minutes in range(rng.randint(1, 9)):
                kinds = [rng.choice(KINDS) for _ in range(rng.randint(0, 3))]
                response = self.speak(person, kinds, minutes)
                theirs = self.speak(other, kinds, minutes)
                for place, kind in enumerate(kinds, start=1):
                    shown[kind] += 1
                    dismissals.dismiss(theirs, kind, place)
                    if rng.random() < 0.25:
                        gone[kind] += 1
                        dismissals.dismiss(response, kind, place)
            expected = {
                kind for kind in KINDS if shown[kind] >= 5 and gone[kind] / shown[kind] > 0.2
            }
            assert dismissals.switched_off(person) == expected, (shown, gone)

    def test_shown_by_two_ratings_counts_once_and_old_answers_not_at_all(self):
        person = make_user()
        responses = [self.speak(person, ["time_word"], minutes) for minutes in range(4)]
        rating = responses[0].shown_rating
        rating.pk = None
        rating.save()
        for response in responses:
            dismissals.dismiss(response, "time_word", 1)
        assert dismissals.switched_off(person) == frozenset()
        self.speak(person, ["time_word"], 9)
        assert dismissals.switched_off(person) == {"time_word"}
        with mock.patch.object(dismissals, "LOOK_BACK", 4):
            assert dismissals.switched_off(person) == frozenset()

    def test_it_takes_three_queries_however_much_was_said(self):
        person = make_user()
        for minutes in range(6):
            self.speak(person, KINDS, minutes)
        with self.assertNumQueries(3):
            dismissals.switched_off(person)
