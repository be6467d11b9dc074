"""Which sittings count as a test, and where answers stand on the clock."""

from datetime import timedelta

from django.test import SimpleTestCase, override_settings
from hypothesis import given
from hypothesis import strategies as st

from exams.counted import counted
from exams.models import Attempt
from exams.timeline import timeline_of, without_breaks
from scoring.models import Response
from tests.exams.cases import ExamCase, make_measured_item


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

    def test_one_that_goes_on_is_none_yet(self):
        attempt = self.begun()
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_measured_item(item)
        with override_settings(OPIC_EXAM_COUNTED_ANSWERS=1):
            assert not counted(Attempt.objects.all()).exists()


class TimelineTests(ExamCase):
    def test_the_axis_is_the_time_of_the_clock_and_a_pause_is_called_one(self):
        attempt = self.begun(mode="relaxed")
        self.through(attempt, 3)
        start, pause = attempt.started_at, timedelta(seconds=189)
        said = (20, 80, 400 + 189)
        rows = attempt.items.select_related("revision__prompt", "attempt__candidate")
        for item, at in zip(rows, said, strict=False):
            response = make_measured_item(item, length_seconds=40.0)
            when = start + timedelta(seconds=at)
            Response.objects.filter(pk=response.pk).update(recorded_at=when)
        attempt.submit()
        Attempt.objects.filter(pk=attempt.pk).update(
            break_seconds=189, deadline_at=attempt.deadline_at + pause
        )
        attempt = Attempt.objects.for_page().get(pk=attempt.pk)
        made = timeline_of(attempt, list(attempt.items.for_report()))
        assert made.minutes == 40
        assert [one.x for one in made.stretches] == [8.3, 33.3, round(1000 * 400 / 2400, 1)]
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "paused for 3 minutes")
        self.assertNotContains(page, "given back")


class WithoutBreaksTests(SimpleTestCase):
    @given(
        st.lists(st.tuples(st.integers(0, 300), st.integers(0, 120)), min_size=0, max_size=15),
        st.integers(0, 2000),
    )
    def test_answers_keep_order_and_length_and_lose_just_the_break(self, gaps, pause):
        spans, at = [], 0
        for gap, length in gaps:
            spans.append((at + gap, length))
            at += gap + length
        moved = without_breaks(spans, pause)
        assert [length for _start, length in moved] == [length for _start, length in spans]
        ends = [0, *(start + length for start, length in moved)]
        assert all(start >= end for (start, _length), end in zip(moved, ends, strict=False))
        if spans:
            most = sum(gap for gap, _length in gaps)
            assert spans[-1][0] - moved[-1][0] == min(pause, most)
