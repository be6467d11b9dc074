"""The official level, told afterwards."""

from datetime import timedelta

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts import consents
from exams.models import OfficialLevel
from tests.exams.cases import ExamCase
from tests.factories import make_goal


class OfficialTests(ExamCase):
    url_of = reverse("exams:official-create")

    def test_it_is_told_once_replaced_and_deleted(self):
        day = (timezone.localdate() - timedelta(days=3)).isoformat()
        for level in (6, 7):
            self.client.post(self.url_of, {"level": level, "taken_on": day})
        assert list(OfficialLevel.objects.values_list("level", flat=True)) == [7]
        self.client.post(self.url_of, {"forget": "1"})
        assert not OfficialLevel.objects.exists()

    def test_a_day_to_come_is_refused(self):
        day = (timezone.localdate() + timedelta(days=3)).isoformat()
        reply = self.client.post(self.url_of, {"level": 6, "taken_on": day})
        self.assertContains(reply, "still to come", status_code=422)

    @override_settings(OPIC_RATER="gemini")
    def test_it_is_asked_for_after_the_exam(self):
        goal = make_goal(self.candidate, exam_on=timezone.localdate() - timedelta(days=2))
        consents.give(self.candidate, ["abroad"])
        attempt = self.begun()
        attempt.submit()
        self.assertContains(self.client.get(self.url("attempt-detail", attempt)), "official level")
        goal.exam_on = timezone.localdate() + timedelta(days=9)
        goal.save()
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertNotContains(page, "official level")

    def test_a_site_without_levels_asks_nobody_for_one_to_compare(self):
        make_goal(self.candidate, exam_on=timezone.localdate() - timedelta(days=2))
        attempt = self.begun()
        attempt.submit()
        for url in (self.url("attempt-detail", attempt), reverse("exams:attempt-list")):
            self.assertNotContains(self.client.get(url), "official")
