"""What a sitting comes to: its result, its report and the notice of it."""

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from exams import closing
from exams.models import Attempt, AttemptItem, AttemptResult, Status
from opic.lib.levels import Level
from scoring.models import Rating, Response
from tests.exams.cases import ExamCase, make_item_response
from tests.factories import make_goal, make_measured

HX = {"HX-Request": "true"}


class ClosingTests(ExamCase):
    def sat(self, codes="MM", *, step=5):
        attempt = self.begun(step=step)
        self.through(attempt, 15)
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_item_response(item, codes)
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
                make_item_response(item, code)
            attempt = self.closed(attempt)
        notice = Notice.objects.get()
        assert (notice.person, notice.url) == (
            self.candidate,
            self.url("attempt-detail", attempt),
        )
        notice.delete()  # however long ago
        for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
            make_item_response(item, "MM")
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

    def test_a_sitting_that_waits_for_the_service_can_be_read_and_is_made_anew(self):
        attempt = self.sat("MP")
        waiting = Response.objects.filter(attempt_item__attempt=attempt, attempt_item__number__gt=4)
        level = {row.pk: row.shown_rating for row in waiting}
        waiting.update(status="uploaded", waits_for="vendor", shown_rating=None)
        assert not closing.close_if_final(str(attempt.pk))  # it may be back any moment
        waiting.update(received_at=timezone.now() - timedelta(minutes=11))
        attempt = self.closed(attempt)
        assert (attempt.result.level, attempt.result.is_complete) == (None, False)
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "11 of 15 answers have no rating: 11 waiting for the rating")
        self.assertContains(page, "No level yet")
        self.assertContains(page, "hx-get")
        assert not Notice.objects.exists()
        for row in waiting:
            now = timezone.now()
            changes = {"shown_rating": level[row.pk], "settled_at": now, "waits_for": ""}
            Response.objects.filter(pk=row.pk).update(status="rated", **changes)
        attempt = self.closed(attempt)
        assert (attempt.result.level, attempt.result.is_complete) == (Level.IM3, True)
        assert Notice.objects.count() == 1
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertNotContains(page, "no rating")

    def test_what_waits_for_another_day_is_not_waited_for(self):
        attempt = self.sat("MP")
        waiting = Response.objects.filter(attempt_item__attempt=attempt, attempt_item__number__gt=5)
        waiting.update(status="uploaded", waits_for="person", shown_rating=None)
        attempt = self.closed(attempt)
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "10 waiting for the ratings of another day")
        listed = self.client.get(reverse("exams:attempt-list"))
        self.assertContains(listed, "answers are still to come")

    def test_an_old_result_with_what_was_lost_is_told_as_it_is_now(self):
        attempt = self.closed(self.sat("MP"))
        old = {name: attempt.result.report[name] for name in ("states", "weak", "means")}
        AttemptResult.objects.update(report=old)
        lost = Response.objects.filter(attempt_item__attempt=attempt, attempt_item__number=3)
        lost.update(status="measured", needs_person=True)
        Rating.objects.filter(response__in=lost, kind="rating").update(
            kind="measure", level=None, level_low=None, level_high=None, band_low=4, band_high=7
        )
        page = self.client.get(self.url("attempt-detail", attempt))
        self.assertContains(page, "1 of 15 answers has no rating: 1 left to a person")
        self.assertContains(page, "the rating did not work")

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
            make_item_response(item, "MM")
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
        self.assertContains(page, "7 answers, beside what is typical of IM2.")
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
        match = re.search(r"load delay:([\d.]+)s", part)
        return float(match[1]) if match else 0

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
        self.assertContains(page, "Last time: IM3‑IH. This time: IH‑AL.")
        self.assertContains(page, "better than last time")
