"""What no page may do: headers, cookies, doors, logs, and many writers at once."""

import logging
import os
import re
import secrets
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client, TestCase, TransactionTestCase
from django.urls import reverse

from accounts.models import Activity, Consent, Goal, User
from practice.models import Card, Phrase, PracticeTake, Story
from scoring import tasks
from scoring.models import DaySummary, Rating, Response, Status
from tests.factories import (
    make_card,
    make_measured,
    make_phrase,
    make_prompt,
    make_response,
    make_story,
    make_take,
    make_user,
    prove,
)

PAGES = [
    "/",
    "/practice/",
    "/history/",
    "/history/listen/",
    "/offline/store/",
    "/accounts/settings/",
    "/accounts/consent/",
    "/accounts/delete/",
]
PAGES += ["/accounts/notices/"]
PAGES += ["/practice/phrases/", "/practice/mend/", "/practice/stories/", "/eve/", "/board/"]
PUBLIC = ["/", "/accounts/login/", "/accounts/signup/", "/nothing-here/"]


ATTRIBUTE = re.compile(r"""\s([\w:-]+)="(-?\d+,\d+%?)\"""")


def crooked_numbers(page: str) -> list[tuple[str, str]]:
    """Attributes with a decimal comma: no browser reads those as numbers."""
    return ATTRIBUTE.findall(page)


class HeaderTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()
        cls.prompt = make_prompt()

    def pages(self):
        for path in PUBLIC:
            yield path, Client().get(path)
        self.client.force_login(self.person)
        prove(self.client, self.person)
        for path in [*PAGES, reverse("practice:prompt-detail", args=[self.prompt.pk])]:
            yield path, self.client.get(path)

    def test_every_page_has_a_strict_policy_with_a_fresh_nonce(self):
        nonces = []
        for path, reply in self.pages():
            policy = reply["Content-Security-Policy"]
            assert "unsafe" not in policy, path
            assert "frame-ancestors 'none'" in policy
            assert "media-src 'self' blob:" in policy
            assert "object-src 'none'" in policy
            nonces += re.findall(r"'nonce-([^']+)'", policy)[:1]
        assert len(set(nonces)) == len(nonces) > 5

    def test_every_page_is_isolated_and_stored_nowhere(self):
        for path, reply in self.pages():
            assert reply["X-Content-Type-Options"] == "nosniff", path
            assert reply["Referrer-Policy"] == "same-origin"
            assert reply["Cross-Origin-Opener-Policy"] == "same-origin"
            assert reply["Cross-Origin-Resource-Policy"] == "same-origin"
            assert reply["X-Frame-Options"] == "DENY"
            assert "no-store" in reply["Cache-Control"], path

    def test_signing_out_empties_the_caches_and_leaves_unsent_answers(self):
        self.client.force_login(self.person)
        assert "Clear-Site-Data" not in self.client.get("/")
        assert self.client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
        self.client.force_login(self.person)
        prove(self.client, self.person)
        deleted = self.client.post("/accounts/delete/", {"email": self.person.email})
        assert deleted["Clear-Site-Data"] == '"cache"'

    def test_only_pages_that_record_may_ask_for_a_microphone(self):
        for path, reply in self.pages():
            expected = "(self)" if "/prompts/" in path else "()"
            assert f"microphone={expected}" in reply["Permissions-Policy"], path

    def test_htmx_is_told_to_evaluate_and_remember_nothing(self):
        page = Client().get("/").content.decode()
        for setting in (
            '"allowEval":false',
            '"allowScriptTags":false',
            '"includeIndicatorStyles":false',
            '"historyCacheSize":0',
        ):
            assert setting in page

    def test_no_placeholder_is_left_in_any_language(self):
        for language in ("en", "ko", "vi"):
            self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            for path, reply in self.pages():
                page = reply.content.decode()
                body = re.sub(r"<script.*?</script>|<meta[^>]*>", "", page, flags=re.S)
                assert not re.search(r"%\(\w+\)|\{\{|\{%", body), (path, language)

    def test_numbers_for_machines_keep_their_point_in_every_language(self):
        make_take(self.person, self.prompt)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
        for path, reply in self.pages():
            assert not crooked_numbers(reply.content.decode()), path


def start(tmp_path: Path, code: str) -> str:
    """Run code with production settings; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "opic.settings",
            "ALLOWED_HOSTS": "opic.example.org",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/none",
            "EMAIL_URL": "smtp+tls://u:p@mail.example.org:587",
            "OPIC_TRUSTED_PROXIES": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.processes
def test_off_loopback_cookies_are_bound_to_the_host_and_https(tmp_path):
    code = """
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,
      s.SECURE_HSTS_SECONDS >= 31536000, s.SHOWS_CODES)
