"""A day's answers in figures: what they come to, when they are made anew, and for whom."""

import importlib
import threading
import uuid
from datetime import UTC, date, datetime, timedelta

from django.apps import apps
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from accounts.models import Activity
from opic.lib.levels import Level
from practice import takes
from scoring import tasks
from scoring.models import DaySummary, Response, Status
from scoring.rating import human as human_ratings
from scoring.rating import pipeline
from scoring.summaries import days
from scoring.summaries.facts import (
    FACTS_VERSION,
    OfType,
    ResponseFacts,
    Shown,
    facts_of,
    rows_shown,
)
from tests.factories import (
    make_measured,
    make_prompt,
    make_rated,
    make_response,
    make_revision,
    make_take,
    make_topic,
    make_user,
)
from tests.gemini.scripts import hears
from tests.opic.pages.home.test_views import sit
from tests.scoring.gemini_case import GeminiCase

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)  # noon in Seoul


def judged(lower="MMMMM", upper=""):
    """Criteria as a rating stores them, from letters."""
    return Shown("PAST", lower, upper, False, 6, False).criteria()


def response_facts(item_type="PAST", lower="MMMMM", upper="MMMMM", **fields):
    fields = {"topic": "parks", "is_first": True, "level": 8, "points": 85, **fields}
    return ResponseFacts(item_type, criteria=judged(lower, upper), **fields)


class FactsTests(TestCase):
    """Pure: from answers to figures."""

    def test_criteria_are_summed_at_both_standards(self):
        facts = facts_of(
            [response_facts(lower="MPNMM", upper="PNNNN"), response_facts("DESC", "MMMMM", "")]
        )
        assert facts["criteria"]["functions"] == [2, 2, 0.5, 1]
        assert facts["criteria"]["content"] == [1.5, 2, 0, 1]
        assert facts["criteria"]["text_type"] == [1, 2, 0, 1]

    def test_a_second_try_counts_for_criteria_and_levels_and_shows_no_strength(self):
        facts = facts_of([response_facts(is_first=False)])
        assert facts["criteria"]["functions"] == [1, 1, 1, 1]
        assert facts["levels"] == {"8": 1}
        assert facts["types"]["PAST"] == OfType(answers=1)
        assert (facts["topics"], facts["functions"], facts["shown"]) == ({}, {}, [])

    def test_a_measure_enters_nothing_that_speaks_of_levels(self):
        heard = {
            "is_heard": True,
            "words_per_minute": 80.0,
            "speech_rate": 2.0,
            "mean_run_seconds": 2.5,
            "mean_pause_seconds": 0.9,
        }
        facts = facts_of([ResponseFacts("DESC", "parks", is_first=True, measures=heard)])
        assert facts["measures"]["words_per_minute"] == [80.0, 1]
        assert facts["types"]["DESC"] == OfType(answers=1)
        for name in ("criteria", "topics", "functions", "levels"):
            assert facts[name] == {}, name
        assert facts["shown"] == []

    def test_what_was_not_heard_has_no_measures(self):
        assert (
            facts_of([ResponseFacts("DESC", "parks", measures={"is_heard": False})])["measures"]
            == {}
        )

    def test_evidence_stands_in_order(self):
        facts = facts_of(
            [
                response_facts("PAST", upper="MMMMM"),
                response_facts("MEM", upper="MMMMN"),
                response_facts("RP_EXP", upper="MMMPP"),
                response_facts("DESC", "MMMMM", ""),
                response_facts("DESC", "PPPPP", ""),
            ]
        )
        assert facts["functions"] == {"narration": "101", "description": "10"}
        assert facts["types"]["DESC"].lower == "10"
        assert facts["types"]["MEM"].upper == "0"

    def test_a_persons_word_is_evidence_without_judgements(self):
        given = ResponseFacts("PAST", "parks", is_first=True, by_person=True, level=Level.IH)
        facts = facts_of([given])
        assert facts["functions"] == {"narration": "1"}
        assert facts["types"]["PAST"].points == 88
        assert facts["shown"][0].by_person
        lower = ResponseFacts("PAST", "parks", is_first=True, by_person=True, level=Level.IM3)
        assert facts_of([lower])["functions"] == {"narration": "0"}

    def test_strength_by_type_and_topic(self):
        facts = facts_of([response_facts(points=40), response_facts("DESC", points=60)])
        assert facts["topics"] == {"parks": [2, 100]}
        assert (facts["types"]["PAST"].points, facts["types"]["DESC"].points) == (40, 60)

    def test_one_day_stays_small_however_much_was_said(self):
        facts = facts_of([response_facts() for _ in range(500)])
        assert len(facts["shown"]) == 24
        assert len(facts["functions"]["narration"]) == 12
        assert facts["levels"] == {"8": 500}

    def test_judgements_come_back_as_they_were(self):
        row = response_facts(lower="MPNMM", upper="NNNNP", is_weak=True)
        (shown,) = rows_shown([facts_of([row])])
        assert shown.criteria() == row.criteria
        assert (shown.item_type, shown.is_weak, shown.level) == ("PAST", True, 8)


class DayTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.other = make_user(), make_user()
        cls.prompt = make_prompt(item_type="PAST", topic=make_topic("parks"))

    def summary(self, day=date(2026, 11, 24)):
        return DaySummary.objects.get(speaker=self.person, day=day)

    def test_it_is_the_speakers_own_day_by_the_time_of_recording(self):
        late = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)  # 23:50 in Seoul
        for moment, zone in (
            (late, "Asia/Seoul"),
            (late + timedelta(minutes=20), "Asia/Seoul"),
            (late + timedelta(minutes=20), "Europe/London"),
        ):
            days.recount(
                make_measured(self.person, self.prompt, recorded_at=moment, time_zone=zone)
            )
        assert self.summary(date(2026, 11, 24)).answers == 2
        assert self.summary(date(2026, 11, 25)).answers == 1

    def test_twice_is_once_and_others_stay_out_of_it(self):
        response = make_rated(self.person, self.prompt, recorded_at=NOON, is_first=True)
        make_rated(self.other, self.prompt, recorded_at=NOON)
        make_response(self.person, self.prompt, recorded_at=NOON)
        days.recount(response)
        days.recount(response)
        row = self.summary()
        assert (row.answers, row.first_takes, row.voiced_ms) == (1, 1, 40_000)
        assert row.facts["topics"]["parks"][0] == 1
        assert OfType(*row.facts["types"]["PAST"]).rated == 1
        assert DaySummary.objects.count() == 1

    def test_what_could_not_be_rated_is_an_answer_and_no_evidence(self):
        response = make_response(self.person, self.prompt, recorded_at=NOON, is_first=True)
        Response.objects.filter(pk=response.pk).update(status=Status.UNRATABLE, reason="not_heard")
        days.recount(response)
        assert self.summary().answers == 1
        assert self.summary().facts["shown"] == []

    def test_a_deleted_answer_leaves_its_day(self):
        remaining = make_rated(self.person, self.prompt, recorded_at=NOON)
        take = make_take(
            self.person, self.prompt, make_rated(self.person, self.prompt, recorded_at=NOON)
        )
        days.recount(remaining)
        assert self.summary().answers == 2
        takes.delete(take)
        assert self.summary().answers == 1
        remaining.delete()
        days.recount_day(self.person.pk, date(2026, 11, 24))
        assert (self.summary().answers, self.summary().facts["shown"]) == (0, [])

    def test_a_persons_level_given_and_taken_back(self):
        response = make_measured(self.person, self.prompt, recorded_at=NOON, is_first=True)
        days.recount(response)
        assert self.summary().facts["levels"] == {}
        given = human_ratings.give_level(response, self.other, Level.IH, Level.IH, "Holds.")
        assert self.summary().facts["levels"] == {"8": 1}
        assert self.summary().facts["functions"] == {"narration": "1"}
        human_ratings.take_back(given)
        assert self.summary().facts["levels"] == {}

    def test_withdrawing_with_everything_takes_the_days_too(self):
        days.recount(make_measured(self.person, self.prompt))
        days.recount(make_measured(self.other, self.prompt))
        self.client.force_login(self.person)
        self.client.post(reverse("consent-withdraw"), {"kind": "recording", "erase": "everything"})
        assert list(DaySummary.objects.values_list("speaker", flat=True)) == [self.other.pk]


