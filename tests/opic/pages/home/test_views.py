"""Home: what it says to whom, from how much, and what it costs."""

import re
from datetime import timedelta

from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts import consents, streaks
from accounts.models import Activity, Consent, Goal
from exams.models import Attempt, SelfAssessment
from materials.models import Prompt
from scoring.models import DaySummary, Response
from scoring.summaries import days
from tests.factories import (
    make_goal,
    make_measured,
    make_prompt,
    make_rated,
    make_response,
    make_take,
    make_topic,
    make_user,
)

RATED = override_settings(OPIC_RATER="gemini", OPIC_EARS="gemini")
PROBE = {"lower": "MMMMM", "upper": "PPNPN"}


def speak(person, prompt, *, back=0, rated=True, **fields):
    """A first take so many days ago, with everything that hangs on it."""
    moment = timezone.now() - timedelta(days=back)
    fields = {"recorded_at": moment, "is_first": True, **fields}
    if rated:
        judged = PROBE if prompt.probes_advanced else {}
        response = make_rated(person, prompt, **{**judged, **fields})
    else:
        response = make_measured(person, prompt, **fields)
    make_take(person, prompt, response)
    streaks.note(person, moment, "Asia/Seoul", response.voiced_ms)
    days.recount(response)
    return response


def sit(person, *, back=1, status="rated", step=5, **fields):
    """A sitting that is over, without its items."""
    moment = timezone.now() - timedelta(days=back)
    attempt = Attempt.objects.create(
        candidate=person,
        blueprint_version="1",
        bank_revision="1",
        seed="1",
        item_count=15,
        status="submitted" if status == "rated" else status,
        made_at=moment,
        started_at=moment,
        deadline_at=moment + timedelta(minutes=40),
        submitted_at=moment if status == "rated" else None,
        **fields,
    )
    SelfAssessment.objects.create(attempt=attempt, step=step)
    return attempt


class HomeCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.other = make_user(name="Mina"), make_user()
        cls.types = ("INTRO", "DESC", "ROUT", "PAST", "MEM", "CMP")
        cls.prompts = {
            kind: make_prompt(f"p-{kind.lower()}", item_type=kind, topic=make_topic(f"t-{kind}"))
            for kind in cls.types
        }
        for kind in ("DESC", "ROUT", "PAST", "MEM", "RP_ASK", "RP_SOLVE", "RP_EXP", "ASK_AVA"):
            make_prompt(f"z-{kind.lower()}", item_type=kind)  # as broad as the bank at this step

    def setUp(self):
        self.client.force_login(self.person)

    def page(self):
        return self.client.get("/")


class DoorTests(HomeCase):
    def test_signed_out_it_is_the_landing_page(self):
        page = Client().get("/")
        assert page.status_code == 200
        self.assertTemplateUsed(page, "home/landing.html")

    def test_only_looks(self):
        assert self.client.post("/").status_code == 405
        assert self.client.head("/").status_code == 200

    def test_htmx_gets_the_page_as_well(self):
        part = self.client.get("/", headers={"HX-Request": "true"})
        self.assertContains(part, "</html>")

    def test_a_strangers_answers_are_nowhere(self):
        speak(self.other, self.prompts["PAST"])
        page = self.page()
        assert page.context["home"].is_new
        self.assertNotContains(page, "T-Past")


class NewTests(HomeCase):
    def test_a_newcomer_sees_the_next_step_and_what_will_come(self):
        page = self.page()
        self.assertContains(page, "What will appear here")
        self.assertContains(page, "A good start: say who you are.")
        self.assertContains(
            page, reverse("practice:prompt-detail", args=[self.prompts["INTRO"].pk])
        )
        for name in ('class="chart', "level-title", "Your last answers", "streak-title"):
            self.assertNotContains(page, name)

    def test_a_level_is_promised_only_where_one_comes(self):
        promise = "Where you stand, after four kinds of question"
        self.assertNotContains(self.page(), promise)
        with override_settings(OPIC_RATER="gemini"):
            self.assertContains(self.page(), promise)

    def test_without_consent_that_comes_first(self):
        Consent.objects.all().delete()
        page = self.page()
        self.assertContains(page, reverse("accounts:consent"))
        assert page.context["home"].step is None

    def test_who_withdrew_still_sees_where_they_stood(self):
        make_goal(self.person, target=8)
        speak(self.person, self.prompts["PAST"])
        consents.withdraw(self.person, "recording")
        page = self.page()
        self.assertContains(page, "We need your consent")
        self.assertContains(page, "Days you spoke")

    def test_an_empty_bank_says_so(self):
        Prompt.objects.update(retired_at=timezone.now())
        self.assertContains(self.page(), "No questions yet")

    def test_an_answer_that_is_still_listened_to_is_there(self):
        make_take(
            self.person, self.prompts["DESC"], make_response(self.person, self.prompts["DESC"])
        )
        page = self.page()
        self.assertContains(page, "T-Desc")
        self.assertContains(page, "saved")


