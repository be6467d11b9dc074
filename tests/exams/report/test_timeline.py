"""Where answers stand on the clock of a sitting, without its breaks."""

from datetime import timedelta

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from exams.models import Attempt
from exams.report.timeline import timeline_of, without_breaks
from scoring.models import Response
from tests.exams.cases import ExamCase, make_measured_item


class TimelineTests(ExamCase):
    def test_the_axis_is_the_time_of_the_clock_and_a_pause_is_called_one(self):
        attempt = self.begun(mode="relaxed")
        self.through(attempt, 3)
        start, pause = attempt.started_at, timedelta(seconds=189)
        seconds = (20, 80, 400 + 189)
        rows = attempt.items.select_related("revision__prompt", "attempt__candidate")
        for item, at in zip(rows, seconds, strict=False):
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
