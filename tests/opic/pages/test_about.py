"""What the product says about itself: whom it contacts, its licence, its source."""

import hashlib
import io
import os
import re
import subprocess
import tarfile

import pytest
from django.conf import settings
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from opic import __version__
from opic.pages.source import NAME, archive, source_files
from tests.factories import make_prompt, make_user

# of the text as the Free Software Foundation publishes it, with https addresses
AGPL = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
WAYS_TO_THE_SOURCE = ("_about_links.html", "_footer.html", "{% url 'source' %}")
LICENSE = r"(?:<span class=\"nowrap\">)?\(AGPL-3\.0\)"
VERSION_BESIDE = re.compile(rf"Source code</a>\s+{re.escape(__version__)} {LICENSE}")
# settings of npm: no source, and a place where people keep tokens
NOT_SHIPPED = re.compile(r"(.*/)?\.npmrc")


def test_the_licence_is_the_whole_text():
    text = (settings.BASE_DIR / "LICENSE").read_bytes()
    assert hashlib.sha256(text).hexdigest() == AGPL
    assert b"13. Remote Network Interaction" in text


class LinkTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.root = make_user(is_staff=True, is_superuser=True)
        cls.prompt = make_prompt()

    def pages(self):
        stranger = Client()
        for path in ("/", "/accounts/login/", "/privacy/", "/offline/", "/nothing-here/"):
            yield path, stranger.get(path)
        self.client.force_login(self.root)
        for name in ("home", "history", "practice:prompt-list", "exams:attempt-list"):
            yield name, self.client.get(reverse(name))
        yield "prompt", self.client.get(reverse("practice:prompt-detail", args=[self.prompt.pk]))

    def test_every_page_links_to_privacy_and_source(self):
        for path, reply in self.pages():
            page = reply.content.decode()
            assert 'href="/privacy/"' in page, path
            assert 'href="/source/"' in page, path
            assert VERSION_BESIDE.search(page), path

    @override_settings(OPIC_SOURCE_URL="https://git.example.org/ours")
    def test_a_published_source_is_linked_instead(self):
        for path, reply in self.pages():
            assert 'href="https://git.example.org/ours"' in reply.content.decode(), path
        assert Client().get("/source/")["Location"] == "https://git.example.org/ours"

    def test_the_sitting_and_the_page_of_our_faults_link_too(self):
        from django.template.loader import get_template, render_to_string

        for name in ("400.html", "500.html", "503.html"):
            page = render_to_string(name)
            assert 'href="/source/"' in page, name
            assert VERSION_BESIDE.search(page), name
        sitting = get_template("exams/sitting.html").template.source
        assert "_about_links.html" in sitting

    def test_every_template_that_is_a_whole_page_has_the_link(self):
        for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
            text = path.read_text()
            if "<html" in text:
                links = [name for name in WAYS_TO_THE_SOURCE if name in text]
                assert links, path

    def test_the_admin_links_too(self):
        from django.template.loader import get_template

        template = get_template("admin/base_site.html")
        page = template.render({"source_url": "/source/", "site_header": "x", "is_popup": False})
        assert 'href="/source/"' in page
        assert VERSION_BESIDE.search(page)


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    names = set(listed.stdout.split("\n")) - {""}
    return {name for name in names if (settings.BASE_DIR / name).is_file()}


def test_the_source_offered_is_what_runs(client):
    reply = client.get("/source/")
    assert reply["Content-Disposition"] == f'attachment; filename="{NAME}.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(b"".join(reply.streaming_content))) as tar:
        members = {member.name.removeprefix(f"{NAME}/"): member for member in tar.getmembers()}
        urls = tar.extractfile(f"{NAME}/opic/urls.py").read()
    assert urls == (settings.BASE_DIR / "opic" / "urls.py").read_bytes()
    missing = {name for name in tracked() - set(members) if not NOT_SHIPPED.fullmatch(name)}
    assert missing == set()
    assert not any(member.uid or member.mtime or member.uname for member in members.values())
    assert archive() == archive()


SECRETS = [
    ".env",
    "opic/.env",
    "opic/secret-key",
    "opic/key.pem",
    "opic/opic.sqlite3",
    "opic/opic.sqlite3-wal",
    "service-account.json",
    "compose.yaml",
    "passwords.txt",
    "dump.sql",
    "backup-0.2.0.zip",
    "opic/0.2.zip",
    "private/audio/x.m4a",
    "mail/x.log",
    "static/data/private/x.json",
    "opic/__pycache__/x.py",
    ".git/config.py",
    "node_modules/x/index.js",
]


def test_nothing_but_the_product_is_offered(tmp_path):
    for name in [*SECRETS, "opic/urls.py", "manage.py", ".ci/run", "README.md"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "opic" / "linked.py").symlink_to("/etc/passwd")
    (tmp_path / "templates").symlink_to("/etc")
    offered = source_files(tmp_path, tmp_path / "static" / "data")
    names = [os.fspath(path.relative_to(tmp_path)) for path in offered]
    assert names == [".ci/run", "README.md", "manage.py", "opic/urls.py"]


S3 = {
    "audio": {
        "OPTIONS": {"endpoint_url": "https://files.example.org", "bucket_name": "answers"},
    }
}
CHATS = {"OPIC_RATER": "openai", "OPIC_EARS": "openai"}
SETUPS = [
    ({}, []),
    (
        {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "mail.example.org",
        },
        ["mail.example.org"],
    ),
    # a key or an address alone contacts nobody
    ({"GEMINI_API_KEY": "k", "OPIC_LLM_URL": "https://llm.example.org/v1"}, []),
    (
        {"GEMINI_API_KEY": "k", "OPIC_RATER": "gemini", "OPIC_EARS": "gemini"},
        ["generativelanguage.googleapis.com"],
    ),
    (
        {
            "GEMINI_API_KEY": "k",
            "OPIC_EARS": "gemini",
            "GEMINI_API_ENDPOINT": "https://m.example.org/v1",
        },
        ["m.example.org"],
    ),
    ({"OPIC_LLM_URL": "https://llm.example.org/v1", **CHATS}, ["llm.example.org"]),
    ({"OPIC_LLM_URL": "https://llm.example.org/v1", **CHATS, "OPIC_LLM_OWN": True}, []),
    ({"OPIC_LLM_URL": "http://127.0.0.1:11434/v1", **CHATS}, []),
    ({"OPIC_EARS_URL": "https://ears.example.org/v1", "OPIC_EARS": "openai"}, ["ears.example.org"]),
    ({"OPIC_PUSHER": "webpush", "OPIC_PUSH_HOSTS": ["*.push.apple.com"]}, ["*.push.apple.com"]),
    ({"OPIC_VOICE": "edge"}, ["speech.platform.bing.com"]),
    ({"STORAGES": {**settings.STORAGES, **S3}}, ["files.example.org", "answers.files.example.org"]),
    ({"REDIS_URL": "redis://10.0.0.9:6379/0"}, []),
]


@pytest.mark.parametrize(("changes", "hosts"), SETUPS)
def test_the_page_names_who_is_contacted_and_not_the_sites_own(client, changes, hosts):
    changes = {"REDIS_URL": "", **changes}
    with override_settings(**changes):
        page = client.get("/privacy/").content.decode()
    assert re.findall(r'<strong lang="en">([^<]+)</strong>', page) == hosts
    assert ("Nobody." in page) is (not hosts)
    assert "10.0.0.9" not in page
