"""People and takes for a benchmark, made inside the running product's database."""

import json
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts import consents
from accounts.models import DeviceSession, Goal, User
from exams.sitting import lifecycle
from exams.survey import answers as survey_answers
from materials.bank import load
from materials.models import Prompt, PromptRevision
from materials.packs_reader import read_bank
from practice.models import PracticeTake
from scoring.uploads import tickets
from tests.factories import make_clip, make_measured, make_take, make_user


def signed_in(person: User) -> tuple[str, str]:
    """A session for this person: cookie value and device."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    device = DeviceSession.objects.create(person=person)
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store["device"] = str(device.pk)
    store.create()
    return store.session_key, str(device.pk)


def crowd(people: int) -> None:
    """Prints a cookie and a sitting for each of so many people, all at the set-up."""
    load(read_bank())
    clip = make_clip()
    PromptRevision.objects.update(spare_clip=clip)
    for revision in PromptRevision.objects.filter(prompt__retired_at=None):
        Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)
    learners = []
    for number in range(people):
        person = make_user(f"crowd{number}@example.org")
        consents.give(person, ["abroad"])
        survey_answers.take_preset(person, "culture-and-travel")
        attempt = lifecycle.prepare(person, step=5, mode="real")
        learners.append({"cookie": signed_in(person)[0], "attempt": str(attempt.pk)})
    print(json.dumps(learners))  # noqa: T201


def learner(takes: int, *, uploads: int = 60) -> None:
    """Prints what a client needs: cookie, prompt, and uploads it may make."""
    person = make_user(f"bench{User.objects.count()}@example.org")
    consents.give(person, ["abroad"])
    Goal.objects.create(learner=person)
    prompt = Prompt.objects.published().order_by("key").first()
    assert prompt is not None
    for _ in range(takes):
        make_take(person, prompt, make_measured(person, prompt))
    assert PracticeTake.objects.made_by(person).count() == takes
    cookie, device = signed_in(person)
    url = f"/practice/prompts/{prompt.pk}/revisions/1/takes/"
    made = [tickets.issue(person, device, url) for _ in range(uploads)]
    result = {"cookie": cookie, "prompt": str(prompt.pk), "upload": url, "tickets": made}
    print(json.dumps(result))  # noqa: T201
