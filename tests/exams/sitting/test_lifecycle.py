"""A sitting on the server: who may move it, in which order, and its clock."""

import html
import re
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exams import tasks
from exams.models import Attempt, Status
from exams.sitting import lifecycle
from exams.survey import answers as survey_answers
from materials.packs_reader import read_bank
from tests.exams.cases import PRESET, ExamCase, make_attempt

HX = {"HX-Request": "true"}
MOVES = ("start", "advance", "readjust", "resume", "pause", "state", "submit", "abandon", "check")


class SittingTests(ExamCase):
    def test_it_is_set_up_with_seven_items_drawn_from_the_survey(self):
        survey_answers.take_preset(self.candidate, PRESET)
        reply = self.client.post(reverse("exams:attempt-create"), {"step": "5", "mode": "real"})
        attempt = Attempt.objects.get()
        self.assertRedirects(reply, self.url("attempt-detail", attempt))
        assert attempt.status == Status.PREPARING
        assert attempt.items.count() == 7
        assert attempt.survey["picked"]["travel"]
        assert (attempt.seed, attempt.bank_revision, attempt.blueprint_version) != ("", "", "")
        assert attempt.deadline_at is None  # no clock yet

    def test_one_open_attempt_a_person(self):
        attempt = make_attempt(self.candidate)
        assert make_attempt(self.candidate) == attempt
        attempt.abandon()
        assert make_attempt(self.candidate) != attempt

    def test_the_page_tells_no_text_in_a_real_exam_and_all_of_it_in_a_relaxed_one(self):
        for mode, count in (("real", 0), ("relaxed", 7)):
            attempt = make_attempt(self.candidate, mode=mode)
            page_data = self.client.get(self.url("attempt-detail", attempt)).context["page"]
            assert len(page_data["items"]) == 7
            assert sum("text" in item for item in page_data["items"]) == count
            texts = [item.revision.text for item in attempt.items.select_related("revision")]
            page = self.client.get(self.url("attempt-detail", attempt)).content.decode()
            page = html.unescape(page)
            assert (texts[0] in page) is (mode == "relaxed")
            attempt.abandon()

    def test_the_page_and_its_moves_cost_a_few_queries(self):
        attempt = self.begun()
        with self.assertNumQueries(5):
            self.client.get(self.url("attempt-detail", attempt))
        with self.assertNumQueries(7):
            self.move(attempt, "advance", number=1)

    def test_the_clock_is_a_number_in_every_language(self):
        attempt = self.begun()
        for language in ("en", "ko", "vi"):
            self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            page = self.client.get(self.url("attempt-detail", attempt)).content.decode()
            left = re.search(r'<opic-exam-timer[^>]* left="([^"]*)"', page).group(1)
            assert 2390 < float(left) <= 2400, language

    def test_the_bank_is_loaded_in_one_query(self):
        with self.assertNumQueries(1):
            lifecycle.load_bank()

    def test_advancing_goes_in_order_once_and_by_known_fields_only(self):
        attempt = make_attempt(self.candidate)
        assert self.move(attempt, "advance", number=1).status_code == 409  # not begun
        assert self.move(attempt, "start").status_code == 200
        assert self.move(attempt, "start").status_code == 409
        for number, more, status in (
            (2, {}, 409),  # out of order
            ("x", {}, 422),
            (1, {"position": 9}, 422),  # an extra field
            (1, {"heard_twice": "1"}, 200),
            (1, {}, 409),  # twice
        ):
            reply = self.move(attempt, "advance", number=number, **more)
            assert reply.status_code == status, (number, more)
        attempt.refresh_from_db()
        assert attempt.position == 2
        assert [item.heard_twice for item in attempt.items.all()[:2]] == [True, False]
        assert self.move(attempt, "submit").status_code == 200
        assert self.move(attempt, "advance", number=2).status_code == 409  # after the end
        attempt.refresh_from_db()
        assert attempt.position == 2

    def test_a_stranger_s_sitting_is_not_there(self):
        attempt = self.begun()
        other = Client()
        other.force_login(self.stranger)
        for name in MOVES:
            assert other.post(self.url(f"attempt-{name}", attempt)).status_code == 404, name
            assert self.client.get(self.url(f"attempt-{name}", attempt)).status_code == 405, name
        for name in ("attempt-detail", "attempt-result"):
            assert other.get(self.url(name, attempt)).status_code == 404, name
            assert Client().get(self.url(name, attempt)).status_code == 302, name
        assert other.post(self.url("ticket-create", attempt, 1)).status_code == 404
        attempt.refresh_from_db()
        assert (attempt.status, attempt.position) == (Status.IN_PROGRESS, 1)

    def test_the_choice_after_item_seven_draws_the_rest_once(self):
        attempt = self.begun()
        assert self.move(attempt, "readjust", shift="harder").status_code == 409  # too early
        first = list(attempt.items.values_list("revision", flat=True))
        self.through(attempt, 7)
        assert self.move(attempt, "advance", number=8).status_code == 409  # not issued yet
        assert self.move(attempt, "readjust", shift="sideways").status_code == 409
        reply = self.move(attempt, "readjust", shift="harder")
        assert [item["n"] for item in reply.json()["items"]] == list(range(8, 16))
        again = self.move(attempt, "readjust", shift="easier")
        assert again.status_code == 409
        assert len(again.json()["items"]) == 8  # the reply was lost: here it is again
        attempt.refresh_from_db()
        assert str(attempt.assessment) == "5-6"
        assert list(attempt.items.values_list("revision", flat=True))[:7] == first
        assert attempt.items.count() == 15

    def test_leaving_and_giving_up(self):
        attempt = self.begun()
        assert self.move(attempt, "submit").status_code == 200
        assert self.move(attempt, "submit").status_code == 409
        assert self.move(attempt, "abandon").status_code == 302  # nothing to give up any more
        attempt.refresh_from_db()
        assert attempt.status == Status.SUBMITTED
        other = self.begun()
        self.move(other, "abandon")
        other.refresh_from_db()
        assert other.status == Status.ABANDONED
        self.assertRedirects(
            self.client.get(self.url("attempt-detail", other)), reverse("exams:attempt-list")
        )


