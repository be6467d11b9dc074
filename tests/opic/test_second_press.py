"""A form that is sent by two presses writes what one press writes."""

import threading

import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.test import Client, TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from accounts.models import Goal, Notice, NoticeSettings
from exams.models import Attempt, BackgroundSurvey
from exams.survey import answers as survey_answers
from opic.lib.stores.first_rows import save_row
from tests.exams.cases import PRESET, publish, small_bank
from tests.factories import make_measured, make_prompt, make_take, make_topic, make_user

OURS = ("accounts", "practice", "exams", "scoring")


def picture():
    """Return how many rows each of our tables has."""
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: model.objects.count() for model in models}


class SecondPressTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        publish(small_bank())
        cls.person, cls.topic = make_user(), make_topic("parks")

    def setUp(self):
        self.client.force_login(self.person)

    def pressed(self, name, /, *args, status=302, **fields):
        """Send it twice; return what stands in the tables, which has to be the same."""
        url = reverse(name, args=args)
        assert self.client.post(url, fields).status_code == 302, name
        once = picture()
        again = self.client.post(url, fields)
        assert again.status_code == status, name
        assert picture() == once, name
        return once

    def test_what_a_person_says_of_themselves(self):
        self.pressed("accounts:goal-set", name="Mina", target="7", step="4")
        self.pressed("accounts:settings", part="goal", target="8", step="5")
        self.pressed("accounts:settings", part="profile", name="M", time_zone="Asia/Seoul")
        self.pressed("accounts:settings", part="notices", reminder_hour="7")
        self.pressed("accounts:consent", recording="on")
        self.pressed("set_language", language="ko")
        assert self.pressed("exams:official-create", level="7", taken_on="2026-01-02")
        self.pressed("exams:official-create", forget="")
        self.pressed("consent-withdraw", kind="abroad", erase="nothing")

    def test_what_is_written_down(self):
        rows = self.pressed(
            "practice:story-create", topic="parks", title="Rain", keywords="wet shoes"
        )
        assert rows["practice.Story"] == 1
        assert self.pressed("practice:phrase-create", text="as it were")["practice.Phrase"] == 1

    def test_a_test_is_set_up_once_and_given_up_once(self):
        self.pressed("exams:survey-preset", PRESET)
        rows = self.pressed("exams:attempt-create", step="5", mode="real")
        assert (rows["exams.Attempt"], rows["exams.AttemptItem"]) == (1, 7)
        self.pressed("exams:attempt-abandon", Attempt.objects.get().pk)

    def test_a_survey_that_is_sent_twice(self):
        fields = {"job": "none", "dwelling": "alone"}
        for _ in range(2):
            self.client.post(reverse("exams:survey-part", args=[1]), fields)
        assert BackgroundSurvey.objects.count() == 1

    def test_what_is_deleted_is_deleted_and_the_second_finds_nothing(self):
        prompt = make_prompt()
        take = make_take(self.person, prompt, make_measured(self.person, prompt))
        self.pressed("practice:take-delete", take.pk, status=404)

    def test_notices_are_read_once(self):
        Notice.objects.create(person=self.person, kind="result", key="k", url="/")
        self.pressed("accounts:notices-read", until=timezone.now().isoformat())

    def test_asking_for_a_rating_once_more(self):
        response = make_measured(self.person, make_prompt())
        response.needs_person = True
        response.save(update_fields=["needs_person"])
        self.pressed("scoring:response-again", response.pk)


class BothAtOnceTests(TransactionTestCase):
    """Two presses may reach two workers; neither sees the row that the other inserts."""

    def setUp(self):
        self.person = make_user()

    def press(self, name, /, *args, **fields):
        clients = [Client(raise_request_exception=False) for _ in range(6)]
        for client in clients:
            client.force_login(self.person)
        ready, statuses = threading.Barrier(len(clients)), []

        def send(client):
            ready.wait()
            statuses.append(client.post(reverse(name, args=args), fields).status_code)
            connection.close()

        threads = [threading.Thread(target=send, args=[client]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [302] * len(clients)

    def test_the_first_goal(self):
        self.press("accounts:goal-set", target="7", step="4")
        assert Goal.objects.get(learner=self.person).target == 7

    def test_the_first_choice_of_notices(self):
        self.press("accounts:settings", part="notices", reminder_hour="7")
        assert NoticeSettings.objects.get(person=self.person).reminder_hour == 7

    def test_the_first_survey(self):
        self.press("exams:survey-preset", PRESET)
        assert BackgroundSurvey.objects.get(candidate=self.person).is_complete

    def test_the_first_story(self):
        make_topic("parks")
        self.press("practice:story-create", topic="parks", title="Rain", keywords="wet shoes")
        assert self.person.stories.count() == 1

    def test_a_test(self):
        publish(small_bank())
        survey_answers.take_preset(self.person, PRESET)
        self.press("exams:attempt-create", step="5", mode="real")
        assert Attempt.objects.open().filter(candidate=self.person).count() == 1


class SaveRowTests(TestCase):
    def test_once_more_where_the_row_came_in_meanwhile(self):
        goal, tries = Goal(learner=make_user(), target=8), []

        def save():
            tries.append(None)
            if len(tries) == 1:
                raise IntegrityError
            goal.save()

        save_row(save)
        assert (len(tries), Goal.objects.get().target) == (2, 8)

    def test_what_may_never_be_is_still_an_error(self):
        with pytest.raises(IntegrityError):
            save_row(Goal(learner=make_user(), step=9).save)
