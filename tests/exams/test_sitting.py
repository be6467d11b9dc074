"""A sitting on the server: who may move it, in which order, what arrives when, what it comes to."""

import html
import json
import re
import uuid
from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Activity, Notice
from exams import closing, tasks
from exams.models import (
    Attempt,
    AttemptItem,
    AttemptResult,
    BackgroundSurvey,
    OfficialLevel,
    Status,
)
from exams.sitting import lifecycle
from exams.survey import answers as survey_answers
from exams.survey import rules as survey_rules
from materials.bank import load
from materials.models import Prompt, PromptRevision
from materials.packs_reader import read_bank
from opic.lib.levels import Level
from scoring.models import Rating, Response, audio_storage
from scoring.rating import retention
from tests.factories import make_clip, make_goal, make_measured, make_user
from tests.scoring import recordings

PRESET = "culture-and-travel"
HX = {"HX-Request": "true"}
MOVES = ("start", "advance", "readjust", "resume", "pause", "state", "submit", "abandon", "check")


def whole_bank():
    """The built-in bank, published, everything with one clip."""
    load(read_bank())
    PromptRevision.objects.update(spare_clip=make_clip())
    for revision in PromptRevision.objects.all():
        Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)


def make_attempt(candidate, *, step=5, mode="real", preset=PRESET):
    survey_answers.take_preset(candidate, preset)
    return lifecycle.prepare(candidate, step=step, mode=mode)


def row(verdicts="MM"):
    words = {"M": "met", "P": "partly", "N": "not"}
    return {"intermediate": words[verdicts[0]], "advanced": words[verdicts[1]], "quotes": ["x"]}


def make_answer(item, verdicts="MM", **fields):
    """A rated answer to an item, as the rater leaves it."""
    response = make_measured(item.attempt.candidate, item.revision.prompt, **fields)
    rating = Rating.objects.create(
        response=response,
        kind="rating",
        rater="gemini",
        level=6,
        level_low=6,
        level_high=7,
        criteria={
            name: row(verdicts)
            for name in (
                "functions",
                "content",
                "text_type",
                "comprehensibility",
                "language_control",
            )
        },
        advice={"obstacle": {"text": "It breaks here.", "quotes": ["my own words"]}},
        versions={"model": "m", "rubric": "1"},
    )
    now = timezone.now()
    Response.objects.filter(pk=response.pk).update(
        status="rated", shown_rating=rating, settled_at=now
    )
    AttemptItem.objects.filter(pk=item.pk).update(response=response)
    return response


class ExamCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        whole_bank()
        cls.candidate, cls.stranger = make_user(), make_user()

    def setUp(self):
        self.client.force_login(self.candidate)

    def url(self, name, attempt, *args):
        return reverse(f"exams:{name}", args=[attempt.pk, *args])

    def move(self, attempt, name, **fields):
        return self.client.post(self.url(f"attempt-{name}", attempt), fields)

    def begun(self, **options):
        attempt = make_attempt(self.candidate, **options)
        assert attempt.start()
        return attempt

    def through(self, attempt, last):
        """On from every item up to `last`."""
        for number in range(attempt.position, last + 1):
            if number == 8 and attempt.assessment.second_step is None:
                assert lifecycle.readjust(attempt, "similar")
            assert lifecycle.advance(attempt, lifecycle.Left(number))


