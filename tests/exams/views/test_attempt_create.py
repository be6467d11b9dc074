"""Setting up a test while another is open: one is told, and chooses."""

from django.urls import reverse

from exams.models import Attempt, Status
from exams.survey import answers as survey_answers
from tests.exams.cases import PRESET, ExamCase, make_attempt

URL = reverse("exams:attempt-create")


class OpenAttemptTests(ExamCase):
    def setUp(self):
        super().setUp()
        survey_answers.take_preset(self.candidate, PRESET)
        self.open = make_attempt(self.candidate)

    def test_the_same_choice_goes_on_with_the_open_one(self):
        reply = self.client.post(URL, {"step": 5, "mode": "real"})
        self.assertRedirects(
            reply, self.url("attempt-detail", self.open), fetch_redirect_response=False
        )
        assert Attempt.objects.count() == 1

    def test_another_step_or_mode_is_asked_about_and_changes_nothing(self):
        for step, mode in ((4, "real"), (5, "relaxed")):
            reply = self.client.post(URL, {"step": step, "mode": mode})
            self.assertContains(reply, "You have a test open", status_code=409)
            self.assertContains(reply, "at question 1 of 15", status_code=409)
            self.assertContains(reply, self.url("attempt-detail", self.open), status_code=409)
        assert Attempt.objects.get().status == Status.PREPARING

    def test_given_up_it_makes_place_for_the_new_one(self):
        posted = {"step": 4, "mode": "relaxed", "given_up": str(self.open.pk)}
        reply = self.client.post(URL, posted)
        new = Attempt.objects.open().get()
        assert (new.assessment.step, new.mode) == (4, "relaxed")
        self.assertRedirects(reply, self.url("attempt-detail", new), fetch_redirect_response=False)
        self.client.post(URL, posted)  # again: the same new one
        assert Attempt.objects.count() == 2

    def test_a_stranger_s_test_is_not_given_up(self):
        other = make_attempt(self.stranger)
        self.client.post(URL, {"step": 5, "mode": "real", "given_up": str(other.pk)})
        other.refresh_from_db()
        assert other.status == Status.PREPARING
        reply = self.client.post(URL, {"step": 5, "mode": "real", "given_up": "nobody"})
        assert reply.status_code == 422
