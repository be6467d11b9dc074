"""Answers that took long to rate: whoever spoke hears of it, once."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from accounts.models import Notice
from practice.tasks import tell_late
from scoring.models import Rating, Response, Status
from tests.factories import make_measured, make_prompt, make_take, make_user

LEVELS = {"kind": "rating", "level_low": 5, "level_high": 6}


class LateTests(TestCase):
    def setUp(self):
        self.learner = make_user()

    def take(self, *, minutes):
        """Uploaded so many minutes before its rating, which came just now."""
        take = make_take(self.learner, make_prompt())
        uploaded = timezone.now() - timedelta(minutes=minutes)
        Response.objects.filter(pk=take.pk).update(received_at=uploaded)
        return take

    def rate(self, take, **fields):
        rating = Rating.objects.create(response_id=take.pk, **{**LEVELS, **fields})
        Response.objects.filter(pk=take.pk).update(status=Status.RATED, shown_rating=rating)
        return rating

    def late_notices(self):
        tell_late()
        return list(Notice.objects.values_list("key", flat=True))

    def test_only_what_took_longer_than_two_minutes_is_news_and_once(self):
        quick, late = self.take(minutes=1), self.take(minutes=3)
        assert self.late_notices() == []  # measured only
        self.rate(quick)
        self.rate(late)
        assert self.late_notices() == [f"answer:{late.pk}"]
        assert self.late_notices() == [f"answer:{late.pk}"]
        notice = Notice.objects.get()
        assert (notice.person, notice.kind) == (self.learner, Notice.Kind.RESULT)
        assert notice.url == f"/responses/{late.pk}/"

    def test_rating_it_again_is_no_news(self):
        take = self.take(minutes=60)
        self.rate(take, made_at=timezone.now() - timedelta(minutes=59))
        self.rate(take)
        assert self.late_notices() == []

    def test_what_was_rated_long_ago_is_no_news(self):
        take = self.take(minutes=60)
        self.rate(take, made_at=timezone.now() - timedelta(minutes=30))
        assert self.late_notices() == []

    def test_an_item_of_a_sitting_has_the_sittings_notice_only(self):
        response = make_measured(self.learner)
        Response.objects.update(received_at=timezone.now() - timedelta(minutes=5))
        self.rate(response)
        assert self.late_notices() == []

    def test_a_minute_costs_the_same_for_two_and_for_twelve(self):
        for total in (2, 12):
            for _ in range(total):
                self.rate(self.take(minutes=5))
            Notice.objects.all().delete()
            with self.subTest(total), self.assertNumQueries(6):
                tell_late()
            assert Notice.objects.count() >= total
