"""What an operator runs."""

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
from io import StringIO

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import TestCase

from opic.management.commands import messages, prepare
from tests.processes import everything
from tests.product import PACKS, Product


@pytest.mark.processes
def test_run_refuses_production(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "ALLOWED_HOSTS": "opic.example.org",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/none",
            "EMAIL_URL": "smtp+tls://u:p@mail.example.org:587",
            "OPIC_TRUSTED_PROXIES": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "docs/operations.md" in done.stderr


@pytest.mark.processes
@pytest.mark.usefixtures("prepared_folder")
def test_run_starts_both_and_stops_cleanly_together(tmp_path):
    product = Product(tmp_path)
    product.prepare()
    product.start()
    groups = product.groups()
    assert set(groups) == {"web", "queue"}
    product.process.send_signal(signal.SIGINT)
    assert product.process.wait(40) == 0
    # what has ended and waits for the system to reap it does not live on: that may take a while
    left = [one for one in everything() if one.group in groups.values() and one.is_alive]
    assert left == []
    product.process = None
    product.__exit__()


class PrepareTests(TestCase):
    def test_it_works_once_and_again_only_when_something_changed(self):
        done = []
        command = prepare.Command(stdout=StringIO())
        stamp = settings.DATA_DIR / ".trial-loaded"
        stamp.unlink(missing_ok=True)
        for _ in range(2):
            command._when_changed("trial", [PACKS / "small.json"], lambda: done.append("small"))
        command._when_changed("trial", [settings.BASE_DIR / "README.md"], lambda: done.append("x"))
        assert done == ["small", "x"]


class MessagesTests(TestCase):
    def test_a_missing_text_is_named(self):
        template = messages.catalog_of(settings.BASE_DIR)
        assert len(template) > 300
        empty = messages.Catalog(locale="ko")
        lacking = list(messages._lacking(template, empty))
        assert "Record" in lacking
        complete = messages.Catalog(locale="ko")
        complete.add("Record", "녹음")
        assert "Record" not in list(messages._lacking(template, complete))

    def test_placeholders_survive_translation(self):
        marks = re.compile(r"%\(\w+\)[sd]|%[sd]|\[n\]|\{\w+\}")
        for code in ("ko", "vi"):
            path = settings.LOCALE_PATHS[0] / code / "LC_MESSAGES" / "django.po"
            with path.open("rb") as file:
                catalog = read_po(file, locale=code)
            for message in catalog:
                if not message.id:
                    continue
                own = message.id[0] if isinstance(message.id, tuple | list) else message.id
                texts = message.string
                text = texts[0] if isinstance(texts, tuple | list) else texts
                assert sorted(marks.findall(own)) == sorted(marks.findall(text)), (code, own)

    def test_updating_writes_nothing_when_checked(self):
        path = settings.LOCALE_PATHS[0] / "ko" / "LC_MESSAGES" / "django.po"
        before = path.read_bytes()
        with contextlib.suppress(CommandError):
            call_command("messages", check=True, stdout=StringIO())
        assert path.read_bytes() == before


@pytest.mark.processes
@pytest.mark.parametrize("redis", ["", "redis://127.0.0.1:9/0"])
def test_the_product_loads_with_either_queue(tmp_path, redis):
    """Libraries register other admin pages with one than with the other; nothing is asked yet."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "REDIS_URL": redis}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