class WholeBankTests(ExamCase):
    """Two sittings without a question in common take more than the small bank has."""

    bank = staticmethod(read_bank)

    def test_items_of_earlier_sittings_are_avoided(self):
        first = self.begun()
        self.through(first, 15)
        first.submit()
        second = self.begun()
        self.through(second, 15)
        asked = [
            set(attempt.items.values_list("revision__prompt", flat=True))
            for attempt in (first, second)
        ]
        assert not asked[0] & asked[1]


class ClockTests(ExamCase):
    def away(self, attempt, seconds):
        back = timezone.now() - timedelta(seconds=seconds)
        Attempt.objects.filter(pk=attempt.pk).update(seen_at=back)
        attempt.refresh_from_db()

    def left(self, attempt):
        return self.move(attempt, "state").json()["left"]

    def test_the_server_holds_the_deadline(self):
        attempt = self.begun()
        assert 2399 < self.left(attempt) <= 2400
        Attempt.objects.filter(pk=attempt.pk).update(
            started_at=timezone.now() - timedelta(minutes=39),
            deadline_at=timezone.now() + timedelta(minutes=1),
        )
        assert 59 < self.left(attempt) <= 60

    def test_in_a_real_exam_one_long_break_is_given_back_and_marked(self):
        attempt = self.begun()
        self.away(attempt, 30)  # short: the clock ran on
        before = attempt.deadline_at
        self.move(attempt, "resume")
        attempt.refresh_from_db()
        assert (attempt.deadline_at, attempt.break_seconds) == (before, 0)
        self.away(attempt, 100)
        self.move(attempt, "resume")
        attempt.refresh_from_db()
        assert attempt.break_seconds == 100
        assert 99 < (attempt.deadline_at - before).total_seconds() < 101
        self.away(attempt, 500)  # a second one is not
        self.move(attempt, "resume")
        attempt.refresh_from_db()
        assert attempt.break_seconds == 100
        attempt.submit()
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "a break of 100 s was given back")

    def test_a_relaxed_clock_stops_and_a_real_one_does_not(self):
        real = self.begun()
        assert self.move(real, "pause").status_code == 409
        real.abandon()
        relaxed = self.begun(mode="relaxed")
        before = relaxed.deadline_at
        assert self.move(relaxed, "pause").status_code == 200
        assert self.move(relaxed, "pause").status_code == 409
        Attempt.objects.filter(pk=relaxed.pk).update(
            paused_at=timezone.now() - timedelta(minutes=10)
        )
        self.move(relaxed, "resume")
        relaxed.refresh_from_db()
        assert 599 < (relaxed.deadline_at - before).total_seconds() < 602
        assert relaxed.paused_at is None

    def test_who_is_away_from_a_relaxed_test_loses_no_time(self):
        attempt = self.begun(mode="relaxed")
        before = attempt.deadline_at
        self.away(attempt, 3600)
        self.move(attempt, "resume")
        attempt.refresh_from_db()
        assert (attempt.deadline_at - before).total_seconds() > 3590

    def test_the_sweeper_hands_in_what_is_overdue_and_gives_up_what_is_forgotten(self):
        overdue = self.begun()
        long_ago = timezone.now() - timedelta(hours=2)
        end = long_ago + timedelta(minutes=40)
        Attempt.objects.filter(pk=overdue.pk).update(
            started_at=long_ago, deadline_at=end, seen_at=end - timedelta(seconds=5)
        )
        for _ in range(2):
            with self.captureOnCommitCallbacks(execute=False):
                tasks.sweep()
        overdue.refresh_from_db()
        assert (overdue.status, overdue.is_overdue) == (Status.SUBMITTED, True)
        forgotten = make_attempt(self.candidate)
        Attempt.objects.filter(pk=forgotten.pk).update(seen_at=timezone.now() - timedelta(days=9))
        tasks.sweep()
        forgotten.refresh_from_db()
        assert forgotten.status == Status.ABANDONED

    def test_whose_laptop_died_before_the_end_comes_back_to_the_time_that_was_left(self):
        attempt = self.begun()
        now = timezone.now()
        Attempt.objects.filter(pk=attempt.pk).update(
            started_at=now - timedelta(hours=5),
            seen_at=now - timedelta(hours=5) + timedelta(minutes=10),
            deadline_at=now - timedelta(hours=5) + timedelta(minutes=40),
        )
        tasks.sweep()
        attempt.refresh_from_db()
        assert attempt.status == Status.IN_PROGRESS
        left = self.move(attempt, "resume").json()["left"]
        assert 29 * 60 < left <= 30 * 60
        Attempt.objects.filter(pk=attempt.pk).update(
            seen_at=now - timedelta(hours=2), deadline_at=now - timedelta(hours=1)
        )
        tasks.sweep()  # the one break is used up
        attempt.refresh_from_db()
        assert attempt.status == Status.SUBMITTED

    def test_within_the_grace_nothing_is_taken_away(self):
        attempt = self.begun()
        now = timezone.now()
        Attempt.objects.filter(pk=attempt.pk).update(
            started_at=now - timedelta(minutes=41), deadline_at=now - timedelta(seconds=20)
        )
        tasks.sweep()
        attempt.refresh_from_db()
        assert attempt.status == Status.IN_PROGRESS