class SurveyTests(ExamCase):
    def part(self, number):
        return reverse("exams:survey-part", args=[number])

    def kept(self):
        return BackgroundSurvey.objects.get(candidate=self.candidate)

    def test_a_part_is_swapped_for_the_next_and_has_an_address_of_its_own(self):
        answer = self.client.post(self.part(1), {"work": "none"}, headers=HX)
        assert answer["HX-Push-Url"] == self.part(2)
        self.assertContains(answer, "Are you a student now?")
        assert b"<html" not in answer.content
        self.assertContains(self.client.get(self.part(2)), "<html")  # Back and reload

    def test_what_follows_from_an_answer_is_asked_and_what_does_not_goes(self):
        answer = self.client.post(self.part(1), {"work": "company", "again": "1"}, headers=HX)
        self.assertContains(answer, "Do you have a job now?")
        self.client.post(self.part(1), {"work": "company", "has_job": "yes", "again": "1"})
        self.client.post(self.part(1), {"work": "none", "has_job": "yes", "again": "1"})
        assert self.kept().answers == {"work": "none"}

    def test_an_incomplete_part_says_what_is_missing_and_keeps_what_is_there(self):
        answer = self.client.post(self.part(1), {"work": "company"}, headers=HX)
        self.assertContains(answer, "Please answer: Do you have a job now?", status_code=422)
        answer = self.client.post(self.part(4), {"leisure": ["films", "no such thing"]}, headers=HX)
        self.assertContains(answer, "Pick at least 12 in all.", status_code=422)
        assert self.kept().picked["leisure"] == ["films"]
        assert not self.kept().is_complete

    def test_a_preset_is_one_tap_and_leads_to_the_test(self):
        self.client.post(reverse("exams:survey-preset", args=[PRESET]))
        assert self.kept().is_complete
        answers, picked = survey_rules.preset(PRESET)
        assert (self.kept().answers, self.kept().picked) == (answers, picked)
        assert self.client.post(reverse("exams:survey-preset", args=["other"])).status_code == 404
        page = self.client.get(reverse("exams:attempt-create"))
        self.assertContains(page, "Step 6")

    def test_without_a_survey_there_is_no_test(self):
        page = self.client.get(reverse("exams:attempt-create"))
        self.assertRedirects(page, reverse("exams:survey-start"), fetch_redirect_response=False)

    def test_a_step_that_cannot_show_the_target_says_so(self):
        make_goal(self.candidate, target=Level.AL)
        survey_answers.take_preset(self.candidate, PRESET)
        page = self.client.get(reverse("exams:attempt-create"))
        self.assertContains(page, "not your target AL", count=4)

    @override_settings(OPIC_SURVEY_VARIANTS=["military", "art-galleries"], OPIC_SURVEY_LEAST=16)
    def test_variants_are_settings(self):
        self.assertContains(self.client.get(self.part(1)), "Military service")
        page = self.client.get(self.part(4))
        self.assertContains(page, "Art galleries")
        self.assertContains(page, "of at least 16 picked")

    def test_without_the_variant_nobody_is_asked_about_it(self):
        self.assertNotContains(self.client.get(self.part(1)), "Military service")


class SittingTests(ExamCase):
    def test_it_is_set_up_with_seven_items_drawn_from_the_survey(self):
        survey_answers.take_preset(self.candidate, PRESET)
        answer = self.client.post(reverse("exams:attempt-create"), {"step": "5", "mode": "real"})
        attempt = Attempt.objects.get()
        self.assertRedirects(answer, self.url("attempt-detail", attempt))
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
            told = self.client.get(self.url("attempt-detail", attempt)).context["page"]
            assert len(told["items"]) == 7
            assert sum("text" in item for item in told["items"]) == count
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
            answer = self.move(attempt, "advance", number=number, **more)
            assert answer.status_code == status, (number, more)
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
        answer = self.move(attempt, "readjust", shift="harder")
        assert [item["n"] for item in answer.json()["items"]] == list(range(8, 16))
        again = self.move(attempt, "readjust", shift="easier")
        assert again.status_code == 409
        assert len(again.json()["items"]) == 8  # the reply was lost: here it is again
        attempt.refresh_from_db()
        assert str(attempt.assessment) == "5-6"
        assert list(attempt.items.values_list("revision", flat=True))[:7] == first
        assert attempt.items.count() == 15

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


