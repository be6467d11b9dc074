"""Fill the database of an old release. Runs inside that release's own code, with its factories.

`python seed.py DATA_FILE DEVICE_FOLDER`: writes what a test has to know of the rows, and what a
browser gets from this release.
"""

import json
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "opic.settings"
sys.path.insert(0, str(Path.cwd()))
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP  # noqa: E402
from allauth.usersessions.models import UserSession  # noqa: E402
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.admin.models import LogEntry  # noqa: E402
from django.contrib.auth.models import Group, Permission  # noqa: E402
from django.contrib.staticfiles.storage import staticfiles_storage  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from webpush.models import PushInformation, SubscriptionInfo  # noqa: E402

from accounts import consents  # noqa: E402
from accounts.models import Activity, Notice, NoticeSettings, Streak  # noqa: E402
from accounts.notifications import queue_pushes  # noqa: E402
from exams.models import (  # noqa: E402
    Attempt,
    AttemptItem,
    AttemptResult,
    BackgroundSurvey,
    OfficialLevel,
    SelfAssessment,
)
from exams.tasks import queue_closing  # noqa: E402
from materials.models import ComboSet, Prompt  # noqa: E402
from materials.tasks import queue_voice  # noqa: E402
from scoring.models import DaySummary, Hearing, ModelCall, Response  # noqa: E402
from scoring.tasks import queue_rating  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.benchmarks.seed import signed_in  # noqa: E402

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "a long enough pass phrase"
OURS = ("accounts", "materials", "scoring", "practice", "exams")
FOREIGN = ("account", "mfa", "usersessions", "webpush", "sessions", "admin", "django_q")
# written by processes of the queue alone, or by nothing since its first days
LEFT_EMPTY = {"django_q.Task", "django_q.Schedule", "account.EmailConfirmation", "webpush.Group"}
NOW = timezone.now()


def learner():
    """A person with a row of everything, and what a browser sends to be them."""
    person = make.make_user("mina@example.org", name="Mina", time_zone="Asia/Seoul")
    person.set_password(PASSWORD)
    person.save()
    consents.give(person, ["abroad"])
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    TOTP.activate(person, SECRET)
    RecoveryCodes.activate(person)
    make.make_goal(person, target=7, exam_on=timezone.localdate() + timedelta(days=30))
    Activity.objects.create(person=person, day=timezone.localdate(), responses=2)
    Streak.objects.update_or_create(person=person)
    NoticeSettings.objects.create(person=person, push_reply=False, reminder_hour=19)
    device = SubscriptionInfo.objects.create(
        browser="CHROME", endpoint="https://fcm.googleapis.com/fcm/send/1", auth="a", p256dh="p"
    )
    PushInformation.objects.create(user=person, subscription=device)
    return person


def practice(person, prompt):
    """Answers in every state, with what hangs on them."""
    rated = make.make_corrected(person, prompt, ("we goed", "we went"))
    make.make_take(person, prompt, rated)
    make.make_card(person, "we goed", response=rated)
    make.make_phrase(person, topic=prompt.topic, response=rated)
    make.make_story(person, prompt.topic)
    Hearing.objects.create(response=rated, ears="gemini", heard={"transcript": "we goed home"})
    ModelCall.objects.create(person=person, response=rated, kind="hear", model="m", outcome="ok")
    lost = make.make_response(person, prompt)
    Response.objects.filter(pk=lost.pk).update(
        status="rating",
        claim_token=uuid.uuid4(),
        claimed_on="gone-host",
        tries=1,
        claimed_at=NOW - timedelta(days=1),
        lease_until=NOW - timedelta(days=1),
    )
    DaySummary.objects.get_or_create(speaker=person, day=timezone.localdate())
    waiting = make.make_response(person, prompt)
    make.make_take(person, prompt, waiting)
    return waiting, lost


def exam(person, prompt):
    """One attempt that is rated, one that waits for its closing."""
    picked = {"leisure": ["parks", "cafes"], "sports": ["walking"]}
    BackgroundSurvey.objects.create(candidate=person, version="1", picked=picked, is_complete=True)
    at = NOW - timedelta(days=3)
    times = {"made_at": at, "started_at": at, "deadline_at": at + timedelta(minutes=40)}
    made = []
    for _ in range(2):
        attempt = Attempt.objects.create(
            candidate=person,
            status="submitted",
            item_count=12,
            seed="s",
            submitted_at=at,
            blueprint_version="1",
            bank_revision="1",
            survey={"version": "1"},
            **times,
        )
        SelfAssessment.objects.create(attempt=attempt, step=4, second_step=4)
        response = make.make_rated(person, prompt)
        AttemptItem.objects.create(
            attempt=attempt,
            number=1,
            revision=prompt.published,
            item_type=prompt.item_type,
            block=1,
            source="survey",
            purpose="level_check",
            response=response,
            left_at=at,
        )
        made.append(attempt)
    result = AttemptResult.objects.create(
        attempt=made[0], level=6, level_low=5, level_high=6, sureness="fairly", is_complete=True
    )
    Attempt.objects.filter(pk=made[0].pk).update(status="rated", result=result)
    OfficialLevel.objects.create(candidate=person, level=6, taken_on=timezone.localdate())
    return made[1]


