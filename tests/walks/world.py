"""Who walks, and what there is to walk into: one owner with a row of every kind, and strangers."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client

from accounts import notices, streaks
from accounts.models import Activity, NoticeSettings, User
from exams import closing
from exams.models import Attempt, OfficialLevel
from exams.sitting import lifecycle
from exams.survey import answers as survey_answers
from materials.models import Prompt, SampleResponse
from scoring.models import Hearing, ModelCall, Response, audio_storage
from scoring.rating import dismissals
from scoring.summaries import days
from scoring.uploads.storage import files_of
from tests.exams.cases import PRESET, publish, small_bank
from tests.factories import (
    make_card,
    make_corrected,
    make_goal,
    make_heard,
    make_phrase,
    make_rated,
    make_response,
    make_sample,
    make_story,
    make_take,
    make_user,
    prove,
)
from tests.walks.places import path_to_person, rows_of

# in every text of the owner's; nobody else may ever be shown it
SECRET = "zanzibar-marmalade"
SPOKEN = "a-purple-accordion"  # what the owner said or wrote, which no desk shows either
SOUND = b"the owner's own voice"
AS_LONG_AS_IT_TAKES = 24 * 3600
# what every request may write, whoever makes it
FREE = {"django_session", "django_admin_log", "usersessions_usersession", "django_q_ormq"}


@dataclass(frozen=True)
class Person:
    """Somebody with a browser: signed in as `user`, or not at all."""

    kind: str
    user: User | None
    client: Client
    cookies: dict[str, str]


@dataclass(frozen=True)
class World:
    """The owner of everything, and the others."""

    owner: Person
    others: tuple[Person, ...]

    def __deepcopy__(self, _memo: Any) -> "World":
        """Every test of a class walks in the same one: browsers cannot be copied."""
        return self

    @property
    def people(self) -> tuple[Person, ...]:
        return (self.owner, *self.others)

    def person(self, kind: str) -> Person:
        return next(one for one in self.people if one.kind == kind)


def _attempts(owner: User) -> None:
    """One in every state; the open one has begun."""
    survey_answers.take_preset(owner, PRESET)
    for status in ("abandoned", "submitted", "rated", "in_progress"):
        attempt = lifecycle.prepare(owner, step=5, mode="relaxed")
        if status == "abandoned":
            attempt.abandon()
            continue
        attempt.start()
        if status == "in_progress":
            continue
        attempt.submit()
        if status == "rated":
            item = attempt.items.order_by("number").first()
            item.response = make_rated(owner, item.revision.prompt)
            item.save()
            closing.close_if_final(str(attempt.pk))
    assert set(Attempt.objects.taken_by(owner).values_list("status", flat=True)) == {
        *("abandoned", "submitted", "rated", "in_progress")
    }


def _make_responses(owner: User, prompt: Prompt) -> None:
    """Heard, rated, waiting and unreadable answers, and what hangs on them."""
    heard = make_corrected(owner, prompt, (f"I go {SPOKEN}", "I went"), sound=SOUND)
    make_take(owner, prompt, heard)
    Hearing.objects.create(response=heard, ears="x", heard={"transcript": f"said {SPOKEN}"})
    rating = heard.shown_rating
    rating.reason = f"because of {SECRET}"
    rating.spoken = audio_storage().save(f"audio/{owner.pk}/{uuid.uuid4()}.m4a", ContentFile(SOUND))
    rating.save()
    days.recount(heard)
    ModelCall.objects.create(person=owner, response=heard, kind="hear", model="m")
    judged = make_heard(owner, prompt, sound=SOUND)
    make_take(owner, prompt, judged)
    dismissals.dismiss(judged, "time_word", judged.shown_rating.facts["corrections"][1]["start"])
    make_take(owner, prompt, make_response(owner, prompt, sound=SOUND))
    make_take(owner, prompt, make_rated(owner, prompt, sound=SOUND))
    gave_up = make_response(owner, prompt, sound=SOUND)
    Response.objects.filter(pk=gave_up.pk).update(status="unratable", reason="gave_up")
    make_take(owner, prompt, gave_up)
    make_phrase(owner, f"as {SPOKEN} says", note=SPOKEN, response=heard)
    make_card(owner, f"I go {SPOKEN}", response=heard)
    make_card(owner, f"later {SPOKEN}", due_on=owner.today + timedelta(days=3))


def make_owner() -> User:
    """Somebody with a row of every kind."""
    owner = make_user(f"{SECRET}@example.org", name=SECRET)
    prompt = Prompt.objects.published().order_by("key").first()
    if not SampleResponse.objects.filter(prompt=prompt).exists():
        make_sample(prompt)
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    make_goal(owner, exam_on=owner.today + timedelta(days=60))
    _make_responses(owner, prompt)
    _attempts(owner)
    make_story(owner, prompt.topic, title=SPOKEN, keywords=SPOKEN)
    Activity.objects.create(person=owner, day=owner.today, voiced_ms=9000)
    streaks.status_of(owner)
    OfficialLevel.objects.create(candidate=owner, level=6, taken_on=owner.today)
    NoticeSettings.objects.create(person=owner)
    notices.notify(owner, "reply", "a", {"by": SECRET}, "/practice/")
    return owner


def signed_in(kind: str, user: User | None) -> Person:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        # proved for as long as the walk may take: what is behind that has to be reached
        for method in ("password", "mfa") if user.is_staff else ("password",):
            prove(client, user, method, seconds_ago=-AS_LONG_AS_IT_TAKES)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return Person(kind, user, client, cookies)


def with_second_factor(**fields: Any) -> User:
    user = make_user(is_staff=True, **fields)
    TOTP.activate(user, generate_totp_secret())
    return user


def permitted(*permissions: Permission) -> User:
    user = with_second_factor()
    user.user_permissions.set(permissions)
    return user


def _admin_permissions() -> list[Permission]:
    """Everything there is on the models of the admin site, and nothing else."""
    names = {(model._meta.app_label, model._meta.model_name) for model in admin.site._registry}
    return [
        one
        for one in Permission.objects.select_related("content_type")
        if one.content_type.natural_key() in names and one.codename != "listen_response"
    ]


def make_world() -> World:
    publish(small_bank())
    owner, stranger = make_owner(), make_user()
    _remember_files(owner)
    Group.objects.create(name="Instructors")
    make_take(stranger, Prompt.objects.published().order_by("key").first())
    others = (
        ("signed out", None),
        ("stranger", stranger),
        ("staff without", with_second_factor()),
        ("staff with", permitted(*_admin_permissions())),
        ("root", with_second_factor(is_superuser=True)),
    )
    return World(signed_in("owner", owner), tuple(signed_in(*one) for one in others))


FILES: dict[str, bytes] = {}  # the owner's recordings: no transaction brings those back


def _remember_files(owner: User) -> None:
    FILES.clear()
    for name in files_of(Response.objects.spoken_by(owner)):
        with audio_storage().open(name) as file:
            FILES[name] = file.read()


@contextmanager
def undone() -> Iterator[None]:
    """What happens in here did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for name, sound in FILES.items():
        if not audio_storage().exists(name):
            audio_storage().save(name, ContentFile(sound))


@contextmanager
def written_tables() -> Iterator[set[str]]:
    """The tables that were written to, whoever did it."""
    tables: set[str] = set()

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.replace('"', " ").split(None, 4)
        if words and words[0] in {"INSERT", "UPDATE", "DELETE"}:
            skip = {"INSERT", "OR", "IGNORE", "INTO", "UPDATE", "DELETE", "FROM"}
            tables.add(next(word for word in words if word not in skip))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield tables


def picture(person: User) -> dict[str, list[Any]]:
    """Every row of this person's, in every table that has a way to whose it is."""
    return {
        model._meta.db_table: list(rows_of(model, person).values())
        for model in apps.get_models()
        if path_to_person(model) and model._meta.db_table not in FREE
    }
