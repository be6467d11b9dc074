"""Which sittings count as a test, for the weekly plan and to be compared with."""

from datetime import timedelta

from django.test import override_settings

from exams.counted import counted
from exams.models import Attempt
from opic.pages.home.context import home_of
from scoring.models import Response
from tests.exams.cases import ExamCase, make_measured_item
from tests.factories import make_goal


class CountedTests(ExamCase):
    def counts(self, spoken, *, items=15, voiced_ms=5000):
        attempt = self.begun()
        self.through(attempt, 15)
        rows = attempt.items.select_related("revision__prompt", "attempt__candidate")
        for item in rows[:spoken]:
            make_measured_item(item)
        Response.objects.filter(attempt_item__attempt=attempt).update(voiced_ms=voiced_ms)
        Attempt.objects.filter(pk=attempt.pk).update(item_count=items)
        attempt.submit()
        return counted(Attempt.objects.filter(pk=attempt.pk)).exists()

    def test_twelve_of_fifteen_and_ten_of_twelve_answers_make_a_test(self):
        table = ((11, 15, False), (12, 15, True), (9, 12, False), (10, 12, True), (0, 15, False))
        for spoken, items, is_test in table:
            assert self.counts(spoken, items=items) == is_test, (spoken, items)

    def test_an_answer_of_under_five_seconds_of_speech_is_none(self):
        assert not self.counts(15, voiced_ms=4999)

    @override_settings(OPIC_EXAM_COUNTED_ANSWERS=2)
    def test_the_threshold_is_a_setting(self):
        assert self.counts(2)
        assert not self.counts(1)

    def test_the_plan_of_the_week_is_done_by_a_test_and_not_by_two_answers(self):
        make_goal(self.candidate, exam_on=self.candidate.today + timedelta(days=40))
        for spoken, is_done in ((2, False), (12, True)):
            self.counts(spoken)
            plan = home_of(self.candidate).plan
            assert any(row.sittings == "done" for row in plan.rows) == is_done

    def test_one_that_goes_on_is_none_yet(self):
        attempt = self.begun()
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_measured_item(item)
        with override_settings(OPIC_EXAM_COUNTED_ANSWERS=1):
            assert not counted(Attempt.objects.all()).exists()
