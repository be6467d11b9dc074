"""What someone takes along is everything that leads to them, in whichever app's table it lies."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from django.test import TestCase
from django.urls import reverse
from webpush.models import PushInformation, SubscriptionInfo

from accounts import notices
from accounts.models import Activity, DeviceSession, NoticeSettings, Streak, User
from exams.models import (
    Attempt,
    AttemptItem,
    AttemptResult,
    BackgroundSurvey,
    OfficialLevel,
    SelfAssessment,
)
from materials.models import PromptRevision
from opic.pages.account_data import export
from scoring.models import (
    DismissedCorrection,
    Hearing,
    ModelCall,
    Rating,
    Response,
    audio_storage,
)
from scoring.summaries import days
from tests.factories import (
    make_card,
    make_goal,
    make_phrase,
    make_picks,
    make_prompt,
    make_rated,
    make_story,
    make_take,
    make_topic,
    make_user,
    prove,
)

SECRET = "nobody-takes-this-along"
# rows that are there in another shape: a subscription for its link, names for the two join tables
OTHERWISE = {PushInformation, User.groups.through, User.user_permissions.through}


def paths_to_a_person() -> dict[type[Model], str]:
    """Every installed model -> how its rows lead to a person, by the shortest way."""
    paths: dict[type[Model], str] = {User: "pk"}
    fresh = [User]
    while fresh:
        reached, fresh = fresh, []
        for model in apps.get_models(include_auto_created=True):
            fields = [*model._meta.fields, *model._meta.many_to_many]
            for field in [field for field in fields if field.related_model in reached]:
                if model in paths:
                    continue
                rest = paths[field.related_model]
                paths[model] = field.name if rest == "pk" else f"{field.name}__{rest}"
                fresh.append(model)
    return paths


def own_path(model: type[Model]) -> str:
    """The way by which a row is the person's own: not through the wording somebody once wrote."""
    return {"exams.AttemptItem": "attempt__candidate", "scoring.Rating": "response__speaker"}.get(
        model._meta.label, paths_to_a_person()[model]
    )


def dicts_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from dicts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from dicts_in(part)


