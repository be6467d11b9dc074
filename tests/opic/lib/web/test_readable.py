"""NUL, and text in another charset, go no further than the door."""

import pytest
from django.test import Client, RequestFactory, TestCase, override_settings
from django.urls import reverse

from opic.lib.web.readable import utf8_only
from tests.factories import make_user
from tests.walks.values import CHARSETS


class ReadableTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()

    def setUp(self):
        self.client.force_login(self.person)

    def test_nul_in_path_query_and_form_is_refused_in_words(self):
        for reply in (
            self.client.get("/nothing%00here/"),
            self.client.get("/practice/?after=%00"),
            self.client.get("/practice/?a%00b=1"),
            self.client.post(reverse("practice:phrase-create"), {"text": "a\x00b"}),
            self.client.post(reverse("practice:phrase-create"), {"a\x00b": "text"}),
            self.client.post("/accounts/login/?next=%00", {}),
        ):
            self.assertContains(reply, "We could not read that", status_code=400)
            assert "Content-Security-Policy" in reply

    def test_a_cookie_that_spells_nul_is_not_looked_up(self):
        client = Client()
        client.cookies.load('sessionid="\\000aaaaaaaaaaaa"')
        assert "\x00" in client.cookies["sessionid"].value
        reply = Client(headers={"cookie": 'sessionid="\\000aaaaaaaaaaaa"'}).get("/practice/")
        assert reply.status_code == 400

    def test_a_form_without_its_token_is_refused_as_before(self):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.person)
        assert strict.post(reverse("practice:phrase-create"), {"text": "a"}).status_code == 403


def served(kind: str, query: str) -> str:
    """The status of one request to what gunicorn serves."""
    from opic.wsgi import application

    environ = {
        **RequestFactory()._base_environ(),
        "PATH_INFO": "/manifest.webmanifest",
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "SERVER_NAME": "localhost",
    }
    statuses: list[str] = []
    b"".join(application(environ, lambda status, *_more: statuses.append(status)))
    return statuses[0]


def test_the_query_is_read_as_utf_8_whatever_is_asked_for(transactional_db):
    for charset in CHARSETS:
        for kind in (f"text/plain; charset={charset}", f'a/b; Charset = "{charset}" ; x=y'):
            assert served(kind, "after=\\ud800") == "200 OK", charset


def test_what_is_beside_the_charset_stays():
    seen = []
    application = utf8_only(lambda environ, _start: seen.append(environ.get("CONTENT_TYPE")))
    for kind in ("multipart/form-data; charset=utf-16; boundary=x", "text/plain", "", None):
        application({"CONTENT_TYPE": kind}, None)
    assert seen == ["multipart/form-data; boundary=x", "text/plain", "", None]


@pytest.mark.parametrize("language", ["en", "ko", "vi"])
def test_the_page_stands_alone_in_every_language(client, db, language):
    client.cookies["django_language"] = language
    reply = client.get("/?a=%00")
    assert reply.status_code == 400
    assert b"<html lang=" in reply.content


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
def test_a_form_that_is_too_large_is_answered_as_django_does(client, db):
    reply = client.post("/language/", {"language": "x" * 100})
    assert reply.status_code in {400, 413}
