from datetime import timedelta

from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from scoring.models import Response, audio_storage
from scoring.rating import budget
from tests.factories import make_measured, make_response, make_user


class ResponseViewTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.owner, cls.stranger = make_user(), make_user()
        cls.staff = make_user(is_staff=True, is_superuser=True)
        cls.response = make_measured(cls.owner)

    def setUp(self):
        self.client.force_login(self.owner)

    def url(self, name, response=None):
        return reverse(f"scoring:{name}", args=[(response or self.response).pk])

    def test_only_the_owner_gets_anything(self):
        for name in ("response-detail", "response-audio", "response-rating"):
            assert self.client.get(self.url(name)).status_code == 200, name
            for person in (self.stranger, self.staff):
                other = Client()
                other.force_login(person)
                assert other.get(self.url(name)).status_code == 404, name
            assert Client().get(self.url(name)).status_code == 302, name
            assert self.client.post(self.url(name)).status_code == 405, name

    def test_sound_comes_in_ranges_and_is_stored_nowhere(self):
        reply = self.client.get(self.url("response-audio"), headers={"range": "bytes=2-4"})
        assert (reply.status_code, b"".join(reply.streaming_content)) == (206, b"234")
        assert reply["Content-Range"] == "bytes 2-4/10"
        assert "no-store" in reply["Cache-Control"]
        assert (
            self.client.get(self.url("response-audio"), headers={"range": "bytes=50-"}).status_code
            == 416
        )

    def test_sound_that_is_gone_is_a_404(self):
        audio_storage().delete(self.response.audio.name)
        assert self.client.get(self.url("response-audio")).status_code == 404

    def test_the_fragment_asks_again_only_while_something_is_due(self):
        open_one = make_response(self.owner)
        fragment = {"hx-request": "true"}
        waiting = self.client.get(self.url("response-rating", open_one), headers=fragment)
        assert b'data-status="uploaded"' in waiting.content
        assert b"load delay:0." in waiting.content
        assert "HX-Trigger" not in waiting
        done = self.client.get(self.url("response-rating"), headers=fragment)
        assert b'data-status="measured"' in done.content
        assert b"hx-get" not in done.content
        assert done["HX-Trigger"] == "rating:settled"

    def test_a_poll_costs_session_person_response_and_goal_and_the_last_the_take_before(self):
        # it waits for a while: how long ratings usually take is not looked up
        later = timezone.now() + timedelta(minutes=5)
        waiting = make_response(self.owner, not_before_at=later)
        for response, queries in ((waiting, 4), (None, 5)):
            with self.assertNumQueries(queries):
                url = self.url("response-rating", response)
                self.client.get(url, headers={"hx-request": "true"})

    def test_it_says_that_it_is_no_level(self):
        page = self.client.get(self.url("response-rating"), headers={"hx-request": "true"})
        self.assertContains(page, "From pace and pauses only. Your words were not heard")

    def test_unratable_says_why_and_what_to_do(self):
        for reason in Response.Reason.values:
            response = make_response(self.owner, status="unratable", reason=reason)
            page = self.client.get(self.url("response-rating", response)).content.decode()
            assert 'data-status="unratable"' in page
            assert "typical of" not in page

    def test_the_speaker_may_ask_again_where_every_try_failed(self):
        response = make_response(self.owner, status="unratable", reason="gave_up")
        url = self.url("response-again", response)
        with self.captureOnCommitCallbacks() as queued:
            page = self.client.post(url, headers={"HX-Request": "true"})
        self.assertContains(page, 'data-status="uploaded"')
        self.assertNotContains(page, "Rate it again")
        assert len(queued) == 1
        with self.captureOnCommitCallbacks() as queued:  # a second press changes nothing
            assert self.client.post(url).status_code == 302
        assert queued == []

    def test_what_was_set_aside_may_be_asked_for_a_few_times_a_day(self):
        fields = {"needs_person": True, "reason": "set_aside"}
        response = make_measured(self.owner)
        Response.objects.filter(pk=response.pk).update(**fields)
        url = self.url("response-detail", response)
        self.assertContains(self.client.get(url), "Rate it again")
        for _ in range(budget.MOST_CALLS):
            response.model_calls.create(kind="hear", model="m", outcome="timeout")
        self.assertNotContains(self.client.get(url), "Rate it again")
        response.model_calls.update(made_at=timezone.now() - timedelta(days=1, minutes=1))
        self.assertContains(self.client.get(url), "Rate it again")

    def test_nobody_may_ask_again_for_what_was_answered_or_asked_too_often(self):
        fine = make_measured(self.owner)
        worn = make_response(self.owner, status="unratable", reason="gave_up")
        for _ in range(budget.MOST_CALLS):
            worn.model_calls.create(kind="hear", model="m", outcome="ok")
        for response in (fine, worn):
            with self.captureOnCommitCallbacks() as queued:
                self.client.post(self.url("response-again", response))
            assert queued == []
            self.assertNotContains(
                self.client.get(self.url("response-detail", response)), "Rate it"
            )