class ReadTests(TestCase):
    def test_days_come_from_both_in_one_query(self):
        person, today = make_user(), date(2026, 11, 26)
        old, spoken, late = (today - timedelta(days=n) for n in (100, 2, 1))
        for day in (old, spoken):
            Activity.objects.create(person=person, day=day, voiced_ms=9000)
        Activity.objects.create(person=make_user(), day=today, voiced_ms=9000)
        for day, voiced in ((old, 1), (spoken, 8000), (late, 7000)):
            facts = {"v": FACTS_VERSION}
            DaySummary.objects.create(speaker=person, day=day, voiced_ms=voiced, facts=facts)
        with self.assertNumQueries(1):
            days_read = days.read(
                person,
                spoken_since=today - timedelta(days=371),
                facts_since=today - timedelta(days=60),
            ).days
        assert [(one.day, one.voiced_ms, one.facts) for one in days_read] == [
            (old, 9000, {}),
            (spoken, 9000, {"v": FACTS_VERSION}),
            (late, 7000, {"v": FACTS_VERSION}),
        ]


class VersionTests(TestCase):
    """A summary that another version of the product made is made anew when it is read."""

    @classmethod
    def setUpTestData(cls):
        cls.person, cls.prompt = make_user(), make_prompt(item_type="PAST")
        cls.today = NOON.date()
        for back in (0, 1, 40, 59):
            moment = NOON - timedelta(days=back)
            days.recount(make_rated(cls.person, cls.prompt, recorded_at=moment, is_first=True))

    def read(self):
        return days.read(
            self.person,
            spoken_since=self.today - timedelta(days=371),
            facts_since=self.today - timedelta(days=56),
        ).days

    def test_it_says_what_the_answers_say_and_the_row_is_rewritten(self):
        fresh, rows = self.read(), list(DaySummary.objects.order_by("day").values("day", "facts"))
        old = {"v": 0, "types": {"PAST": ["another", "order"]}, "shown": [["PAST"]]}
        for facts in (old, {"types": {}}, {}):
            DaySummary.objects.filter(day__gte=self.today - timedelta(days=56)).update(facts=facts)
            assert self.read() == fresh
            assert list(DaySummary.objects.order_by("day").values("day", "facts")) == rows
            with self.assertNumQueries(1):
                self.read()

    def test_a_day_without_answers_any_more_is_read_as_empty(self):
        DaySummary.objects.create(
            speaker=self.person, day=self.today - timedelta(days=3), facts={"v": 0, "levels": {}}
        )
        empty = next(one for one in self.read() if one.day == self.today - timedelta(days=3))
        assert (empty.voiced_ms, empty.facts) == (0, facts_of([]))

    def test_others_are_left_alone(self):
        other = make_user()
        DaySummary.objects.create(speaker=other, day=self.today, facts={"v": 0})
        DaySummary.objects.filter(speaker=self.person).update(facts={})
        self.read()
        assert DaySummary.objects.get(speaker=other).facts == {"v": 0}

    def test_what_a_day_holds_and_in_which_order_belongs_to_the_version(self):
        """Whoever changes this raises FACTS_VERSION and writes the new shape here."""
        parts = {"v", "criteria", "types", "topics", "functions", "measures", "levels", "shown"} | {
            "held"
        }
        assert FACTS_VERSION == 3
        assert facts_of([]).keys() == parts
        assert OfType._fields == ("answers", "rated", "points", "lower", "upper")
        assert Shown._fields == ("item_type", "lower", "upper", "is_weak", "level", "by_person")


