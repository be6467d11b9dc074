"""Signing up and in: codes in mails, shown on the page where there is no mail server, limits
that all share.
"""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.models import DeviceSession, User
from tests.factories import make_user, prove

EMAIL, PASSWORD = "mina@example.org", "a long enough pass phrase"


def code_in_mail():
    """The code of the newest mail: letters and digits on a line of their own or after a colon."""
    body = mail.outbox[-1].body
    match = re.search(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", body, re.M)
    assert match, body
    return match.group(1)


class SignUpTests(TestCase):
    def sign_up(self, **headers):
        return self.client.post(
            reverse("account_signup"), {"email": EMAIL, "password1": PASSWORD}, headers=headers
        )

    def test_mail_code_consent(self):
        reply = self.sign_up()
        assert reply.status_code == 302
        page = self.client.get(reply["Location"])
        code = code_in_mail()
        assert code in page.content.decode()
        reply = self.client.post(reply["Location"], {"code": code})
        assert reply["Location"] == reverse("accounts:consent")
        assert User.objects.get().email == EMAIL

    def test_with_a_mail_server_the_page_keeps_the_code_to_itself(self):
        with override_settings(SHOWS_CODES=False):
            reply = self.sign_up()
            assert code_in_mail() not in self.client.get(reply["Location"]).content.decode()

    def test_a_wrong_code_is_refused_in_words(self):
        reply = self.sign_up()
        page = self.client.post(reply["Location"], {"code": "AAAA-AAAA"})
        self.assertContains(page, "not the code we sent")

    def test_the_language_of_the_page_stays_with_the_person(self):
        self.sign_up(**{"accept-language": "vi"})
        assert User.objects.get().language == "vi"

    def test_a_known_address_looks_the_same(self):
        make_user(EMAIL)
        reply = self.sign_up()
        assert reply.status_code == 302
        assert "/confirm-email/" in reply["Location"]
        assert User.objects.count() == 1

    def test_weak_passwords_are_refused(self):
        reply = self.client.post(
            reverse("account_signup"), {"email": EMAIL, "password1": "12345678"}
        )
        assert reply.status_code == 200
        assert not User.objects.exists()


class SignInTests(TestCase):
    def setUp(self):
        self.person = make_user(EMAIL)
        self.person.emailaddress_set.create(email=EMAIL, verified=True, primary=True)

    def test_by_a_mailed_code_typed_in_the_browser_that_asked(self):
        reply = self.client.post(reverse("account_request_login_code"), {"email": EMAIL})
        code = code_in_mail()
        page = self.client.get(reply["Location"])
        assert code in page.content.decode()
        self.client.post(reply["Location"], {"code": code})
        assert self.client.session["_auth_user_id"] == str(self.person.pk)
        assert DeviceSession.objects.count() == 1

    def test_reset_by_a_mailed_code(self):
        reply = self.client.post(reverse("account_reset_password"), {"email": EMAIL})
        reply = self.client.post(reply["Location"], {"code": code_in_mail()})
        self.client.post(reply["Location"], {"password1": PASSWORD, "password2": PASSWORD})
        self.person.refresh_from_db()
        assert self.person.check_password(PASSWORD)

    def test_every_sign_in_mail_carries_a_code_and_no_bare_link(self):
        self.client.post(reverse("account_request_login_code"), {"email": EMAIL})
        self.client.post(reverse("account_reset_password"), {"email": EMAIL})
        assert len(mail.outbox) == 2
        for message in mail.outbox:
            mail.outbox[:] = [message]
            assert code_in_mail()

    def test_a_session_ended_anywhere_is_ended_everywhere(self):
        self.client.force_login(self.person)
        other = Client()
        other.cookies = self.client.cookies
        assert other.get(reverse("accounts:settings")).status_code == 200
        self.client.post(reverse("account_logout"))
        assert other.get(reverse("accounts:settings")).status_code == 302

    def test_changing_the_password_here_ends_the_other_devices(self):
        other = Client()
        other.force_login(self.person)
        self.client.post(reverse("account_login"), {"login": EMAIL, "password": "pw"})
        reply = self.client.post(
            reverse("account_change_password"),
            {"oldpassword": "pw", "password1": PASSWORD, "password2": PASSWORD},
        )
        assert reply.status_code == 302
        assert self.client.get(reverse("accounts:settings")).status_code == 200
        assert other.get(reverse("accounts:settings")).status_code == 302

    @override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "3/m/ip"})
    def test_failed_sign_ins_are_limited_in_the_shared_cache(self):
        texts = []
        for _ in range(5):
            page = Client().post(reverse("account_login"), {"login": EMAIL, "password": "no"})
            texts.append(page.content.decode())
        assert "do not belong together" in texts[0]
        assert "Too many tries" in texts[-1]

    def test_a_second_factor_is_asked_for_at_every_sign_in(self):
        Authenticator.objects.create(
            user=self.person, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"}
        )
        reply = self.client.post(reverse("account_login"), {"login": EMAIL, "password": "pw"})
        assert reply["Location"] == reverse("mfa_authenticate")
        assert "_auth_user_id" not in self.client.session


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_signed_out_pages_open(client, db, name):
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "mfa_index",
        "usersessions_list",
        "accounts:settings",
        "consent-withdraw",
        "account-delete",
    ],
)
def test_signed_in_pages_open(client, db, name):
    person = make_user(EMAIL)
    person.emailaddress_set.create(email=EMAIL, verified=True, primary=True)
    client.force_login(person)
    prove(client, person)
    assert client.get(reverse(name)).status_code == 200


def test_settings_keep_name_zone_and_goal(client, db):
    person = make_user()
    client.force_login(person)
    url = reverse("accounts:settings")
    client.post(url, {"part": "profile", "name": "Mina", "time_zone": "Asia/Ho_Chi_Minh"})
    client.post(url, {"part": "goal", "target": "8", "step": "5", "exam_on": "2027-03-01"})
    person.refresh_from_db()
    assert (person.name, person.time_zone) == ("Mina", "Asia/Ho_Chi_Minh")
    assert (person.goal.target, person.goal.step) == (8, 5)
    assert client.post(url, {"part": "goal", "target": "99", "step": "5"}).status_code == 422


def test_the_first_goal_is_kept_or_asked_again(client, db):
    person = make_user()
    client.force_login(person)
    url = reverse("accounts:goal-set")
    assert client.post(url, {"target": "x"}).status_code == 422
    reply = client.post(url, {"name": "Mina", "target": "7", "step": "4", "next": "/practice/"})
    assert reply["Location"] == "/practice/"
    person.refresh_from_db()
    assert (person.name, person.goal.target) == ("Mina", 7)
