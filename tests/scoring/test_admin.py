"""The admin of ratings and model calls: who may give a level, and what a call shows."""

from django.contrib.auth.models import Permission
from django.urls import reverse

from scoring.models import Rating
from tests.factories import enter_admin, make_user
from tests.scoring.gemini_case import GeminiCase


class AdminTests(GeminiCase):
    def setUp(self):
        super().setUp()
        self.staff = make_user(is_staff=True)
        self.response = self.rated()
        enter_admin(self.client, self.staff)

    def allow(self, *names):
        self.staff.user_permissions.add(*Permission.objects.filter(codename__in=names))

    def test_a_level_takes_a_permission_of_its_own(self):
        url = reverse("admin:scoring_rating_add")
        self.allow("view_rating")
        assert self.client.get(url).status_code == 403
        self.allow("listen_response")
        values = {"response": self.response.pk, "level_low": 7, "level_high": 8, "reason": "Yes."}
        assert self.client.post(url, {**values, "level_high": 6}).status_code == 200
        assert self.client.post(url, {**values, "reason": ""}).status_code == 200
        assert not Rating.objects.by_people().exists()
        assert self.client.post(url, values).status_code == 302
        given = Rating.objects.by_people().get()
        assert (given.person, given.level_low, given.level_high) == (self.staff, 7, 8)
        changes = reverse("admin:scoring_rating_changelist")
        chosen = {"action": "take_back", "_selected_action": [given.pk]}
        self.client.post(changes, chosen)
        assert not Rating.objects.by_people().exists()

    def test_model_calls_show_cost_and_no_person(self):
        self.allow("view_modelcall")
        page = self.client.get(reverse("admin:scoring_modelcall_changelist"))
        self.assertContains(page, "gemini-3.5-flash-lite")
        self.assertNotContains(page, self.person.email)