class SettlingTests(GeminiCase):
    """The day is made anew by whatever settles an answer."""

    def row(self):
        return DaySummary.objects.get(speaker=self.person)

    def test_a_rating_and_a_rating_again(self):
        response = self.rated(self.submitted(is_first=True))
        first = self.row()
        assert first.facts["levels"] == {str(response.shown_rating.level): 1}
        assert first.facts["criteria"]["functions"][1] == 1
        response.shown_rating.__class__.objects.update(cache_key="")
        response.rate_again()
        assert self.row().facts == first.facts  # still showing what it showed
        human_ratings.give_level(response, make_user(), Level.AL, Level.AL, "x")
        self.rated(response)
        assert self.row().answers == 1

    def test_nothing_heard(self):
        self.fake.hear = hears("", language="none")
        self.rated()
        assert (self.row().answers, self.row().facts["levels"]) == (1, {})

    def test_measured_only_while_the_rating_waits(self):
        with self.settings(OPIC_DAILY_RATINGS_PER_USER=0):
            self.rated()
        assert self.row().facts["measures"]["words_per_minute"][1] == 1
        assert self.row().facts["levels"] == {}

    def test_the_task_twice(self):
        response = self.rated()
        tasks.rate_response(str(response.pk))
        assert (DaySummary.objects.count(), self.row().answers) == (1, 1)

    def test_a_claim_that_was_lost_changes_no_day(self):
        response = self.submitted()
        claimed = Response.objects.claim(str(response.pk))
        Response.objects.filter(pk=response.pk).update(claim_token=uuid.uuid4())
        assert not pipeline._end(claimed, Status.UNRATABLE, reason="gave_up")
        assert not DaySummary.objects.exists()


class ManyAtOnceTests(TransactionTestCase):
    def test_answers_of_one_day_that_settle_together_are_all_in_it(self):
        person, prompt = make_user(), make_prompt()
        waiting = [make_response(person, prompt) for _ in range(6)]

        def work(response):
            claimed = Response.objects.claim(str(response.pk))
            pipeline._end(claimed, Status.UNRATABLE, reason="too_short")
            connection.close()

        threads = [threading.Thread(target=work, args=[response]) for response in waiting]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(DaySummary.objects.values_list("answers", flat=True)) == 6


class FirstTakeTests(TestCase):
    def test_the_first_answer_to_a_prompt_is_known_by_its_prompt(self):
        person, prompt = make_user(), make_prompt()
        assert not Response.objects.has_response_to(person, prompt.published)
        make_response(person, prompt)
        make_response(make_user(), make_prompt())
        assert Response.objects.has_response_to(person, make_revision(prompt))
        assert not Response.objects.has_response_to(make_user(), prompt.published)

    def test_answers_from_before_this_was_kept_are_marked(self):
        mark = importlib.import_module("exams.migrations.0002_first_takes")
        people, prompt, other = [make_user(), make_user()], make_prompt(), make_prompt()
        now = timezone.now()
        first = [
            make_response(person, one, received_at=now - timedelta(days=9))
            for person in people
            for one in (prompt, other)
        ]
        again = [make_response(people[0], prompt, received_at=now) for _ in range(2)]
        attempt = sit(people[0])
        attempt.items.create(
            number=1,
            revision=prompt.published,
            item_type="DESC",
            block=1,
            source="intro",
            purpose="warm_up",
            response=again[1],
        )
        mark.mark(apps, None)
        marked = set(Response.objects.filter(is_first=True))
        assert marked == {*first, again[1]}
        mark.unmark(apps, None)
        assert not Response.objects.filter(is_first=True).exists()