def as_exported(row: Model) -> dict[str, Any]:
    """What must stand somewhere in the archive for this row, in JSON's own types."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in export.LEFT_OUT.get(type(row), set())
    }
    files = {name for name, value in values.items() if isinstance(value, FieldFile)}
    exported = {name: value for name, value in values.items() if name not in files}
    return json.loads(json.dumps(exported, cls=DjangoJSONEncoder))


class WholeExportTests(TestCase):
    """One row at least of everything that may lead to a person."""

    @classmethod
    def setUpTestData(cls):
        cls.candidate, cls.stranger = make_user(), make_user()
        for person in (cls.candidate, cls.stranger):
            cls.fill(person)

    @classmethod
    def fill(cls, person):
        make_goal(person)
        response = make_rated(person, make_prompt())
        make_take(person, response.revision.prompt, response)
        Hearing.objects.create(response=response, ears="x", heard={"by": person.email})
        DismissedCorrection.objects.create(
            person=person, response=response, kind=f"of {person.email}", start=3
        )
        ModelCall.objects.create(person=person, response=response, kind="hear", model="m")
        clip = f"audio/{person.pk}/{response.pk}-spoken.m4a"
        clip = audio_storage().save(clip, ContentFile(f"spoken for {person.pk}".encode()))
        Rating.objects.filter(response=response).update(spoken=clip)
        days.recount(response)
        Activity.objects.create(person=person, day="2026-11-01", voiced_ms=9000)
        Streak.objects.create(person=person, length=2, longest=3)
        DeviceSession.objects.create(person=person)
        notices.notify(person, "reply", "a", {"by": person.email}, "/practice/")
        NoticeSettings.objects.create(person=person, reminder_hour=7)
        phrase = make_phrase(person)
        make_card(person, f"{phrase.text} say", response=response)
        make_story(person)
        cls.fill_account(person)
        cls.fill_exams(person)

    @classmethod
    def fill_account(cls, person):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})
        UserSession.objects.create(
            user=person,
            ip="203.0.113.9",
            user_agent="Firefox",
            session_key=f"{SECRET}{person.pk.hex[:16]}",
        )
        push = SubscriptionInfo.objects.create(
            browser="x", endpoint=f"https://push.example/{person.pk}", auth=SECRET, p256dh=SECRET
        )
        PushInformation.objects.create(user=person, subscription=push)
        person.groups.add(Group.objects.get_or_create(name="teachers")[0])
        person.user_permissions.add(Permission.objects.get(codename="listen_response"))
        other = cls.stranger if person == cls.candidate else cls.candidate
        LogEntry.objects.create(
            user=person,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(other.pk),
            object_repr=other.email,
            action_flag=CHANGE,
            change_message="",
        )
        revision = make_prompt().published
        PromptRevision.objects.filter(pk=revision.pk).update(made_by=person)

    @classmethod
    def fill_exams(cls, person):
        BackgroundSurvey.objects.create(candidate=person, version="1", answers={"1": "a"})
        make_picks(person, make_topic())
        attempt = Attempt.objects.create(
            candidate=person, blueprint_version="1", bank_revision="1", seed="x", item_count=1
        )
        SelfAssessment.objects.create(attempt=attempt, step=5)
        AttemptItem.objects.create(
            attempt=attempt,
            number=1,
            revision=make_prompt().published,
            item_type="DESC",
            block=1,
            source="survey",
            purpose="probe",
            response=make_rated(person),
        )
        AttemptResult.objects.create(attempt=attempt, report={"said": person.email})
        OfficialLevel.objects.create(candidate=person, level=6, taken_on="2026-11-01")

    def fetched(self):
        self.client.force_login(self.candidate)
        prove(self.client, self.candidate, "mfa")
        reply = self.client.get(reverse("account-export"))
        return zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content)))

    def test_every_model_that_leads_to_a_person_is_exported_or_says_why_not(self):
        reached = set(paths_to_a_person())
        assert reached == export.COVERED | set(export.NOT_EXPORTED)
        assert not export.COVERED & set(export.NOT_EXPORTED)
        assert all(export.NOT_EXPORTED.values())

    def test_every_row_of_theirs_stands_in_it_with_every_column(self):
        with self.fetched() as archive:
            exported = list(dicts_in(json.loads(archive.read("data.json"))))
        for model in export.COVERED - OTHERWISE:
            rows = model._default_manager.filter(**{own_path(model): self.candidate.pk})
            assert rows.exists(), f"the test makes no row of {model._meta.label}"
            for row in rows:
                wanted = as_exported(row)
                assert any(wanted.items() <= one.items() for one in exported if len(one) >= 2), (
                    model._meta.label,
                    wanted,
                )

    def test_what_is_told_in_another_shape(self):
        with self.fetched() as archive:
            data = json.loads(archive.read("data.json"))
        assert data["groups"] == ["teachers"]
        assert data["permissions"] == ["listen_response"]
        assert data["push_devices"][0]["endpoint"].endswith(str(self.candidate.pk))
        assert data["sign_ins"][0]["ip"] == "203.0.113.9"
        assert data["admin_entries"][0]["on"]

    def test_levels_given_to_others_come_without_the_others(self):
        theirs = Response.objects.spoken_by(self.stranger).first()
        Rating.objects.create(
            response=theirs,
            source="person",
            kind="rating",
            person=self.candidate,
            reason="Holds it.",
            level_low=6,
            level_high=6,
        )
        with self.fetched() as archive:
            text = archive.read("data.json").decode()
        assert json.loads(text)["levels_given"][0]["reason"] == "Holds it."
        assert str(theirs.pk) not in text

    def test_nothing_in_it_opens_anything_or_names_anybody_else(self):
        with self.fetched() as archive:
            text = archive.read("data.json").decode()
            names = archive.namelist()
        assert SECRET not in text
        assert self.candidate.password not in text
        for value in (self.stranger.email, str(self.stranger.pk)):
            assert value not in text
            assert not [name for name in names if value in name]

    def test_every_sound_is_in_it_what_was_said_and_what_was_read_aloud(self):
        mine = Response.objects.spoken_by(self.candidate)
        stored = [str(name) for name in mine.values_list("audio", flat=True) if name]
        spoken = Rating.objects.filter(response__in=mine).exclude(spoken="").exclude(spoken=None)
        with self.fetched() as archive:
            sounds = [name for name in archive.namelist() if name.startswith("audio/")]
            assert len(sounds) == len(stored) + spoken.count()
            rating = spoken.get()
            clip = archive.read(f"audio/{rating.response_id}-{rating.pk}.m4a")
        assert clip == f"spoken for {self.candidate.pk}".encode()


def test_an_export_of_somebody_with_nothing_is_whole(db):
    person = make_user(may_record=False)
    with zipfile.ZipFile(io.BytesIO(b"".join(export.archive(person)))) as archive:
        assert json.loads(archive.read("data.json"))["person"]["email"] == person.email