class AnswerTests(ExamCase):
    sound = recordings.as_container(recordings.speech(2))

    def send(self, item, told, **more):
        manifest = {
            "v": 1,
            "key": told["key"],
            "recorded_at": (more.get("at") or timezone.now()).isoformat(),
            "segments": [{"sizes": [len(self.sound)]}],
        }
        chunk = ContentFile(self.sound, "chunk")
        return Client().post(
            told["url"],
            {"manifest": json.dumps(manifest), "chunk-0-0": chunk},
            headers={"X-Upload-Token": told["token"]},
        )

    def told(self, attempt):
        page = self.client.get(self.url("attempt-detail", attempt)).context["page"]
        return {item["n"]: item for item in page["items"]}

    def test_answers_to_issued_items_come_in_any_order_and_are_rated_at_once(self):
        attempt = self.begun()
        told = self.told(attempt)
        for number in (3, 1):
            item = attempt.items.get(number=number)
            with self.captureOnCommitCallbacks() as queued:
                assert self.send(item, told[number]).status_code == 200
            assert len(queued) == 1  # during the sitting, not after it
        said = attempt.items.exclude(response=None).values_list("number", flat=True)
        assert sorted(said) == [1, 3]

    def test_an_answer_in_a_sitting_counts_as_a_first_take(self):
        attempt = self.begun()
        item = attempt.items.get(number=1)
        make_measured(self.candidate, item.revision.prompt)  # practised before
        self.send(item, self.told(attempt)[1])
        item.refresh_from_db()
        assert item.response.is_first

    def test_a_day_counts_from_enough_speech_on(self):
        told = self.told(attempt := self.begun())
        self.send(attempt.items.get(number=1), told[1])
        assert not Activity.objects.exists()
        with self.settings(OPIC_STREAK_SPEECH_SECONDS=1):
            self.send(attempt.items.get(number=2), told[2])
        assert Activity.objects.get().responses == 1

    def test_the_same_answer_ten_times_is_one(self):
        attempt = self.begun()
        told, item = self.told(attempt)[1], attempt.items.get(number=1)
        replies = {self.send(item, told).json()["response"] for _ in range(10)}
        assert len(replies) == 1
        assert Response.objects.spoken_by(self.candidate).count() == 1

    def test_after_the_time_an_answer_is_stored_and_marked(self):
        attempt = self.begun()
        told, now = self.told(attempt), timezone.now()
        Attempt.objects.filter(pk=attempt.pk).update(
            started_at=now - timedelta(minutes=50), deadline_at=now - timedelta(minutes=5)
        )
        attempt.submit()
        assert self.send(attempt.items.get(number=2), told[2]).status_code == 200
        item = attempt.items.get(number=2)
        assert item.response is not None
        assert item.is_late

    def test_a_ticket_opens_its_own_item_only(self):
        attempt = self.begun()
        told = self.told(attempt)
        crossed = {**told[1], "url": told[2]["url"]}
        assert self.send(attempt.items.get(number=2), crossed).status_code == 401
        assert not Response.objects.exists()

    def test_a_fresh_ticket_has_the_item_s_own_key(self):
        attempt = self.begun()
        item = attempt.items.get(number=1)
        made = self.client.post(self.url("ticket-create", attempt, 1), {"key": str(uuid.uuid4())})
        assert made.json()["key"] == str(item.upload_key)
        assert self.client.post(self.url("ticket-create", attempt, 99)).status_code == 404

    def test_the_check_proves_the_way_and_keeps_nothing(self):
        attempt = make_attempt(self.candidate)
        manifest = {"v": 1, "key": str(uuid.uuid4()), "recorded_at": "", "segments": []}
        manifest["segments"] = [{"sizes": [len(self.sound)]}]
        body = {"manifest": json.dumps(manifest), "chunk-0-0": ContentFile(self.sound, "chunk")}
        before = retention._stored_names(audio_storage())
        answer = self.client.post(self.url("attempt-check", attempt), body)
        assert answer.json()["status"] == "heard"
        assert 1.9 < answer.json()["length_seconds"] < 2.2
        assert not Response.objects.exists()
        assert retention._stored_names(audio_storage()) == before
        noise = {**body, "chunk-0-0": ContentFile(b"x" * len(self.sound), "chunk")}
        refused = self.client.post(self.url("attempt-check", attempt), noise)
        assert refused.status_code == 422
        assert refused.json()["message"]

    @override_settings(OPIC_UPLOADS_PER_MINUTE=2)
    def test_checks_are_as_many_in_a_minute_as_answers(self):
        attempt = make_attempt(self.candidate)
        stranger = make_attempt(make_user("other@example.org"))
        with mock.patch("scoring.uploads.requests.time") as clock:
            clock.time.return_value = 1_800_000_000.0
            answers = [self.client.post(self.url("attempt-check", attempt)) for _ in range(3)]
            self.client.force_login(stranger.candidate)
            other = self.client.post(self.url("attempt-check", stranger))
            self.client.force_login(self.candidate)
            clock.time.return_value += 60
            later = self.client.post(self.url("attempt-check", attempt))
        assert [answer.status_code for answer in answers] == [422, 422, 429]
        assert "short time" in answers[2].json()["message"]
        assert (other.status_code, later.status_code) == (422, 422)