"""
    printed = start(tmp_path, code).split()
    assert printed == ["__Host-session", "__Host-csrf", *["True"] * 4, "Lax", "True", "False"]


@pytest.mark.processes
def test_the_deploy_check_is_clean():
    script = settings.BASE_DIR / ".ci" / "deploy-check"
    if not (settings.BASE_DIR / ".venv").exists():
        pytest.skip("needs the project's own environment")
    done = subprocess.run(["bash", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class DoorTests(TestCase):
    """Doors by hand; every address, for everybody it is not for, is walked in tests/walks."""

    @classmethod
    def setUpTestData(cls):
        cls.owner, cls.stranger = make_user(), make_user()
        cls.staff = make_user(is_staff=True)
        cls.root = make_user(is_staff=True, is_superuser=True)
        cls.gone = make_user(is_active=False)
        cls.prompt = make_prompt()
        cls.take = make_take(cls.owner, cls.prompt)
        cls.saved_rows = {
            "phrase-delete": make_phrase(cls.owner),
            "card-show": make_card(cls.owner),
            "card-answer": make_card(cls.owner),
            "story-change": make_story(cls.owner),
            "story-delete": make_story(cls.owner),
        }

    def urls(self):
        """Ours with a person's id in it, and the same for an id that is nobody's."""
        names = ["response-detail", "response-audio", "response-rating"]
        for pk in (self.take.pk, uuid.uuid4()):
            for name in names:
                yield "get", reverse(f"scoring:{name}", args=[pk])
            yield "post", reverse("practice:take-delete", args=[pk])
        for name, row in self.saved_rows.items():
            for pk in (row.pk, uuid.uuid4()):
                yield "post", reverse(f"practice:{name}", args=[pk])

    def test_signed_out_and_inactive_people_are_sent_to_sign_in(self):
        inactive = Client()
        inactive.force_login(self.owner)
        User.objects.filter(pk=self.owner.pk).update(is_active=False)
        for client in (Client(), inactive):
            for method, url in self.urls():
                assert getattr(client, method)(url).status_code == 302

    def test_gets_change_nothing(self):
        self.client.force_login(self.owner)
        prove(self.client, self.owner)
        make_response(self.owner, self.prompt)
        before = self.picture()
        for path in [
            *PAGES,
            reverse("practice:start"),
            reverse("practice:prompt-detail", args=[self.prompt.pk]),
            reverse("practice:prompt-takes", args=[self.prompt.pk]),
            *[url for method, url in self.urls() if method == "get"],
            "/accounts/withdraw/?kind=recording",
            "/accounts/export/",
            "/healthz",
        ]:
            self.client.get(path)
        assert self.picture() == before

    def picture(self):
        return [
            list(model.objects.order_by("pk").values())
            for model in (
                *(User, Goal, Consent, Activity, DaySummary, Response, Rating, PracticeTake),
                *(Phrase, Card, Story),
            )
        ]

    def test_extra_fields_change_nothing(self):
        self.client.force_login(self.owner)
        self.client.post(
            "/accounts/settings/",
            {
                "part": "profile",
                "name": "Mina",
                "time_zone": "Asia/Seoul",
                "is_staff": "on",
                "is_superuser": "on",
                "email": "other@example.org",
            },
        )
        self.owner.refresh_from_db()
        assert self.owner.name == "Mina"
        assert not self.owner.is_staff
        assert self.owner.email != "other@example.org"

    def test_posts_need_a_csrf_token_and_a_script_gets_a_fresh_one(self):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.owner)
        url = reverse("practice:ticket-create", args=[self.prompt.pk, 1])
        page = strict.post(url)
        assert page.status_code == 403
        script = strict.post(url, headers={"X-Wants": "json"})
        token = script["X-CSRF-Token"]
        again = strict.post(url, headers={"X-Wants": "json", "X-CSRFToken": token})
        assert again.status_code == 200


def test_the_language_switch_stays_with_a_person(client, db):
    person = make_user()
    client.force_login(person)
    client.post(reverse("set_language"), {"language": "vi", "next": "/practice/"})
    person.refresh_from_db()
    assert person.language == "vi"
    other_device = Client()
    other_device.force_login(person)
    assert b'lang="vi"' in other_device.get("/practice/").content


def test_nothing_said_and_no_key_is_logged(caplog, db):
    caplog.set_level(logging.DEBUG)
    person = make_user("quiet@example.org")
    response = make_response(person, sound=b"not a sound")
    tasks.rate_response(str(response.pk))
    client = Client()
    client.force_login(person)
    client.get(reverse("scoring:response-audio", args=[response.pk]))
    records = [record for record in caplog.records if record.name != "django.db.backends"]
    text = "\n".join(record.getMessage() for record in records)
    assert settings.SECRET_KEY not in text
    assert "quiet@example.org" not in text


class ManyWritersTests(TransactionTestCase):
    def test_eight_writers_and_a_worker_meet_no_lock(self):
        people = [make_user() for _ in range(8)]
        prompt = make_prompt()
        errors = []

        def write(person):
            try:
                for _ in range(6):
                    response = make_measured(person, prompt)
                    make_take(person, prompt, response)
                    response.rate_again()
                    Response.objects.claim(str(response.pk))
            except DatabaseError as exc:
                errors.append(repr(exc))
            finally:
                connection.close()

        threads = [threading.Thread(target=write, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert Response.objects.filter(status=Status.RATING).count() == 48
