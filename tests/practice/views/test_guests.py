"""A first word before the account: one question and its voice are open, nothing else is."""

import json
import re

from django.test import Client, TestCase
from django.urls import reverse

from materials.models import PromptRevision
from scoring.models import Response
from tests.factories import make_clip, make_prompt, make_user


class GuestTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.first = make_prompt(item_type="INTRO")
        cls.other = make_prompt()
        for prompt in (cls.first, cls.other):
            PromptRevision.objects.filter(prompt=prompt).update(spare_clip=make_clip())
        cls.url = reverse("practice:try")

    def test_the_page_asks_the_first_question_and_hands_out_no_ticket(self):
        reply = self.client.get(self.url)
        self.assertContains(reply, PromptRevision.objects.get(prompt=self.first).text)
        recorder = re.search(r"<opic-recorder[^>]*>", reply.content.decode()).group(0)
        assert 'user="guest"' in recorder
        assert json.loads(re.search(r'tickets="([^"]*)"', recorder).group(1)) == []
        assert "microphone=(self)" in reply["Permissions-Policy"]
        assert "no-store" in reply["Cache-Control"]

    def test_a_newcomer_is_asked_the_same_question_after_signing_up(self):
        self.client.force_login(make_user())
        reply = self.client.get(reverse("practice:start"))
        assert str(self.first.pk) in reply["Location"]

    def test_who_is_signed_in_practises(self):
        self.client.force_login(make_user())
        self.assertRedirects(
            self.client.get(self.url), reverse("practice:start"), fetch_redirect_response=False
        )

    def test_the_voice_of_that_question_is_open_and_every_other_is_not(self):
        reply = self.client.get(reverse("practice:try-audio"), headers={"Range": "bytes=0-9"})
        assert reply.status_code == 206
        for prompt in (self.first, self.other):
            clip = PromptRevision.objects.get(prompt=prompt).spare_clip_id
            closed = Client().get(reverse("materials:clip-audio", args=[clip]))
            assert closed.status_code == 302
            assert "/accounts/login/" in closed["Location"]

    def test_only_get(self):
        assert self.client.post(self.url).status_code == 405
        assert self.client.post(reverse("practice:try-audio")).status_code == 405

    def test_nothing_can_be_sent_without_signing_in(self):
        revision = PromptRevision.objects.get(prompt=self.first)
        args = [self.first.pk, revision.number]
        ticket = self.client.post(reverse("practice:ticket-create", args=args))
        assert ticket.status_code in (302, 401)
        sent = self.client.post(reverse("practice:take-create", args=args))
        assert sent.status_code in (401, 403)
        assert not Response.objects.exists()

    def test_without_a_question_it_leads_to_the_account(self):
        for prompt in (self.first, self.other):
            type(prompt).objects.filter(pk=prompt.pk).update(retired_at="2026-11-01T00:00Z")
        self.assertRedirects(
            self.client.get(self.url), reverse("account_signup"), fetch_redirect_response=False
        )
        assert self.client.get(reverse("practice:try-audio")).status_code == 404
