from allauth.usersessions.models import UserSession
from django.test import TestCase
from django.urls import reverse

from accounts.models import DeviceSession
from tests.factories import make_user


class DeviceTests(TestCase):
    def setUp(self):
        self.person = make_user("a@example.org")
        self.person.emailaddress_set.create(email="a@example.org", verified=True, primary=True)

    def sign_in(self):
        answer = self.client.post(
            reverse("account_login"), {"login": "a@example.org", "password": "pw"}
        )
        assert answer.status_code == 302, answer.content
        return DeviceSession.objects.get(pk=self.client.session["device"])

    def test_signing_in_begins_one_and_signing_out_ends_it(self):
        device = self.sign_in()
        assert device.ended_at is None
        self.client.post(reverse("account_logout"))
        device.refresh_from_db()
        assert device.ended_at is not None

    def test_a_lost_session_row_does_not_end_it(self):
        device = self.sign_in()
        self.client.session.delete()
        device.refresh_from_db()
        assert device.ended_at is None

    def test_ending_sessions_from_the_list_ends_their_devices(self):
        here = self.sign_in()
        other = self.client_class()
        other.post(reverse("account_login"), {"login": "a@example.org", "password": "pw"})
        there = DeviceSession.objects.get(pk=other.session["device"])
        assert UserSession.objects.count() == 2
        self.client.post(reverse("usersessions_list"))
        here.refresh_from_db()
        there.refresh_from_db()
        assert there.ended_at is not None
        assert here.ended_at is None
        assert other.get(reverse("accounts:settings")).status_code == 302
