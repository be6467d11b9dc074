"""The rating service is away for a weekend: `python -m tests.benchmarks.outages` prints it all."""

from django.test import TestCase

from scoring.models import Response
from tests.scoring import outages
from tests.scoring.outages import WEEKEND


class WeekendTests(TestCase):
    def test_after_a_weekend_all_are_rated_oldest_first_and_unhurried(self):
        for responses, speakers in ((1, 1), (15, 1), (40, 8)):
            with self.subTest(responses):
                Response.objects.all().delete()
                outages.check(outages.played(WEEKEND, responses, speakers), WEEKEND, responses)
