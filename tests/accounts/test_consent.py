from django.test import TestCase, override_settings
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


OTHER = {
    "OPIC_RATER": "openai",
    "OPIC_LLM_URL": "https://llm.example.org/v1",
    "OPIC_LLM_MODEL": "m",
}


class RecipientTests(TestCase):
    """The text names who gets the voice, and a consent holds for that one alone."""

    def setUp(self):
        self.person = make_user(may_record=False)
        self.client.force_login(self.person)
        self.url = reverse("accounts:consent")

    def test_by_default_it_is_google(self):
        page = self.client.get(self.url)
        self.assertContains(page, "Google's Gemini")

    @override_settings(**OTHER)
    def test_another_host_is_named_and_google_is_not(self):
        page = self.client.get(self.url)
        self.assertContains(page, "They go to llm.example.org.")
        self.assertNotContains(page, "Google")

    @override_settings(**OTHER, OPIC_LLM_OWN=True)
    def test_this_sites_own_server_is_no_recipient_and_is_not_asked_about(self):
        page = self.client.get(self.url)
        self.assertNotContains(page, 'name="abroad"')
        self.assertNotContains(page, "llm.example.org")
        self.assertNotContains(page, "Google")
        self.assertContains(page, "A model on this site's own machines")
        self.client.post(self.url, {"recording": "on", "abroad": "on"})
        assert [one.kind for one in Consent.objects.all()] == ["recording"]
        consents.demand_abroad(self.person)
        consents.withdraw(self.person, "recording")
        with self.assertRaises(consents.ConsentMissingError) as missing:
            consents.demand_abroad(self.person)
        assert missing.exception.args == ("recording",)

    def test_a_consent_holds_for_the_recipient_it_was_given_for(self):
        third = {**OTHER, "OPIC_LLM_URL": "https://llm.example.com/v1"}
        setups = [{"OPIC_RATER": "gemini"}, OTHER, third]
        for given in setups:
            with override_settings(**given):
                consents.give(self.person, ["recording", "abroad"])
            for asked in setups:
                with override_settings(**asked):
                    assert consents.may_send_abroad(self.person) is (asked is given)
        assert Consent.objects.in_force().filter(kind="abroad").count() == 1
        assert Consent.objects.filter(kind="abroad").count() == 3