class NextStepTests(HomeCase):
    def test_an_open_test_goes_first(self):
        attempt = sit(self.person, status="in_progress")
        page = self.page()
        self.assertContains(page, "Go on with the test")
        self.assertContains(page, reverse("exams:attempt-detail", args=[attempt.pk]))
        self.client.force_login(self.other)
        self.assertNotContains(self.page(), "Go on with the test")

    def test_the_weakest_kind_with_its_evidence(self):
        make_goal(self.person, target=8)
        for kind in ("INTRO", "DESC", "ROUT", "MEM", "CMP"):
            speak(self.person, self.prompts[kind], back=30, upper="MMMMM")
        for _ in range(2):
            speak(self.person, self.prompts["PAST"], back=3)
        page = self.page()
        assert page.context["home"].step.prompt.item_type == "PAST"
        self.assertContains(page, "“Something that happened” held in 0 of your last 2.")


@RATED
class LevelTests(HomeCase):
    def test_too_few_kinds_say_how_many(self):
        for kind in ("DESC", "PAST"):
            speak(self.person, self.prompts[kind])
        page = self.page()
        self.assertContains(page, "Not enough yet: 2 of 4 kinds of question in three weeks.")
        self.assertNotContains(page, 'class="band"')

    def test_four_kinds_make_a_range_that_says_how_sure(self):
        make_goal(self.person, target=8)
        for kind in ("DESC", "ROUT", "PAST", "MEM"):
            speak(self.person, self.prompts[kind])
        page = self.page()
        text = re.search(r"About (\w+) to (\w+)</strong> · (\w+ sure)", page.content.decode())
        assert text is not None
        assert text[3] == "not sure"  # four answers prove little
        self.assertContains(page, "your target")
        self.assertContains(page, "From 4 first answers of the last three weeks")
        self.assertContains(page, "Telling what happened held in 0 of your last 2; IH needs")
        self.assertContains(page, "Comparing: not asked lately; IH needs it.")

    def test_older_answers_second_tries_and_measures_make_none(self):
        for kind in ("DESC", "ROUT", "PAST", "MEM"):
            speak(self.person, self.prompts[kind], back=22)
            speak(self.person, self.prompts[kind], is_first=False)
            speak(self.person, self.prompts[kind], rated=False)
        page = self.page()
        assert page.context["home"].level.text == ""

    def test_the_steps_cap_it_and_those_of_the_last_test_count(self):
        make_goal(self.person, step=4)
        for kind in ("DESC", "ROUT", "PAST", "MEM", "CMP"):
            speak(self.person, self.prompts[kind], lower="MMMMM", upper="MMMMM", level=9)
        highest = [
            name for name, inside, _aim in self.page().context["home"].level.ladder if inside
        ][-1]
        assert highest == "IH"
        sit(self.person, step=5)
        highest = [
            name for name, inside, _aim in self.page().context["home"].level.ladder if inside
        ][-1]
        assert highest == "AL"

    def test_without_consent_to_processing_abroad_it_says_why(self):
        speak(self.person, self.prompts["DESC"], rated=False)
        self.assertContains(self.page(), "you have not agreed to processing abroad")

    def test_no_target_chosen_no_gap_told(self):
        for kind in ("DESC", "ROUT", "PAST", "MEM"):
            speak(self.person, self.prompts[kind])
        page = self.page()
        assert page.context["home"].level.gaps == []
        self.assertContains(page, "Choose a target")
        self.assertNotContains(page, "your target")


class MeasuredOnlyTests(HomeCase):
    """With the embedded rater there are measures and no word of a level."""

    def test_it_says_so_and_shows_what_there_is(self):
        make_goal(self.person, target=8)
        for back, kind in enumerate(("DESC", "ROUT", "PAST", "MEM")):
            speak(self.person, self.prompts[kind], back=back, rated=False)
        page = self.page()
        self.assertContains(page, "How you speak, week by week")
        for name in ("level-title", "Five criteria", "By kind of question", "About ", "held in"):
            self.assertNotContains(page, name)


@RATED
class StrengthTests(HomeCase):
    def test_topics_are_called_what_they_are_called_now_in_the_readers_language(self):
        speak(self.person, self.prompts["DESC"])
        topic = self.prompts["DESC"].topic
        topic.name_ko = "동네 공원"
        topic.save()
        self.client.cookies["django_language"] = "ko"
        assert self.page().context["home"].topics[0].label == "동네 공원"
        self.client.cookies["django_language"] = "en"
        assert self.page().context["home"].topics[0].label == "T-Desc"


