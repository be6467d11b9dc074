"""`manage.py rebuild_days`: the same as day by day, for everybody or for one person."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from scoring.models import DaySummary, Response
from scoring.summaries import days
from tests.factories import make_prompt, make_rated, make_user

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)  # noon in Seoul


class RebuildTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = [make_user("a@example.org"), make_user("b@example.org")]
        cls.prompt = make_prompt(item_type="PAST")
        for person in cls.people:
            for back in (0, 1, 40, 400):
                moment = NOON - timedelta(days=back)
                make_rated(person, cls.prompt, recorded_at=moment, is_first=back == 400)

    def rebuilt(self, *arguments):
        out = StringIO()
        call_command("rebuild_days", *arguments, stdout=out)
        return out.getvalue()

    def picture(self):
        rows = DaySummary.objects.order_by("speaker", "day")
        return list(
            rows.values("speaker", "day", "answers", "first_takes", "voiced_ms", "facts", "board")
        )

    def test_it_says_the_same_as_day_by_day_and_can_be_repeated(self):
        for response in Response.objects.all():
            days.recount(response)
        picture = self.picture()
        DaySummary.objects.all().delete()
        assert "8 days of 2 people" in self.rebuilt()
        assert self.picture() == picture
        DaySummary.objects.update(answers=99, facts={})
        assert "8 days of 2 people" in self.rebuilt()
        assert self.picture() == picture

    def test_one_person(self):
        assert "4 days of 1 people" in self.rebuilt("--person", "A@example.org")
        assert set(DaySummary.objects.values_list("speaker", flat=True)) == {self.people[0].pk}
        with pytest.raises(CommandError, match="Nobody here"):
            self.rebuilt("--person", "nobody@example.org")

    def test_a_day_whose_answers_are_gone_says_nothing_any_more(self):
        DaySummary.objects.create(
            speaker=self.people[0], day=date(2020, 1, 1), answers=3, facts={"levels": {"8": 3}}
        )
        self.rebuilt()
        row = DaySummary.objects.get(day=date(2020, 1, 1))
        assert (row.answers, row.facts["levels"]) == (0, {})

    def test_it_tells_how_far_it_is(self):
        from scoring.management.commands import rebuild_days

        seconds, rebuild_days.REPORT_EVERY_SECONDS = rebuild_days.REPORT_EVERY_SECONDS, 0
        self.addCleanup(setattr, rebuild_days, "REPORT_EVERY_SECONDS", seconds)
        assert "2 of 2 people" in self.rebuilt()
