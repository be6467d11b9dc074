"""What a survey opens is written down with it, for practice: all or nothing."""

import importlib
from unittest import mock

from django.apps import apps
from django.test import TestCase
from django.urls import reverse

from exams.models import BackgroundSurvey
from exams.survey import answers as survey_answers
from materials import picked_topics
from materials.bank import load
from materials.models import PickedTopic, Topic
from materials.packs_reader import Bank, read_bank
from tests.exams.cases import PRESET
from tests.factories import make_user

migration = importlib.import_module("exams.migrations.0007_picked_topics")
FIELDS = {"leisure": ["films", "cafes"], "hobbies": ["reading"], "sports": ["no-exercise"]}


class PickedTopicTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.other = make_user(), make_user()
        load(Bank(topics=read_bank().topics))

    def setUp(self):
        self.client.force_login(self.person)

    def picked(self, person=None):
        rows = PickedTopic.objects.picked_by(person or self.person)
        return set(rows.values_list("topic__slug", flat=True))

    def send(self, part, **fields):
        return self.client.post(reverse("exams:survey-part", args=[part]), fields)

    def test_saving_the_lists_writes_what_they_open(self):
        self.send(1, work="none")
        assert self.picked() == set()
        self.send(4, **FIELDS)
        assert self.picked() == {"films", "cafes", "reading", "home", "neighborhood"}
        assert self.picked(self.other) == set()

    def test_what_is_picked_no_more_goes_and_what_stays_is_the_same_row(self):
        self.send(4, **FIELDS)
        row = PickedTopic.objects.get(person=self.person, topic__slug="films")
        self.send(4, **{**FIELDS, "leisure": ["films", "parks"]})
        assert self.picked() == {"films", "parks", "reading", "home", "neighborhood"}
        assert PickedTopic.objects.filter(pk=row.pk).exists()

    def test_work_opens_work(self):
        self.send(1, work="company", has_job="yes", how_long="experienced", manages="no")
        self.send(4, **FIELDS)
        assert "work" in self.picked()
        self.send(1, work="none")
        assert "work" not in self.picked()

    def test_a_ready_set_writes_them_too_and_twice_changes_nothing(self):
        url = reverse("exams:survey-preset", args=[PRESET])
        self.client.post(url)
        rows = set(PickedTopic.objects.values_list("pk", flat=True))
        assert len(rows) > 5
        self.client.post(url)
        assert set(PickedTopic.objects.values_list("pk", flat=True)) == rows

    def test_a_save_that_fails_half_way_leaves_what_was_there(self):
        self.client.post(reverse("exams:survey-preset", args=[PRESET]))
        before, survey = self.picked(), BackgroundSurvey.objects.get(candidate=self.person)
        with (
            mock.patch.object(Topic.objects, "filter", side_effect=OSError),
            self.assertRaises(OSError),
        ):
            self.send(4, **FIELDS)
        assert self.picked() == before
        assert BackgroundSurvey.objects.get(candidate=self.person).picked == survey.picked

    def test_topics_go_with_the_person(self):
        self.send(4, **FIELDS)
        self.person.delete()
        assert not PickedTopic.objects.exists()

    def test_slugs_of_no_topic_are_left_out(self):
        picked_topics.replace(self.person, ["films", "no-such-topic"])
        assert self.picked() == {"films"}

    def test_surveys_that_were_saved_before_are_written_down(self):
        for name in ("films", "gone"):
            survey_answers.take_preset(self.person, PRESET)
            survey = BackgroundSurvey.objects.get(candidate=self.person)
            wanted = self.picked()
            if name == "gone":
                survey.picked["leisure"].append("no such item")
                survey.save()
            BackgroundSurvey.objects.get_or_create(candidate=self.other, version="1")
            PickedTopic.objects.all().delete()
            for _ in range(2):
                migration.write(apps, None)
                assert self.picked() == wanted
            assert self.picked(self.other) == set()