class ClosingTests(ExamCase):
    def sat(self, codes="MM", *, step=5):
        attempt = self.begun(step=step)
        self.through(attempt, 15)
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_answer(item, codes)
        attempt.submit()
        return attempt

    def closed(self, attempt):
        closing.close_if_final(str(attempt.pk))
        return Attempt.objects.for_page().get(pk=attempt.pk)

    def test_the_result_is_written_once_and_says_what_made_it(self):
        attempt = self.closed(self.sat())
        result = attempt.result
        assert attempt.status == Status.RATED
        assert (result.level, result.is_complete) == (Level.AL, True)
        assert result.versions["model"] == "m"
        assert result.report["means"]["functions"] == [1.0, 1.0]
        assert not closing.close_if_final(str(attempt.pk))
        assert AttemptResult.objects.count() == 1

    def test_the_candidate_hears_of_it_once_and_only_when_nothing_better_is_due(self):
        attempt = self.sat("MP")
        AttemptItem.objects.filter(attempt=attempt, number=15).update(response=None)
        handed_in = timezone.now() - timedelta(minutes=3)
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=handed_in)
        attempt = self.closed(attempt)
        assert not Notice.objects.exists()  # one answer may still come
        for code in ("MM", "MP"):  # rated again: the first is the news, the second is not
            for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
                make_answer(item, code)
            attempt = self.closed(attempt)
        notice = Notice.objects.get()
        assert (notice.person, notice.url) == (
            self.candidate,
            self.url("attempt-detail", attempt),
        )
        notice.delete()  # however long ago
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_answer(item, "MM")
        self.closed(attempt)
        assert not Notice.objects.exists()

    def test_it_waits_for_every_answer(self):
        attempt = self.sat()
        response = attempt.items.get(number=4).response
        Response.objects.filter(pk=response.pk).update(status="uploaded")
        assert not closing.close_if_final(str(attempt.pk))
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "Listening to your answers")
        self.assertContains(page, "hx-get")

    def test_it_waits_a_while_for_what_was_said_and_has_not_arrived(self):
        attempt = self.sat()
        AttemptItem.objects.filter(attempt=attempt, number=15).update(response=None)
        assert not closing.close_if_final(str(attempt.pk))
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "still on your device, or on its way")
        Attempt.objects.filter(pk=attempt.pk).update(
            submitted_at=timezone.now() - timedelta(minutes=3)
        )
        result = self.closed(attempt).result  # then without it; it may still come
        assert not result.is_complete

    def test_what_is_settled_later_makes_a_new_result_and_keeps_the_old(self):
        attempt = self.closed(self.sat("MP"))
        old = attempt.result
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_answer(item, "MM")
        attempt = self.closed(attempt)
        assert (old.level, attempt.result.level) == (Level.IM3, Level.AL)
        assert attempt.results.count() == 2

    def test_with_measures_alone_there_is_no_level_and_the_report_says_why(self):
        attempt = self.begun()
        self.through(attempt, 7)
        for item in attempt.items.select_related("revision__prompt"):
            response = make_measured(self.candidate, item.revision.prompt)
            AttemptItem.objects.filter(pk=item.pk).update(response=response)
        attempt.submit()
        attempt = self.closed(attempt)
        assert attempt.result.level is None
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "No level: your answers were measured")
        self.assertNotContains(page, "on the scale from NL")

    def test_nothing_said_is_the_lowest_level_and_technical_loss_is_not(self):
        attempt = self.begun()
        attempt.submit()
        assert self.closed(attempt).result.level == Level.NL
        other = self.sat()
        for item in other.items.all()[:3]:
            Response.objects.filter(pk=item.response_id).update(
                status="unratable", reason="technical", shown_rating=None
            )
        result = self.closed(other).result
        assert result.level == Level.AL
        assert result.level_high - result.level_low >= 2

    def test_what_was_not_heard_counts_as_skipped(self):
        attempt = self.sat()
        for item in attempt.items.filter(number__in=[4, 7, 10]):
            Response.objects.filter(pk=item.response_id).update(
                status="unratable", reason="not_heard", shown_rating=None
            )
        result = self.closed(attempt).result
        assert result.report["states"]["4"] == "skipped"
        assert result.level < Level.AL

    def test_a_person_s_level_wins_over_the_machine_s(self):
        attempt = self.sat()
        for item in attempt.items.all():
            rating = Rating.objects.create(
                response_id=item.response_id,
                kind="rating",
                source="person",
                level=5,
                level_low=5,
                level_high=5,
            )
            Response.objects.filter(pk=item.response_id).update(shown_rating=rating)
        assert self.closed(attempt).result.level == Level.IM1

    def test_the_report_names_level_sureness_obstacle_and_next_steps(self):
        attempt = self.closed(self.sat("MP"))
        page = self.client.get(self.url("attempt-detail", attempt))
        for text in (
            "About ",
            "sure",
            "What keeps you below I",
            "does not hold often enough yet",
            "my own words",
            "Practise next",
            "/practice/?type=",
        ):
            self.assertContains(page, text)
        self.assertContains(page, "<audio", count=15)

    def test_the_report_costs_the_same_whatever_was_said(self):
        full = self.closed(self.sat())
        with self.assertNumQueries(5):
            self.client.get(self.url("attempt-detail", full))
        empty = self.begun()
        empty.submit()
        empty = self.closed(empty)
        with self.assertNumQueries(5):
            self.client.get(self.url("attempt-detail", empty))

    def test_a_poll_may_ask_for_the_closing_and_nothing_else(self):
        attempt = self.sat()
        with self.captureOnCommitCallbacks() as queued:
            self.client.get(self.url("attempt-result", attempt), headers=HX)
        assert len(queued) == 1
        attempt.refresh_from_db()
        assert attempt.status == Status.SUBMITTED
        with self.captureOnCommitCallbacks(execute=True):
            self.client.get(self.url("attempt-result", attempt), headers=HX)
        attempt.refresh_from_db()
        assert attempt.status == Status.RATED
        page = self.client.get(self.url("attempt-result", attempt), headers=HX)
        self.assertNotContains(page, "hx-trigger")

    def test_what_can_have_the_focus_has_an_id_to_find_it_by_after_a_swap(self):
        attempt = self.closed(self.sat("MP"))
        make_goal(self.candidate, exam_on=self.candidate.today - timedelta(days=1))
        part = self.client.get(self.url("attempt-result", attempt), headers=HX).content.decode()
        tags = re.findall(r"<(?:a|button|summary|audio|input)\b[^>]*>", part)
        ids = [re.findall(r'\bid="([^"]+)"', tag) for tag in tags]
        assert len(tags) >= 3 * 15 + 5  # the example has all of them
        assert all(len(one) == 1 for one in ids), [
            tag for tag, one in zip(tags, ids, strict=True) if not one
        ]
        assert len({one[0] for one in ids}) == len(ids)

    def look(self, attempt):
        """Seconds to the next look of the report's page; 0 for none."""
        part = self.client.get(self.url("attempt-result", attempt), headers=HX).content.decode()
        found = re.search(r"load delay:([\d.]+)s", part)
        return float(found[1]) if found else 0

    def test_the_report_is_looked_at_less_and_less_while_it_waits(self):
        attempt = self.sat()
        item = attempt.items.get(number=15)
        waiting = Response.objects.filter(pk=item.response_id)
        looks = []
        for seconds in (0, 19, 200, 7200):
            before = timezone.now() - timedelta(seconds=seconds)
            waiting.update(status="uploaded", shown_rating=None, received_at=before)
            Attempt.objects.filter(pk=attempt.pk).update(submitted_at=before)
            looks.append(self.look(attempt))
        assert looks == [1.0, 1.0, 10.0, 30.0]
        waiting.update(received_at=timezone.now())  # it came late: near again
        assert self.look(attempt) == 1.0

    def test_an_answer_that_waits_for_its_time_is_looked_for_then(self):
        attempt = self.sat()
        waiting = Response.objects.filter(attempt_item__attempt=attempt)
        waiting.update(status="uploaded", shown_rating=None)
        for minutes, seconds in ((5, 301), (60, 600)):
            waiting.update(not_before_at=timezone.now() + timedelta(minutes=minutes))
            assert seconds - 2 <= self.look(attempt) <= seconds
        first = attempt.items.get(number=1)
        Response.objects.filter(pk=first.response_id).update(not_before_at=None)
        assert self.look(attempt) < 5

    def test_what_may_never_arrive_is_not_asked_for_all_day(self):
        attempt = self.sat()
        AttemptItem.objects.filter(attempt=attempt, number=15).update(response=None)
        looks = []
        for minutes in (3, 20, 2000):
            Attempt.objects.filter(pk=attempt.pk).update(
                submitted_at=timezone.now() - timedelta(minutes=minutes)
            )
            attempt = self.closed(attempt)
            looks.append(self.look(attempt))
        assert looks == [9.0, 60.0, 600.0]

    def test_the_next_sitting_is_shown_beside_the_last(self):
        self.closed(self.sat("MP"))
        attempt = self.closed(self.sat("MM"))
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "Last time: IM2-IM3. This time: IH-AL.")
        self.assertContains(page, "better than last time")


class OfficialTests(ExamCase):
    url_of = reverse("exams:official-create")

    def test_it_is_told_once_replaced_and_deleted(self):
        day = (timezone.localdate() - timedelta(days=3)).isoformat()
        for level in (6, 7):
            self.client.post(self.url_of, {"level": level, "taken_on": day})
        assert list(OfficialLevel.objects.values_list("level", flat=True)) == [7]
        self.client.post(self.url_of, {"forget": "1"})
        assert not OfficialLevel.objects.exists()

    def test_a_day_to_come_is_refused(self):
        day = (timezone.localdate() + timedelta(days=3)).isoformat()
        answer = self.client.post(self.url_of, {"level": 6, "taken_on": day})
        self.assertContains(answer, "still to come", status_code=422)

    def test_it_is_asked_for_after_the_exam(self):
        goal = make_goal(self.candidate, exam_on=timezone.localdate() - timedelta(days=2))
        attempt = self.begun()
        attempt.submit()
        self.assertContains(self.client.get(self.url("attempt-detail", attempt)), "official level")
        goal.exam_on = timezone.localdate() + timedelta(days=9)
        goal.save()
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertNotContains(page, "official level")
