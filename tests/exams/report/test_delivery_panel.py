"""A report without a level: figures by question, averages beside the last test, things to do."""

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from exams import closing
from exams.models import Attempt
from exams.report.delivery_panel import words_panel_for
from materials.models import Prompt
from opic.lib.levels import Level
from tests.exams.cases import ExamCase, make_measured_item
from tests.factories import make_goal

FACTS = {
    "version": "1",
    "is_understood": True,
    "transcript": "I went to the park with my sister because " * 8,
    "word_count": 72,
    "words_per_minute": 61.0,
    "time_frames": {"past": [{}, {}], "present": [], "future": [{}]},
    "links": [{}],
    "questions_asked": [],
    "points": [
        {"text": "say where it is", "is_touched": True, "quotes": []},
        {"text": "say why you like it", "is_touched": False, "quotes": []},
    ],
    "advice": {"key": "points", "is_again": False, "facts": {}, "quote": None},
}


class DeliveryPanelTests(ExamCase):
    def sat(self, count=15, *, days_ago=0, seconds=40.0, skips=()):
        attempt = self.begun()
        self.through(attempt, count)
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            if item.number <= count and item.number not in skips:
                make_measured_item(item, length_seconds=seconds + item.number)
        attempt.items.filter(number__in=skips).update(is_skipped=True)
        attempt.submit()
        long_ago = timezone.now() - timedelta(days=days_ago)
        Attempt.objects.filter(pk=attempt.pk).update(made_at=long_ago)
        closing.close_if_final(str(attempt.pk))
        return Attempt.objects.for_page().get(pk=attempt.pk)

    def report(self, attempt):
        return self.client.get(self.url("attempt-detail", attempt))

    def test_every_question_has_its_figures_and_the_worst_is_marked(self):
        make_goal(self.candidate, target=Level.IH)
        attempt = self.sat(skips=(5,))
        page = self.report(attempt)
        report = page.context["report"]
        rows = report.delivery.rows
        assert [row.number for row in rows] == list(range(1, 16))
        for row in rows:
            if row.number == 5:
                assert (row.cells, row.note) == ([], "nothing said · counts as skipped")
                continue
            labels = [(cell.label, cell.text) for cell in row.cells]
            assert labels == [
                ("Length", f"{40 + row.number}"),
                ("Pace", "83"),
                ("Pauses", "1.1"),
            ]
        assert [row.number for row in rows if row.is_weakest] == [1]
        assert [cell.is_worst for cell in rows[0].cells] == [True, False, False]
        self.assertContains(page, "too short")
        self.assertContains(page, "14 answers, beside what is typical of IH.")
        self.assertContains(page, "1 question counts as skipped.")

    def test_the_averages_stand_beside_the_last_test_that_counts(self):
        make_goal(self.candidate, target=Level.IH)
        self.sat(days_ago=9, seconds=30.0)
        self.sat(count=2, days_ago=5, seconds=90.0)  # nobody calls that a test
        panel = self.report(self.sat()).context["report"].delivery
        length = panel.averages[0]
        assert (length.text, length.before, length.change) == (
            "48 s",
            "38 s",
            "better than last time",
        )
        assert (length.typical, length.verdict) == ("60–\u2060100\u00a0s", "too short")
        assert panel.averages[1].change == "as last time"

    def test_each_thing_to_do_starts_with_a_tap(self):
        attempt = self.sat(skips=(5, 6, 7))
        first = attempt.items.get(number=5).revision.prompt
        steps = self.report(attempt).context["report"].delivery.steps
        assert len(steps) == 3
        assert steps[0].url == reverse("practice:prompt-detail", args=[first.pk])
        for step in steps:
            assert self.client.get(step.url).status_code == 200
        Prompt.objects.filter(pk=first.pk).update(retired_at=timezone.now())
        steps = self.report(attempt).context["report"].delivery.steps
        assert steps[0].url.endswith(f"?type={first.item_type}")

    def test_it_costs_the_same_for_two_answers_and_fifteen_and_after_other_tests(self):
        few = self.sat(count=2)
        with self.assertNumQueries(5):
            self.report(few)
        self.sat(days_ago=3)
        many = self.sat()
        with self.assertNumQueries(5):
            self.report(many)

    def test_what_was_heard_stands_with_its_facts_and_what_was_asked_for(self):
        attempt = self.sat()
        item = attempt.items.for_report().first()
        item.response.shown_rating.facts = FACTS
        words = words_panel_for(item)
        assert words.text.endswith(" …")
        assert list(words.facts) == ["72 words", "past 2×", "future 1×", "1 linking word"]
        assert (list(words.asked_for), list(words.had)) == (
            ["say where it is", "say why you like it"],
            ["say where it is"],
        )
        item.response.shown_rating.facts = {"is_understood": False, "transcript": "uh the"}
        words = words_panel_for(item)
        assert (words.text, list(words.facts), list(words.asked_for)) == ("uh the", [], [])
        item.response.shown_rating = None
        assert words_panel_for(item) is None

    def test_nothing_stands_in_the_table_twice(self):
        part = self.report(self.sat()).content.decode()
        ids = re.findall(r'\bid="([^"]+)"', part)
        assert len(ids) == len(set(ids))
