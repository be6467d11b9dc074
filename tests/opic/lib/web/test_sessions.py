"""What browsers fetch by themselves never sets, rotates or deletes the session cookie."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from tests.factories import make_user

# health is answered before there is a session (opic/health/middleware.py)
SHELL = [reverse("offline"), reverse("worker"), reverse("manifest")]
COOKIE = settings.SESSION_COOKIE_NAME


class ShellTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user(language="ko")

    def rows(self):
        return list(Session.objects.order_by("pk").values())

    def stay(self, client: Client) -> None:
        """Every shell view, and what it does not do."""
        before, key = self.rows(), client.cookies[COOKIE].value
        for path in SHELL:
            for method in (client.get, client.head, client.post):
                with self.subTest(path):
                    reply = method(path)
                    assert COOKIE not in reply.cookies
                    assert "Cookie" in reply["Vary"]
                    assert client.cookies[COOKIE].value == key
        assert self.rows() == before

    def test_every_path_that_is_named_exists_or_is_health(self):
        assert set(SHELL) <= set(settings.OPIC_SHELL_PATHS)
        assert {path for path in settings.OPIC_SHELL_PATHS if "/healthz" not in path} <= set(SHELL)

    def test_with_a_key_that_nobody_knows(self):
        client = Client()
        client.cookies[COOKIE] = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4"
        self.stay(client)
        assert COOKIE in client.get("/").cookies, "elsewhere the dead cookie goes"

    def test_with_the_key_from_before_a_sign_in_rotated_it(self):
        self.client.force_login(self.person)
        before = self.client.cookies[COOKIE].value
        session = self.client.session
        session.cycle_key()
        late = Client()
        late.cookies[COOKIE] = before
        self.stay(late)
        assert self.rows()[0]["session_key"] == session.session_key != before

    def test_no_path_of_the_shell_answers_with_a_session_cookie(self):
        """Health among them, whatever key comes."""
        self.client.force_login(self.person)
        for key in ("a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4", "", self.client.cookies[COOKIE].value):
            for path in settings.OPIC_SHELL_PATHS:
                client = Client()
                client.cookies[COOKIE] = key
                with self.subTest(path, key=key):
                    assert COOKIE not in client.get(path).cookies
        assert self.client.get("/").status_code == 200

    def test_signed_in(self):
        self.client.force_login(self.person)
        self.stay(self.client)
        assert 'lang="ko"' in self.client.get(reverse("offline")).content.decode()

    def test_with_a_session_that_a_new_password_ended(self):
        self.client.force_login(self.person)
        self.person.set_password("another one")
        self.person.save()
        self.stay(self.client)

    def test_with_a_session_that_is_to_be_rotated(self):
        self.client.force_login(self.person)
        old = settings.SECRET_KEY
        with override_settings(SECRET_KEY="x" * 60, SECRET_KEY_FALLBACKS=[old]):
            # signed with the old key: Django would give the session a new name
            self.stay(self.client)

    @override_settings(SESSION_SAVE_EVERY_REQUEST=True)
    def test_where_every_request_would_save(self):
        self.client.force_login(self.person)
        self.stay(self.client)