def operator():
    person = make.make_user("operator@example.org", is_staff=True, is_superuser=True)
    group = Group.objects.create(name="Instructors")
    group.permissions.add(Permission.objects.get(codename="listen_response"))
    person.groups.add(group)
    person.user_permissions.add(Permission.objects.get(codename="listen_response"))
    LogEntry.objects.create(user=person, action_flag=2, object_repr="a prompt")


def beat():
    """What a living queue writes, where this release has rows for it."""
    if not apps.is_installed("opic.operations"):
        from opic.lib.queue import keep_schedule
        from scoring.tasks import sweep

        keep_schedule(sweep, minutes=1)
        return
    from opic.operations.models import ClockworkTask, Cluster

    cluster = Cluster.objects.create(host="gone-host", pid=1, version="old")
    ClockworkTask.objects.create(name="scoring.tasks.sweep", period_seconds=60, claimed_by=cluster)


def queue(person, waiting, attempt, prompt):
    """An entry for every task there is, put in by the release's own functions."""
    notice = Notice.objects.create(
        person=person, kind="result", key="a", url="/exams/", push_due_at=NOW
    )
    queue_rating(waiting)
    queue_closing(attempt)
    queue_voice(prompt.published)
    queue_pushes([notice])
    return notice


def device(person, prompt, folder):
    """What a signed-in browser got: worker, scripts, the page without a network, a question."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    index = {}

    def save(url, name, content, kind):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        index[url] = [name, kind]

    pages = {"/sw.js": "text/javascript", "/offline/": "text/html"}
    pages[f"/practice/prompts/{prompt.pk}/"] = "text/html"
    for number, (url, kind) in enumerate(pages.items()):
        reply = client.get(url)
        assert reply.status_code == 200, (url, reply.status_code)
        text = reply.content.decode()
        for value, mark in ((person.pk, "@PERSON@"), (prompt.pk, "@PROMPT@")):
            text, url = text.replace(str(value), mark), url.replace(str(value), mark)
        save(url, f"{number}.{kind.partition('/')[2]}", text.encode(), kind)
    worker = client.get("/sw.js").content.decode()
    paths = json.loads((Path(settings.STATIC_ROOT) / "staticfiles.json").read_text())["paths"]
    for name, hashed in sorted(paths.items()):
        url = staticfiles_storage.url(name)
        if name.startswith("js/") and name.endswith(".js"):
            content = (Path(settings.STATIC_ROOT) / hashed).read_bytes()
            save(url, f"js/{Path(name).name}", content, "text/javascript")
        elif url in worker:
            kind = {"css": "text/css", "js": "text/javascript"}.get(
                url.rpartition(".")[2], "image/svg+xml"
            )
            save(url, "empty", b"", kind)
    (folder / "index.json").write_text(json.dumps(index, indent=1, sort_keys=True))


def main():
    data, folder = map(Path, sys.argv[1:])
    person = learner()
    prompt = make.make_prompt("a-quiet-park")
    make.make_sample(prompt)
    ComboSet.objects.create(
        key="a-set", kind="PAIR", topic=prompt.topic, name_en="a", name_ko="b", name_vi="c"
    )
    waiting, lost = practice(person, prompt)
    attempt = exam(person, prompt)
    operator()
    beat()
    cookie, device_id = signed_in(person)
    UserSession.objects.create(user=person, ip="127.0.0.1", session_key=cookie, user_agent="a")
    notice = queue(person, waiting, attempt, prompt)
    from scoring import tickets

    url = f"/practice/prompts/{prompt.pk}/revisions/1/takes/"
    seeded = {
        "person": str(person.pk),
        "email": person.email,
        "password": PASSWORD,
        "secret": SECRET,
        "cookie": cookie,
        "prompt": str(prompt.pk),
        "waiting": str(waiting.pk),
        "audio": Response.objects.get(pk=waiting.pk).audio.name,
        "lost": str(lost.pk),
        "attempt": str(attempt.pk),
        "notice": str(notice.pk),
        "made_at": NOW.timestamp(),
        "url": url,
        "ticket": tickets.issue(person, device_id, url),
    }
    data.write_text(json.dumps(seeded, indent=1))
    device(person, Prompt.objects.get(pk=prompt.pk), folder)
    empty = [
        model._meta.label
        for label in (*OURS, *FOREIGN)
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if not model._meta.proxy and not model.objects.exists()
    ]
    assert not set(empty) - LEFT_EMPTY, empty


main()
