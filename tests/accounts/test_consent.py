from django.test import TestCase
from django.urls import reverse

from accounts import consents
from accounts.models import Consent
from tests.factories import make_user


class ConsentTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user(may_record=False)
        cls.url = reverse("accounts:consent")

    def setUp(self):
        self.client.force_login(self.person)

    def test_without_the_first_tick_nothing_is_given(self):
        reply = self.client.post(self.url, {"abroad": "on"})
        assert reply.status_code == 422
        assert not Consent.objects.exists()

    def test_it_is_kept_with_version_and_time_and_leads_to_speaking(self):
        reply = self.client.post(self.url, {"recording": "on", "time_zone": "Asia/Ho_Chi_Minh"})
        self.assertRedirects(reply, reverse("practice:start"), fetch_redirect_response=False)
        consent = Consent.objects.get()
        assert (consent.kind, consent.withdrawn_at) == ("recording", None)
        assert consent.text_version
        self.person.refresh_from_db()
        assert self.person.time_zone == "Asia/Ho_Chi_Minh"

    def test_giving_twice_keeps_one(self):
        consents.give(self.person, ["recording", "abroad"])
        consents.give(self.person, ["recording"])
        assert Consent.objects.count() == 2

    def test_an_unknown_zone_is_ignored(self):
        self.client.post(self.url, {"recording": "on", "time_zone": "Moon/Sea"})
        self.person.refresh_from_db()
        assert self.person.time_zone == "Asia/Seoul"

    def test_next_stays_on_this_site(self):
        reply = self.client.post(self.url, {"recording": "on", "next": "https://evil.example/"})
        assert reply["Location"] == reverse("practice:start")

    def test_withdrawing_ends_it_and_keeps_the_row(self):
        consents.give(self.person, ["recording"])
        reply = self.client.post(
            reverse("consent-withdraw"), {"kind": "recording", "erase": "nothing"}
        )
        assert reply.status_code == 302
        assert not consents.may_record(self.person)
        assert Consent.objects.get().withdrawn_at is not None
        consents.give(self.person, ["recording"])
        assert consents.may_record(self.person)

    def test_signed_out_people_are_sent_to_sign_in(self):
        self.client.logout()
        assert self.client.get(self.url)["Location"].startswith(reverse("account_login"))
