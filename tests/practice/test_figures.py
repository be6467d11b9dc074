"""The figures of a take as they are printed beside the take before."""

from django.test import TestCase
from django.utils import translation

from practice.comparison import figures_between
from tests.factories import MEASURES, make_measured, make_user


class FigureTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        person = make_user()
        cls.before, cls.now = make_measured(person), make_measured(person)
        cls.now.measures = {**MEASURES, "mean_pause_seconds": 0.0, "mean_run_seconds": 14.6}

    def printed(self, language):
        with translation.override(language):
            return {one.label: one for one in figures_between(self.now, self.before)}

    def test_a_take_without_a_pause_has_none_and_a_long_run_has_no_decimals(self):
        printed = self.printed("en")
        assert printed["Each pause"].text == "none"
        assert printed["Without a pause"].text == "15 s"
        assert printed["Time spoken"].text == "64 %"

    def test_a_unit_stays_with_the_figure_before_and_is_written_as_the_language_does(self):
        assert self.printed("en")["Without a pause"].change == "better, before: 2.1\u00a0s"
        assert self.printed("ko")["이어서 말한 길이"].text == "15초"
