"""On SQLite what was deleted leaves the files: the database, its write-ahead log, its index."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

MARKS = ("zebra-mail@example.org", "zebra-name", "zebra-words", "zebra-advice", "zebra-log")
CODE = """
import django
django.setup()
from pathlib import Path
from django.core.management import call_command
import pytest
from django.conf import settings
call_command("migrate", verbosity=0)
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from allauth.account.models import EmailAddress
from scoring.models import Hearing, Rating, Response
from accounts.models import User
from opic.pages.account_data import views
from tests.factories import make_measured, make_prompt, make_user

def seen():
    files = sorted(settings.DATA_DIR.glob("opic.sqlite3*"))
    data = b"".join(path.read_bytes() for path in files)
    return " ".join(mark for mark in MARKS if mark.encode() in data)

MARKS = {marks!r}
staff, person = make_user(), make_user("zebra-mail@example.org", name="zebra-name")
EmailAddress.objects.create(user=person, email=person.email)
prompt = make_prompt()
for number in range(40):
    response = make_measured(person, prompt)
    heard = {{"transcript": "zebra-words " * 50 * (number % 9)}}
    Hearing.objects.create(response=response, ears="x", heard=heard)
    Rating.objects.filter(response=response).update(advice={{"text": "zebra-advice " * 400}})
LogEntry.objects.create(
    user=staff, content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk),
    object_repr="zebra-log", action_flag=2, change_message="",
)
print("before:", seen())
print("told:", settings.DATABASES["default"]["OPTIONS"]["init_command"].replace(" ", ""))
views.{erase}(person)
print("after:", seen())
"""


def run(tmp_path: Path, erase: str) -> dict[str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(marks=MARKS, erase=erase)],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "opic.settings",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.partition(": ") for line in done.stdout.splitlines()]
    return {name: set(words.split()) for name, _, words in lines}


@pytest.mark.processes
def test_nothing_of_a_deleted_person_is_left_in_the_bytes(tmp_path):
    seen = run(tmp_path, "erase_person")
    assert seen["before"] == set(MARKS), "the bytes were never there"
    assert seen["after"] == set()
    # some builds of SQLite do it unasked, so that the bytes alone would not miss the setting
    assert "PRAGMAsecure_delete=ON" in "".join(seen["told"])
