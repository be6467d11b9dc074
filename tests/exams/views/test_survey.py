"""The survey before a sitting: asked in parts, kept as it is given, one tap where it is ready."""

from django.test import override_settings
from django.urls import reverse

from exams.models import BackgroundSurvey
from exams.survey import answers as survey_answers
from exams.survey import rules as survey_rules
from opic.lib.levels import Level
from tests.exams.cases import PRESET, ExamCase
from tests.factories import make_goal

HX = {"HX-Request": "true"}


class SurveyTests(ExamCase):
    def part(self, number):
        return reverse("exams:survey-part", args=[number])

    def saved(self):
        return BackgroundSurvey.objects.get(candidate=self.candidate)

    def test_a_part_is_swapped_for_the_next_and_has_an_address_of_its_own(self):
        reply = self.client.post(self.part(1), {"work": "none"}, headers=HX)
        assert reply["HX-Push-Url"] == self.part(2)
        self.assertContains(reply, "Are you a student now?")
        assert b"<html" not in reply.content
        self.assertContains(self.client.get(self.part(2)), "<html")  # Back and reload

    def test_what_follows_from_an_answer_is_asked_and_what_does_not_goes(self):
        reply = self.client.post(self.part(1), {"work": "company", "again": "1"}, headers=HX)
        self.assertContains(reply, "Do you have a job now?")
        self.client.post(self.part(1), {"work": "company", "has_job": "yes", "again": "1"})
        self.client.post(self.part(1), {"work": "none", "has_job": "yes", "again": "1"})
        assert self.saved().answers == {"work": "none"}

    def test_an_incomplete_part_says_what_is_missing_and_keeps_what_is_there(self):
        reply = self.client.post(self.part(1), {"work": "company"}, headers=HX)
        self.assertContains(reply, "Please answer: Do you have a job now?", status_code=422)
        reply = self.client.post(self.part(4), {"leisure": ["films", "no such thing"]}, headers=HX)
        self.assertContains(reply, "Pick at least 12 in all.", status_code=422)
        assert self.saved().picked["leisure"] == ["films"]
        assert not self.saved().is_complete

    def test_a_preset_is_one_tap_and_leads_to_the_test(self):
        self.client.post(reverse("exams:survey-preset", args=[PRESET]))
        assert self.saved().is_complete
        answers, picked = survey_rules.preset(PRESET)
        assert (self.saved().answers, self.saved().picked) == (answers, picked)
        assert self.client.post(reverse("exams:survey-preset", args=["other"])).status_code == 404
        page = self.client.get(reverse("exams:attempt-create"))
        self.assertContains(page, "Step 6")

    def preset(self, **posted):
        return self.client.post(reverse("exams:survey-preset", args=[PRESET]), posted)

    def test_a_preset_leaves_parts_1_to_3_unless_they_are_ticked_and_can_be_undone(self):
        mine = {
            "work": "company",
            "has_job": "yes",
            "how_long": "experienced",
            "manages": "no",
            "student": "no",
            "last_course": "degree",
            "dwelling": "family",
        }
        answers, picked = survey_rules.preset(PRESET)
        before = {"leisure": ["films"], "hobbies": [], "sports": [], "travel": []}
        BackgroundSurvey.objects.create(
            candidate=self.candidate, version="1", answers=mine, picked=before
        )
        page = self.client.get(self.part(1))
        self.assertContains(page, "Fills in part 4")
        self.assertContains(page, "Replace parts 1 to 3 too:")
        self.assertContains(page, "I have not worked yet")
        self.preset()
        assert (self.saved().answers, self.saved().picked) == (mine, picked)
        assert self.saved().is_complete
        for _ in range(2):  # a second press takes nothing away
            self.preset(replaces_all="1")
        assert self.saved().answers == answers
        undo = reverse("exams:survey-undo")
        self.assertContains(self.client.get(self.part(4)), undo)
        for _ in range(2):  # one step, and no second
            self.client.post(undo)
            assert (self.saved().answers, self.saved().picked) == (mine, picked)
        self.assertNotContains(self.client.get(self.part(4)), undo)

    def test_the_first_preset_is_undone_to_nothing_and_a_change_ends_the_undo(self):
        self.preset()
        self.client.post(reverse("exams:survey-undo"))
        assert (self.saved().answers, self.saved().is_complete) == ({}, False)
        self.preset()
        self.client.post(self.part(3), {"dwelling": "alone"})
        self.client.post(reverse("exams:survey-undo"))
        assert self.saved().answers["dwelling"] == "alone"
        self.client.logout()
        assert self.client.post(reverse("exams:survey-undo")).status_code == 302
        self.client.force_login(self.candidate)
        assert self.client.get(reverse("exams:survey-undo")).status_code == 405

    def test_without_a_survey_there_is_no_test(self):
        page = self.client.get(reverse("exams:attempt-create"))
        self.assertRedirects(page, reverse("exams:survey-start"), fetch_redirect_response=False)

    def test_a_step_that_cannot_show_the_target_says_so(self):
        make_goal(self.candidate, target=Level.AL)
        survey_answers.take_preset(self.candidate, PRESET)
        page = self.client.get(reverse("exams:attempt-create"))
        self.assertContains(page, "in the real exam up to IH", count=2)
        self.assertContains(page, "not your target AL", count=4)

    @override_settings(OPIC_SURVEY_VARIANTS=["military", "art-galleries"], OPIC_SURVEY_LEAST=16)
    def test_variants_are_settings(self):
        self.assertContains(self.client.get(self.part(1)), "Military service")
        page = self.client.get(self.part(4))
        self.assertContains(page, "Art galleries")
        self.assertContains(page, "of at least 16 picked")

    def test_without_the_variant_nobody_is_asked_about_it(self):
        self.assertNotContains(self.client.get(self.part(1)), "Military service")
