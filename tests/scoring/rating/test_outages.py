"""The rating service is away, for a minute or a weekend: nothing is lost, and nobody hurries."""

from django.test import TestCase
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as SearchingTestCase

from scoring.models import Reason, Response, Status, Waits
from scoring.rating import waiting_line
from tests.factories import make_prompt, make_response
from tests.scoring import outages
from tests.scoring.outages import DAY, HOUR, MINUTE, VENDOR, playing

# seconds, answers, people; a weekend is played by `tests/soak/test_outages.py`
CASES = [
    *((length, *crowd) for length in (MINUTE, HOUR) for crowd in ((1, 1), (15, 1), (40, 8))),
    (DAY, 15, 1),
]


class OutageTests(TestCase):
    def test_after_an_outage_of_any_length_all_are_rated_oldest_first_and_unhurried(self):
        for length, responses, speakers in CASES:
            with self.subTest(f"{length} s, {responses} answers"):
                Response.objects.all().delete()
                outages.check(outages.played(length, responses, speakers), length, responses)

    def test_the_first_minutes_after_it_let_a_few_through_and_then_more(self):
        outage = outages.played(HOUR, 40, 8)
        minutes: dict[float, int] = {}
        for call in outage.calls:
            if call.at >= HOUR and call.kind == "rate":
                minutes[call.at] = minutes.get(call.at, 0) + 1
        assert list(minutes.values()) == [1, 2, 6, 18, 13]

    def test_what_comes_during_it_makes_no_call_of_its_own(self):
        with playing(outages.down_until(HOUR)) as outage:
            (person,) = outages.people(1)
            prompt = make_prompt()
            outage.submitted(person, prompt, 3)
            before = len(outage.calls)
            outage.submitted(person, prompt, 20)
            assert (before, len(outage.calls)) == (2, 2)
            assert Response.objects.in_line().count() == 23
            assert not Response.objects.filter(shown_rating=None).exists()

    def test_a_delay_that_the_service_asks_for_is_kept_to_by_all(self):
        def health(now, _response, _kind):
            return "day_quota" if now < 2 else "ok"

        with playing(health) as outage:
            (person,) = outages.people(1)
            outage.submitted(person, make_prompt(), 1)
            outage.submitted(person, make_prompt(), 4)
            assert len(outage.calls) == 1
            outage.run(5 * HOUR)
            assert outage.calls[1].at >= HOUR
            assert not Response.objects.exclude(status=Status.RATED).exists()

    def test_one_bad_call_among_good_ones_stops_nobody(self):
        outcomes = iter(["ok", "ok", "down"])
        with playing(lambda *_: next(outcomes, "ok")) as outage:
            (person,) = outages.people(1)
            _first, second, third = outage.submitted(person, make_prompt(), 3)
            assert Response.objects.get(pk=second.pk).waits_for == Waits.VENDOR
            assert Response.objects.get(pk=third.pk).status == Status.RATED

    def test_without_anybody_else_an_answer_goes_on_waiting(self):
        with playing(lambda *_: "timeout") as outage:
            (person,) = outages.people(1)
            (response,) = outage.submitted(person, make_prompt())
            outage.run(DAY / 2)
            response.refresh_from_db()
            assert (response.status, response.waits_for) == (Status.UPLOADED, Waits.VENDOR)
            assert response.tries == 0
            assert len(outage.calls) <= 7 * 12

    def test_one_answer_that_alone_fails_is_set_aside_says_so_and_holds_nobody_up(self):
        bad = []

        def health(_now, response, _kind):
            return "down" if response in bad else "ok"

        with playing(health) as outage:
            person, other = outages.people(2)
            prompt = make_prompt()
            worst = make_response(person, prompt, sound=b"0")
            bad.append(str(worst.pk))
            for _ in range(60):
                (fine,) = outage.submitted(other, prompt)
                assert Response.objects.get(pk=fine.pk).status == Status.RATED
                outage.pass_time(MINUTE)
                outage.minute()
            worst.refresh_from_db()
            assert (worst.status, worst.needs_person) == (Status.MEASURED, True)
            assert worst.reason == Reason.SET_ASIDE
            own = [call for call in outage.calls if call.response_id == str(worst.pk)]
            assert len(own) <= waiting_line.MOST_FAILURES_ALONE + 1
        self.client.force_login(person)
        page = self.client.get(reverse("scoring:response-detail", args=[worst.pk]))
        self.assertContains(page, "while it rates others")
        self.assertContains(page, "Rate it again")

    def test_one_answer_that_alone_fails_is_set_aside_where_few_people_speak_too(self):
        bad = []
        with playing(lambda _now, response, _kind: "down" if response in bad else "ok") as outage:
            person, other = outages.people(2)
            prompt = make_prompt()
            worst = make_response(person, prompt, sound=b"0")
            bad.append(str(worst.pk))
            for _ in range(24):
                outage.submitted(other, prompt)
                outage.run(outage.seconds + HOUR)
                worst.refresh_from_db()
                if worst.status == Status.MEASURED:
                    break
            assert (worst.reason, worst.needs_person) == (Reason.SET_ASIDE, True)
            assert waiting_line.MOST_FAILURES_APART * HOUR <= outage.seconds < 15 * HOUR
            assert not Response.objects.exclude(pk=worst.pk).exclude(status=Status.RATED).exists()

    def test_nobody_is_set_aside_by_a_service_that_fails_on_every_other_call(self):
        count = iter(range(10_000))
        with playing(lambda *_: "down" if next(count) % 2 else "ok") as outage:
            (person,) = outages.people(1)
            prompt = make_prompt()
            for _ in range(12):
                outage.submitted(person, prompt)
                outage.run(outage.seconds + MINUTE)
            outage.run(outage.seconds + HOUR)
        rows = Response.objects.all()
        assert {row.status for row in rows} == {Status.RATED}
        assert not rows.filter(needs_person=True).exists()


class AnyProblemsTests(SearchingTestCase):
    """Whatever faults come in whatever order, health in the end gives every answer its level."""

    KINDS = (*VENDOR, "empty", "cut")

    STRETCH = st.tuples(
        st.sampled_from([MINUTE, 10 * MINUTE, 2 * HOUR]), st.sampled_from([*KINDS, "ok"])
    )
    SPOKEN = st.tuples(st.integers(0, 1), st.sampled_from([1.0, MINUTE, HOUR]))

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(stretches=st.lists(STRETCH, max_size=5), spoken=st.lists(SPOKEN, min_size=1, max_size=6))
    def test_all_are_rated_and_nobody_is_needed(self, stretches, spoken):
        # of what is paid for much may be useless, not more than is asked for by itself
        health = outages.in_stretches(stretches, most_useless=7)
        with playing(health) as outage:
            prompt, speaking = make_prompt(), outages.people(2)
            for speaker, pause in spoken:
                outage.submitted(speaking[speaker], prompt)
                outage.run(outage.seconds + pause)
            outage.run(outage.seconds + DAY)
        rows = Response.objects.all()
        assert {row.status for row in rows} == {Status.RATED}
        assert not rows.filter(needs_person=True).exists()
