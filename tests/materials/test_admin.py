"""The desk: second factor, few queries, publish only what can be heard."""

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import TestCase
from django.urls import reverse

from materials.models import Prompt, PromptRevision
from tests.factories import (
    enter_admin,
    make_clip,
    make_measured,
    make_prompt,
    make_revision,
    make_sample,
    make_user,
)


def make_staff(**fields):
    person = make_user(is_staff=True, **{"is_superuser": True, **fields})
    TOTP.activate(person, generate_totp_secret())
    return person


class BankAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.staff = make_staff()
        cls.prompt = make_prompt(text="What do you see from your window on a summer morning?")

    def setUp(self):
        enter_admin(self.client, self.staff)

    def post_inline(self, **fields):
        """The change form with one new wording."""
        prefix = "revisions-0-"
        data = {
            "key": self.prompt.key,
            "topic": self.prompt.topic_id,
            "item_type": "DESC",
            "min_step": 3,
            "max_step": 4,
            "place_in_set": 0,
            "revisions-TOTAL_FORMS": 1,
            "revisions-INITIAL_FORMS": 0,
            "samples-TOTAL_FORMS": 0,
            "samples-INITIAL_FORMS": 0,
            prefix + "text": "And what do you hear from your window on a winter night?",
            prefix + "points": "one\ntwo\nthree",
            prefix + "expressions": "a\nb\nc\nd",
            **{prefix + name: value for name, value in fields.items()},
        }
        url = reverse("admin:materials_prompt_change", args=[self.prompt.pk])
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, data)

    def test_signed_out_people_sign_in_through_allauth(self):
        self.client.logout()
        reply = self.client.get(reverse("admin:index"), follow=True)
        assert reply.redirect_chain[-1][0].startswith(reverse("account_login"))

    def test_without_a_second_factor_the_admin_is_closed(self):
        self.client.force_login(make_user(is_staff=True, is_superuser=True))
        reply = self.client.get(reverse("admin:index"))
        assert reply.status_code == 302
        reply = self.client.get(reply["Location"])
        assert reply["Location"] == reverse("mfa_activate_totp")

    def test_learners_are_sent_away(self):
        self.client.force_login(make_user())
        assert self.client.get(reverse("admin:index")).status_code == 302

    def test_a_new_wording_is_voiced_by_the_queue_and_published_by_a_person(self):
        assert self.post_inline().status_code == 302
        new = self.prompt.latest
        assert (new.number, new.made_by, new.points) == (2, self.staff, ["one", "two", "three"])
        assert new.spare_clip is not None
        self.prompt.refresh_from_db()
        assert self.prompt.published.number == 1
        self.act("publish_newest")
        self.prompt.refresh_from_db()
        assert self.prompt.published == new

    def act(self, action, *prompts):
        data = {"action": action, "_selected_action": [p.pk for p in prompts or [self.prompt]]}
        return self.client.post(reverse("admin:materials_prompt_changelist"), data, follow=True)

    def test_too_few_points_are_told(self):
        reply = self.post_inline(points="one")
        self.assertContains(reply, "Write 3 to 5 lines; there are 1.")
        assert self.prompt.revisions.count() == 1

    def test_an_unvoiced_wording_is_not_published(self):
        make_revision(self.prompt)
        reply = self.act("publish_newest")
        self.assertContains(reply, "Not voiced yet")
        self.prompt.refresh_from_db()
        assert self.prompt.published.number == 1

    def test_retiring_and_bringing_back(self):
        self.act("retire")
        assert not Prompt.objects.published().exists()
        self.act("restore")
        assert Prompt.objects.published().exists()

    def test_prompts_cannot_be_deleted(self):
        url = reverse("admin:materials_prompt_delete", args=[self.prompt.pk])
        assert self.client.post(url, {"post": "yes"}).status_code == 403
        assert Prompt.objects.filter(pk=self.prompt.pk).exists()

    def test_a_published_wording_is_never_rewritten(self):
        url = reverse("admin:materials_prompt_change", args=[self.prompt.pk])
        page = self.client.get(url)
        assert b'name="revisions-0-text"' not in page.content
        assert PromptRevision.objects.get().text in page.content.decode()

    def test_lists_take_at_most_ten_queries_for_many_rows(self):
        speaker = make_user()
        for _ in range(12):
            prompt = make_prompt()
            make_sample(prompt, f"A small answer of our own for {prompt.key}.")
            make_measured(speaker, prompt)
            make_clip()
        for name in (
            "materials_prompt",
            "materials_topic",
            "materials_comboset",
            "materials_sampleresponse",
            "materials_voiceclip",
            "scoring_response",
            "scoring_rating",
            "accounts_user",
            "accounts_consent",
        ):
            url = reverse(f"admin:{name}_changelist")
            with self.subTest(name), self.assertNumQueries(FewerThan(11)):
                assert self.client.get(url).status_code == 200

    def test_search_and_filters(self):
        url = reverse("admin:materials_prompt_changelist")
        for query in ("q=window", "item_type__exact=DESC", "voice=spare"):
            self.assertContains(self.client.get(f"{url}?{query}"), self.prompt.key)
        for query in ("q=nothing", "voice=good", "voice=none"):
            self.assertNotContains(self.client.get(f"{url}?{query}"), self.prompt.key)

    def test_the_admin_shows_no_sound_and_no_name_of_a_speaker(self):
        response = make_measured(make_user("secret@example.org"))
        for url in (
            reverse("admin:scoring_response_changelist"),
            reverse("admin:scoring_response_change", args=[response.pk]),
        ):
            page = self.client.get(url).content
            assert b"secret@example.org" not in page
            assert b".m4a" not in page


class FewerThan(int):
    """Equal to every smaller number, for assertNumQueries."""

    def __eq__(self, other):
        return int(other) < int(self)

    def __ne__(self, other):
        return not self == other

    __hash__ = int.__hash__