class PlanTests(HomeCase):
    def test_no_day_no_plan(self):
        speak(self.person, self.prompts["DESC"])
        self.assertContains(self.page(), "Tell us the day of your exam")

    def test_the_weeks_up_to_it(self):
        make_goal(self.person, exam_on=self.person.today + timedelta(days=23))
        speak(self.person, self.prompts["DESC"])
        page = self.page()
        self.assertContains(page, "23 days to the exam")
        assert len(page.context["home"].plan.rows) in {4, 5}
        self.assertContains(page, "day-today")
        self.assertContains(page, "this week")

    def test_a_day_that_is_over(self):
        make_goal(self.person, exam_on=self.person.today - timedelta(days=1))
        speak(self.person, self.prompts["DESC"])
        self.assertContains(self.page(), "Your exam day is over.")

    def test_the_day_itself(self):
        make_goal(self.person, exam_on=self.person.today)
        speak(self.person, self.prompts["DESC"])
        self.assertContains(self.page(), "Today is the exam")


class StreakTests(HomeCase):
    def test_days_in_a_row_the_longest_and_today(self):
        for back in (12, 11, 10, 9, 0):
            speak(self.person, self.prompts["DESC"], back=back)
        page = self.page()
        self.assertContains(page, "1 day in a row")
        self.assertContains(page, "longest: 4 days")
        self.assertContains(page, "Today counts already.")
        self.assertContains(page, "Spoken today: 0:40")
        self.assertContains(page, "you spoke on 5 days, 3 minutes in all")

    def test_a_day_stays_on_the_map_when_its_answer_is_deleted(self):
        response = speak(self.person, self.prompts["DESC"])
        self.client.post(reverse("practice:take-delete", args=[response.pk]))
        self.assertContains(self.page(), "you spoke on 1 day")

    def test_looking_is_not_speaking(self):
        speak(self.person, self.prompts["DESC"], back=1)
        before = list(Activity.objects.values())
        self.page()
        assert list(Activity.objects.values()) == before


class LastTests(HomeCase):
    def test_the_newest_five_of_both_modes(self):
        for back, kind in enumerate(self.types):
            speak(self.person, self.prompts[kind], back=back)
        attempt = sit(self.person)
        sat = make_rated(self.person, self.prompts["DESC"])
        attempt.items.create(
            number=1,
            revision=self.prompts["DESC"].published,
            item_type="DESC",
            block=1,
            source="intro",
            purpose="warm_up",
            response=sat,
        )
        page = self.page()
        rows = page.context["home"].rows
        assert len(rows) == 5
        assert rows[0].response == sat
        self.assertContains(page, "Describe · Test")
        self.assertContains(page, "IM1‑IM2")


@RATED
class CostTests(HomeCase):
    """Six queries, session and person among them, whatever the history."""

    def fill(self, count):
        for number in range(count):
            speak(self.person, self.prompts[self.types[number % 6]], back=number % 50)

    def test_for_none_few_and_many(self):
        for more in (0, 10, 60):
            self.fill(more)
            with self.subTest(answers=Response.objects.count()), self.assertNumQueries(6):
                self.page()
        make_goal(self.person, target=8, exam_on=self.person.today + timedelta(days=30))
        sit(self.person)
        with self.assertNumQueries(6):
            self.page()

    def test_nothing_of_it_comes_from_before_the_window(self):
        self.fill(3)
        before = self.page().context["home"]
        for back in (61, 200, 300):
            DaySummary.objects.create(
                speaker=self.person,
                day=self.person.today - timedelta(days=back),
                facts={"types": {"PAST": "nonsense"}, "shown": ["nonsense"]},
            )
        after = self.page().context["home"]
        for name in ("types", "topics", "criteria", "measures", "level"):
            assert getattr(before, name) == getattr(after, name), name

    def test_numbers_in_attributes_have_no_comma_in_any_language(self):
        self.fill(12)
        Goal.objects.create(learner=self.person, exam_on=self.person.today + timedelta(days=9))
        for language in ("en", "ko", "vi"):
            self.client.cookies["django_language"] = language
            svgs = re.findall(r"<svg.*?</svg>", self.page().content.decode(), re.S)
            charts = [svg for svg in svgs if "chart" in svg or "year-map" in svg or "exam-" in svg]
            assert len(charts) >= 8
            for svg in charts:
                for name, value in re.findall(r'\s(x|y|width|height|cx|cy|r)="([^"]*)"', svg):
                    assert re.fullmatch(r"-?\d+(\.\d+)?%?", value), (language, name, value)
