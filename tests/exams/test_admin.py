"""The operator's desk: sittings without anybody's words, and our levels beside official ones."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from exams import official_agreement
from exams.models import Attempt, AttemptResult, OfficialLevel, SelfAssessment
from opic.lib.levels import Level
from tests.factories import enter_admin, make_user
from tests.materials.test_admin import FewerThan


def make_rated(candidate, level, *, days_ago):
    at = timezone.now() - timedelta(days=days_ago)
    attempt = Attempt.objects.create(
        candidate=candidate,
        status="submitted",
        item_count=15,
        made_at=at,
        started_at=at,
        deadline_at=at + timedelta(minutes=40),
        submitted_at=at,
    )
    SelfAssessment.objects.create(attempt=attempt, step=5)
    result = AttemptResult.objects.create(
        attempt=attempt, level=level, level_low=level, level_high=level
    )
    Attempt.objects.filter(pk=attempt.pk).update(status="rated", result=result)
    return attempt


def add_official_level(candidate, level, *, days_ago):
    taken_on = timezone.localdate() - timedelta(days=days_ago)
    OfficialLevel.objects.create(candidate=candidate, level=level, taken_on=taken_on)


class PairTests(TestCase):
    def test_the_last_sitting_of_the_month_before_counts(self):
        person = make_user()
        make_rated(person, Level.IL, days_ago=60)  # too long ago
        make_rated(person, Level.IM1, days_ago=20)
        make_rated(person, Level.IM2, days_ago=12)
        make_rated(person, Level.AL, days_ago=1)  # after the exam
        add_official_level(person, Level.IM3, days_ago=10)
        assert official_agreement.pairs() == [(Level.IM3, Level.IM2)]

    def test_few_pairs_say_nothing_and_thirty_do(self):
        for number in range(official_agreement.LEAST):
            person = make_user()
            make_rated(person, Level.IM2 if number % 2 else Level.IM3, days_ago=12)
            add_official_level(person, Level.IM3, days_ago=10)
            if number == official_agreement.LEAST - 2:
                assert "exact" not in official_agreement.summary()
        stats = official_agreement.summary()
        assert (stats["count"], stats["exact"].value, stats["within_one"].value) == (30, 0.5, 1.0)
        assert stats["bias"] == -0.5
        assert 0 < stats["bias_half"] < 0.5


class AdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.staff = make_user(is_staff=True, is_superuser=True)

    def setUp(self):
        enter_admin(self.client, self.staff)

    def test_lists_cost_ten_queries_at_most(self):
        for number in range(12):
            person = make_user()
            make_rated(person, Level.IM2, days_ago=number)
            add_official_level(person, Level.IM2, days_ago=number)
        for name in ("attempt", "officiallevel"):
            with self.assertNumQueries(FewerThan(11)):
                page = self.client.get(reverse(f"admin:exams_{name}_changelist"))
            assert page.status_code == 200

    def test_too_few_pairs_are_said_to_be_too_few(self):
        page = self.client.get(reverse("admin:exams_officiallevel_changelist"))
        self.assertContains(page, "Not enough data: 0 of 30 pairs.")

    def test_a_sitting_shows_its_items_and_nobody_s_words(self):
        attempt = make_rated(make_user(), Level.IM2, days_ago=1)
        page = self.client.get(reverse("admin:exams_attempt_change", args=[attempt.pk]))
        assert page.status_code == 200
        self.assertNotContains(page, attempt.candidate.email)
