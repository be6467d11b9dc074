"""The policy of pages, of the admin site's pages and of static files."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import TestCase, override_settings

from tests.factories import make_user

SOURCES = "script style img media connect font worker manifest object".split()  # noqa: SIM905


def directives(reply) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in reply["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


class PolicyTests(TestCase):
    def test_what_is_not_named_is_not_allowed(self):
        policy = directives(self.client.get("/"))
        assert policy["default-src"] == "'none'"
        assert {f"{source}-src" for source in SOURCES} <= set(policy)
        assert {"base-uri", "form-action", "frame-ancestors"} <= set(policy)

    def test_text_becomes_markup_through_one_policy_alone(self):
        for path in ("/", "/accounts/login/", "/offline/", "/sw.js", "/privacy/", "/nothing/"):
            policy = directives(self.client.get(path))
            assert policy["require-trusted-types-for"] == "'script'", path
            assert policy["trusted-types"] == "default", path

    def test_the_policy_is_there_before_what_needs_it(self):
        page = self.client.get("/").content.decode()
        scripts = re.findall(r'<script src="[^"]*?/([\w-]+)(?:\.min)?\.js" defer', page)
        assert scripts[0] == "trusted-types"
        assert "htmx-2" in scripts
        worker = self.client.get("/sw.js").content.decode()
        assert 0 < worker.index("createPolicy") < worker.index("importScripts(")

    def test_the_admin_site_has_all_of_it_but_trusted_types(self):
        root = make_user(is_staff=True, is_superuser=True)
        Authenticator.objects.create(user=root, type=Authenticator.Type.TOTP, data={})
        self.client.force_login(root)
        policy = directives(self.client.get("/admin/"))
        assert policy["default-src"] == "'none'"
        assert "require-trusted-types-for" not in policy


@pytest.mark.parametrize("path", ["js/app.js", "img/mark.svg", "admin/css/base.css"])
@override_settings(WHITENOISE_USE_FINDERS=True)
def test_static_files_are_for_our_own_pages(client, path):
    reply = client.get(f"/static/{path}", headers={"Origin": "https://evil.example"})
    assert reply.status_code == 200
    assert not reply.has_header("Access-Control-Allow-Origin")
    assert reply["Cross-Origin-Resource-Policy"] == "same-origin"
    assert reply["X-Content-Type-Options"] == "nosniff"
    b"".join(reply.streaming_content)
