"""What is shown of an answer at each stage, and what changed since the take before."""

import re
from datetime import UTC, datetime, timedelta

from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone, translation

from scoring import tasks
from scoring.display.panel import next_try_text, waiting_text
from scoring.models import Response, Status
from tests.factories import make_measured, make_take, make_user
from tests.gemini.scripts import hears, judged, rates
from tests.gemini.server import scripted_reply, too_many
from tests.scoring.gemini_case import GeminiCase


class PanelTests(GeminiCase):
    """What a person sees at each stage."""

    def panel(self, response):
        self.client.force_login(self.person)
        url = reverse("scoring:response-rating", args=[response.pk])
        return self.client.get(url, headers={"HX-Request": "true"})

    def test_heard_before_rated(self):
        response = self.submitted()
        self.assertContains(self.panel(response), "Saved. Now listening to it")
        self.fake.next_up = [self.fake.hear, too_many(30)]
        self.rated(response)
        Response.objects.filter(pk=response.pk).update(
            status=Status.RATING, claim_token=response.pk, shown_rating=None, not_before_at=None
        )
        heard = self.panel(response)
        self.assertContains(heard, "Heard. Now judging it")
        self.assertContains(heard, self.ROW["transcript"][:40])
        self.assertContains(heard, "hx-trigger")
        Response.objects.filter(pk=response.pk).release()
        self.rated(response)
        final = self.panel(response)
        self.assertContains(final, "About IM1 to IM2")
        self.assertNotContains(final, "hx-trigger")

    def test_model_text_and_speech_are_escaped(self):
        spoken = (
            'And then <img src=x onerror=alert(1)> he said "hi" & left. ' + self.ROW["transcript"]
        )
        self.fake.hear = hears(spoken)
        upgraded = "Better <script>alert(1)</script> words"
        self.fake.rate = rates(self.ROW, upgraded=upgraded, orders=[])
        response = self.rated()
        page = self.panel(response).content.decode()
        assert "<img" not in page
        assert "<script" not in page

    def test_why_there_is_no_level_and_when_it_comes(self):
        with self.settings(OPIC_DAILY_RATINGS_PER_USER=0):
            response = self.rated()
            page = self.panel(response)
            self.assertContains(page, "used up")
            self.assertContains(page, "Next try:")
            delay = re.search(r"load delay:(\d+)s", page.content.decode())
            # midnight may be nearer than the longest wait of a page
            left = (response.not_before_at - timezone.now()).total_seconds()
            assert abs(int(delay.group(1)) - min(left, 600)) < 30
            self.client.force_login(self.person)
            prompt = self.client.get(reverse("practice:prompt-detail", args=[self.prompt.pk]))
            self.assertContains(prompt, "0 rated answers left today")

    def test_an_answer_left_to_a_person_says_why_in_words_of_its_own(self):
        response = make_measured(self.person)
        texts = {}
        for reason in ["", *Response.Reason.values]:
            fields = {"needs_person": True, "reason": reason}
            Response.objects.filter(pk=response.pk).update(**fields)
            texts[reason] = waiting_text(Response.objects.get(pk=response.pk))
        assert texts[""] == "The rating of this answer did not work. A person should listen."
        ends = {"words", "order", "evidence", "reply", "refused", "set_aside"}
        assert len({texts[reason] for reason in ends} | {texts[""]}) == len(ends) + 1
        assert {texts[reason] for reason in texts if reason not in ends} == {texts[""]}
        assert "person should listen" in self.panel(response).content.decode()

    def test_only_the_operator_sees_the_cost(self):
        response = self.rated()
        assert b"cents" not in self.panel(response).content
        self.person.is_staff = True
        self.person.save()
        self.assertContains(self.panel(response), "cents")

    def test_the_better_answer_is_read_aloud_to_its_owner_only(self):
        response = self.rated()
        url = reverse("scoring:response-better", args=[response.pk])
        self.client.force_login(self.person)
        reply = self.client.get(url, headers={"Range": "bytes=0-9"})
        assert (reply.status_code, reply["Content-Type"]) == (206, "audio/mp4")
        self.client.force_login(make_user())
        assert self.client.get(url).status_code == 404
        rating = response.shown_rating
        tasks.sweep_files()
        rating.refresh_from_db()
        assert rating.spoken.storage.exists(rating.spoken.name)

    def test_the_question_page_stays_within_six_queries(self):
        for _ in range(3):
            make_take(self.person, self.prompt, self.rated())
        self.client.force_login(self.person)
        url = reverse("practice:prompt-detail", args=[self.prompt.pk])
        self.client.get(url)
        with self.assertNumQueries(6):
            page = self.client.get(url)
        self.assertContains(page, "997 rated answers left today")
        self.assertContains(page, "taken up")


class NextTryTests(SimpleTestCase):
    """When something is tried next: in minutes where it is near, and one full stop."""

    NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
    CASES = (
        (-60, "Next try: in about a minute."),
        (30, "Next try: in about a minute."),
        (89, "Next try: in about a minute."),
        (119, "Next try: in about 2 minutes."),
        (600, "Next try: in about 10 minutes."),
        (50 * 60, "Next try: in about 50 minutes."),
        (9 * 3600 + 26 * 60, "Next try: at 7:26 p.m."),
        (14 * 3600, "Next try: on November 29, midnight."),
        (40 * 3600, "Next try: on November 30, 2 a.m."),
    )

    def test_in_words(self):
        with timezone.override(UTC), translation.override("en"):
            for seconds, text in self.CASES:
                at = self.NOW + timedelta(seconds=seconds)
                assert next_try_text(at, self.NOW) == text, seconds

    def test_in_every_language_one_full_stop_and_no_date_for_what_is_near(self):
        for language in ("en", "ko", "vi"):
            with translation.override(language):
                for minutes in range(-10, 3000, 7):
                    text = next_try_text(self.NOW + timedelta(minutes=minutes), self.NOW)
                    assert text.endswith(".")
                    assert not text.endswith("..")
                    assert "%" not in text
                    assert minutes > 50 or not re.search(r"28|29|:\d", text), text


class SinceTests(GeminiCase):
    def test_takes_are_compared_by_criterion_and_by_what_was_taken_up(self):
        first = self.rated()
        make_take(self.person, self.prompt, first)
        corrections = first.shown_rating.advice["corrections"]
        better = self.ROW["transcript"]
        for row in corrections:
            better = better.replace(row["quote"], row["better"])
        self.fake.hear = hears(better)
        changed = judged(self.ROW)
        for at, row in enumerate(changed["judgements"]):
            row["q"] = [" ".join(better.split()[3 * at : 3 * at + 3])]
            if row["c"] == "content" and row["s"] == "A":
                row["v"] = "partly"
        changed["corrections"] = []
        self.fake.rate = lambda call: scripted_reply(changed, call=call)
        make_take(self.person, self.prompt, self.rated())
        self.client.force_login(self.person)
        page = self.client.get(reverse("practice:prompt-detail", args=[self.prompt.pk]))
        count = len(corrections)
        self.assertContains(page, f"Of {count} corrections to the take before: {count} taken up, 0")
        self.assertContains(page, "holds at Intermediate → partly at Advanced")
        self.assertContains(page, "(better)")
