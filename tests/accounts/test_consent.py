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
    "OPIC_EARS": "openai",
    "OPIC_LLM_URL": "https://llm.example.org/v1",
    "OPIC_LLM_MODEL": "m",
}


GEMINI = {"OPIC_RATER": "gemini", "OPIC_EARS": "gemini"}
HERE = {"OPIC_EARS": "local", "OPIC_HAS_LOCAL_EARS": True}
WORDS_TO_GOOGLE = {**HERE, "OPIC_RATER": "gemini"}
WORDS_TO_OTHER = {**OTHER, **HERE}
NOTHING_LEAVES = {
    "nobody hears": {"OPIC_RATER": "fluency", "OPIC_EARS": "none"},
    "all is done here": {**HERE, "OPIC_RATER": "builtin"},
    "a server of this site's own": {**OTHER, "OPIC_LLM_OWN": True},
    "ears here, a judge of one's own": {**WORDS_TO_OTHER, "OPIC_LLM_OWN": True},
}


class RecipientTests(TestCase):
    """The text says what leaves and who gets it, and a consent holds for that alone."""

    def setUp(self):
        self.person = make_user(may_record=False)
        self.client.force_login(self.person)
        self.url = reverse("accounts:consent")

    def test_where_nothing_leaves_nothing_is_asked_and_it_is_said(self):
        for name, setup in NOTHING_LEAVES.items():
            with self.subTest(name), override_settings(**setup):
                page = self.client.get(self.url)
                self.assertNotContains(page, 'name="abroad"')
                self.assertNotContains(page, 'name="words"')
                self.assertNotContains(page, "llm.example.org")
                self.assertNotContains(page, "Google")
                self.assertContains(page, "Nothing leaves this site.")
                self.client.post(self.url, {"recording": "on", "abroad": "on", "words": "on"})
                assert {one.kind for one in Consent.objects.all()} == {"recording"}
                consents.demand_abroad(self.person)
                consents.withdraw(self.person, "recording")
                with self.assertRaises(consents.ConsentMissingError) as missing:
                    consents.demand_abroad(self.person)
                assert missing.exception.args == ("recording",)

    def test_the_voice_is_asked_for_where_others_hear(self):
        for setup, recipient in ((GEMINI, "Google&#x27;s Gemini"), (OTHER, "llm.example.org")):
            with override_settings(**setup):
                page = self.client.get(self.url)
            self.assertContains(page, f"Your voice goes to {recipient}")
            self.assertContains(page, 'name="abroad"')
            self.assertNotContains(page, 'name="words"')
            self.assertNotContains(page, "Nothing leaves")

    def test_only_the_words_are_asked_for_where_ears_here_hear(self):
        for setup, recipient in (
            (WORDS_TO_GOOGLE, "Google&#x27;s Gemini"),
            (WORDS_TO_OTHER, "llm.example.org"),
        ):
            with override_settings(**setup):
                page = self.client.get(self.url)
                self.assertContains(page, f"The words go to {recipient}")
                self.assertNotContains(page, 'name="abroad"')
                self.client.post(self.url, {"recording": "on", "abroad": "on", "words": "on"})
                kinds = Consent.objects.in_force().values_list("kind", flat=True)
                assert set(kinds) == {"recording", "words"}

    def test_a_consent_holds_for_what_and_whom_it_was_given_for(self):
        """The voice covers the words, the words never the voice; another host covers nothing."""
        third = {**OTHER, "OPIC_LLM_URL": "https://llm.example.com/v1"}
        ears_elsewhere = {
            **GEMINI,
            "OPIC_EARS": "openai",
            "OPIC_EARS_URL": "https://ears.example.org/v1",
        }
        voices = [GEMINI, OTHER, third, ears_elsewhere]
        words = [WORDS_TO_GOOGLE, WORDS_TO_OTHER]
        covered = {0: [GEMINI, WORDS_TO_GOOGLE], 1: [OTHER, WORDS_TO_OTHER]}
        for at, given in enumerate([*voices, *words]):
            Consent.objects.all().delete()
            with override_settings(**given):
                consents.give(self.person, ["recording", consents.what_leaves()])
            for asked in [*voices, *words]:
                with override_settings(**asked):
                    holds = asked in covered.get(at, [given])
                    assert consents.may_send_abroad(self.person) is holds

    def test_a_new_recipient_ends_the_consent_to_the_old_one(self):
        for setup in (GEMINI, OTHER, GEMINI):
            with override_settings(**setup):
                consents.give(self.person, ["recording", "abroad"])
        assert Consent.objects.in_force().filter(kind="abroad").count() == 1
        assert Consent.objects.filter(kind="abroad").count() == 3
