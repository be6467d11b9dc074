"""Export and deletion of what belongs to a person."""

import io
import json
import zipfile

from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse

from accounts import notices
from accounts.models import Activity, DeviceSession, NoticeSettings, User
from practice.models import Card, Phrase, PracticeSession, PracticeTake
from scoring.models import Hearing, Response, Status, audio_storage
from scoring.summaries import days
from tests.factories import (
    make_card,
    make_goal,
    make_phrase,
    make_prompt,
    make_story,
    make_take,
    make_user,
    prove,
)


class ExportTests(TestCase):
    """What someone takes along is all of theirs and nothing of anybody else."""

    @classmethod
    def setUpTestData(cls):
        cls.person, cls.other = make_user("me@example.org"), make_user("other@example.org")
        for person in (cls.person, cls.other):
            make_goal(person)
            make_take(person, make_prompt(text=f"What would {person.email} say about this?"))
            Activity.objects.create(person=person, day="2026-11-01", voiced_ms=9000)
            DeviceSession.objects.create(person=person)
            notices.notify(person, "reply", "a", {"by": person.email}, "/practice/")
            NoticeSettings.objects.create(person=person, reminder_hour=7)
            response = Response.objects.spoken_by(person).get()
            Hearing.objects.create(response=response, ears="x", heard={"by": person.email})
            make_phrase(person, f"as {person.email} says")
            make_card(person, f"{person.email} say", response=response)
            make_story(person, keywords=person.email)
            days.recount(response)

    def fetched(self):
        self.client.force_login(self.person)
        prove(self.client, self.person)
        reply = self.client.get(reverse("account-export"))
        assert reply["Content-Type"] == "application/zip"
        assert "no-store" in reply["Cache-Control"]
        return zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content)))

    def test_it_holds_all_of_mine_and_nothing_of_others(self):
        with self.fetched() as archive:
            names = archive.namelist()
            text = archive.read("data.json").decode()
            data = json.loads(text)
            response = Response.objects.spoken_by(self.person).get()
            assert names == ["data.json", f"audio/{response.pk}.m4a"]
            assert archive.read(names[1]) == b"0123456789"
        assert data["person"]["email"] == "me@example.org"
        for part in ("goal", "consents", "days", "devices", "sessions", "takes", "answers"):
            assert len(data[part]) >= 1, part
        for part, name in (("phrases", "text"), ("cards", "quote"), ("stories", "keywords")):
            assert "me@example.org" in data[part][0][name], part
        assert data["notices"][0]["params"] == {"by": "me@example.org"}
        assert data["notice_settings"][0]["reminder_hour"] == 7
        assert data["day_summaries"][0]["answers"] == 1
        reply = data["answers"][0]
        assert reply["hearings"][0]["heard"] == {"by": "me@example.org"}
        assert reply["ratings"][0]["band_high"] == 7
        assert "me@example.org say" in reply["question"]
        assert "other@example.org" not in text
        assert str(self.other.pk) not in text
        assert "password" not in text

    def test_sound_that_is_gone_is_left_out(self):
        response = Response.objects.spoken_by(self.person).get()
        audio_storage().delete(response.audio.name)
        with self.fetched() as archive:
            assert archive.namelist() == ["data.json"]


class DeletionTests(TransactionTestCase):
    """What someone deletes is gone: rows and files, theirs and nobody else's."""

    def setUp(self):
        self.person, self.other = make_user("me@example.org"), make_user()
        self.prompt = make_prompt()
        for person in (self.person, self.other):
            make_goal(person)
            make_take(person, self.prompt)
            Activity.objects.create(person=person, day="2026-11-01", voiced_ms=9000)
            PracticeSession.join(person)
            DeviceSession.objects.create(person=person)
            response = Response.objects.spoken_by(person).get()
            make_phrase(person, response=response)
            make_card(person, response=response)
            make_story(person)
            notices.notify(person, "reply", "a", {"by": person.email}, "/practice/")
            NoticeSettings.objects.create(person=person)
        Hearing.objects.create(response=Response.objects.first(), ears="x")
        self.client.force_login(self.person)
        prove(self.client, self.person)

    def files(self, person):
        try:
            return audio_storage().listdir(f"audio/{person.pk}")[1]
        except FileNotFoundError:
            return []

    def test_one_take(self):
        take = PracticeTake.objects.made_by(self.person).get()
        self.client.post(reverse("practice:take-delete", args=[take.pk]))
        assert not Response.objects.spoken_by(self.person).exists()
        assert self.files(self.person) == []
        assert Activity.objects.filter(person=self.person).exists()
        assert len(self.files(self.other)) == 1

    def test_the_whole_account_after_a_word(self):
        url = reverse("account-delete")
        assert self.client.post(url, {"email": "wrong@example.org"}).status_code == 422
        assert User.objects.filter(pk=self.person.pk).exists()
        self.client.post(url, {"email": "me@example.org"})
        assert not User.objects.filter(pk=self.person.pk).exists()
        assert self.files(self.person) == []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f'SELECT * FROM "{table}"')
                text = str(cursor.fetchall())
                assert "me@example.org" not in text, table
                assert self.person.pk.hex not in text, table
                assert str(self.person.pk) not in text, table
        assert Response.objects.spoken_by(self.other).count() == 1
        assert len(self.files(self.other)) == 1
        assert self.client.get("/practice/").status_code == 302

    def test_withdrawing_can_erase_the_sound_and_keep_the_results(self):
        self.client.post(reverse("consent-withdraw"), {"kind": "recording", "erase": "recordings"})
        response = Response.objects.spoken_by(self.person).get()
        assert not response.audio
        assert (response.status, response.shown_rating_id is None) == (Status.MEASURED, False)
        assert self.files(self.person) == []

    def test_withdrawing_can_erase_everything(self):
        self.client.post(reverse("consent-withdraw"), {"kind": "recording", "erase": "everything"})
        assert not Response.objects.spoken_by(self.person).exists()
        assert not Card.objects.held_by(self.person).exists()
        assert Phrase.objects.saved_by(self.person).get().response is None
        assert self.files(self.person) == []
        assert Response.objects.spoken_by(self.other).exists()
