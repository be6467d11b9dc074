"""Codes that are stored: words joined by underscores, and those of before read as the same."""

import importlib
import re

import pytest
from django.apps import apps
from django.test import TestCase
from django.urls import reverse

from exams import labels
from exams.models import AttemptItem, AttemptResult, Status
from exams.sitting.assembly import Fallback
from exams.sitting.blueprint import Shift, Source
from scoring.levels.sitting import Major, State
from scoring.levels.target_gap import Share
from tests.factories import make_prompt, make_user
from tests.opic.pages.home.test_views import sit

migration = importlib.import_module("exams.migrations.0003_codes")


@pytest.mark.parametrize("codes", [State, Major, Source, Fallback, Shift, Share])
def test_a_code_is_no_phrase(codes):
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", value) for value in codes.values)


def test_every_code_on_screen_has_words():
    assert labels.MAJORS.keys() == set(Major)
    assert labels.SHARES.keys() == set(Share)
    assert labels.SHIFTS.keys() == set(Shift)


def test_an_item_drawn_by_the_release_before_is_still_a_role_play():
    assert Source("role play") is Source.ROLE_PLAY
    with pytest.raises(ValueError, match="no source"):
        Source("no source")


OLD = {
    "states": {"1": "rated", "2": "left out", "3": "skipped"},
    "weak": [],
    "floor": "advanced",
    "ceiling": "not tested",
    "reason": "",
    "weakest": "functions",
    "means": {"functions": [1.0, 1.0]},
    "floor_items": [1],
    "ceiling_items": [],
}
NEW = {
    **OLD,
    "states": {"1": "rated", "2": "left_out", "3": "skipped"},
    "ceiling": "not_tested",
}


class MigrationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.candidate = make_user()
        cls.attempt = sit(cls.candidate)
        revision = make_prompt().published
        rows = [("role play", "other step"), ("survey", "other topic"), ("pair", "repeated")]
        for number, (source, fallback) in enumerate(rows, start=1):
            AttemptItem.objects.create(
                attempt=cls.attempt,
                number=number,
                revision=revision,
                item_type="DESC",
                block=1,
                source=source,
                fallback=fallback,
                purpose="probe",
            )
        levels = {"level": 9, "level_low": 8, "level_high": 9, "sureness": "fairly"}
        results = AttemptResult.objects
        cls.result = results.create(attempt=cls.attempt, report=OLD, is_complete=True, **levels)
        cls.without_level = results.create(attempt=cls.attempt, report={"weak": []})
        cls.attempt.move_to(Status.SUBMITTED)
        cls.attempt.move_to(Status.RATED, result=cls.result)

    def items(self):
        return list(AttemptItem.objects.order_by("number").values_list("source", "fallback"))

    def reports(self):
        return list(AttemptResult.objects.order_by("pk").values_list("report", flat=True))

    def test_there_and_back_and_twice(self):
        before = self.items(), self.reports()
        for _ in range(2):
            migration.rename(apps, None)
            assert self.items() == [
                ("role_play", "other_step"),
                ("survey", "other_topic"),
                ("pair", "repeated"),
            ]
            assert self.reports() == [NEW, {"weak": []}]
        for _ in range(2):
            migration.rename_back(apps, None)
            assert (self.items(), self.reports()) == before

    def test_what_was_stored_stands_in_the_report_as_before(self):
        migration.rename(apps, None)
        self.client.force_login(self.candidate)
        page = self.client.get(reverse("exams:attempt-detail", args=[self.attempt.pk]))
        self.assertContains(page, labels.MAJORS[Major.NOT_TESTED])
        self.assertContains(page, "Say something to every")  # of the item that was skipped

    def test_every_stored_code_is_one_of_ours(self):
        migration.rename(apps, None)
        for source, fallback in self.items():
            assert source in Source.values
            assert fallback in Fallback.values
        for report in self.reports():
            assert set(report.get("states", {}).values()) <= set(State.values)
