"""A live session alone changes nothing: address, password, second factor, export, deletion."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.models import User
from tests.factories import make_user, prove

SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "a long enough pass phrase"
OLD, NEW = "old@example.org", "new@example.org"


def totp_code(secret=SECRET):
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def mailed_code():
    match = re.search(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", mail.outbox[-1].body, re.M)
    assert match, mail.outbox[-1].body
    return match.group(1)


# what a stolen session would do, as (URL name, what is posted; nothing: it is opened)
CHANGES = {
    "address": ("account_email", {"action_add": "", "email": NEW}),
    "password": ("account_set_password", {"password1": PASSWORD, "password2": PASSWORD}),
    "second factor": ("mfa_activate_totp", None),
    "recovery codes": ("mfa_generate_recovery_codes", {}),
    "seeing recovery codes": ("mfa_view_recovery_codes", None),
    "second factor off": ("mfa_deactivate_totp", {}),
    "export": ("account-export", None),
    "deletion": ("account-delete", {"email": OLD}),
}


class Case(TestCase):
    def setUp(self):
        self.person = make_user(OLD)
        self.person.emailaddress_set.create(email=OLD, verified=True, primary=True)
        self.client.force_login(self.person)

    def without_password(self):
        self.person.set_unusable_password()
        self.person.save()
        self.client.force_login(self.person)

    def with_factor(self, person=None):
        return TOTP.activate(person or self.person, SECRET).instance

    def send(self, name, data, client=None):
        client = client or self.client
        url = reverse(name)
        return client.get(url) if data is None else client.post(url, data)


class OldSessionTests(Case):
    """Each change, with a last proof that is too old, leads to the page that asks for one."""

    def refused(self, expected, *, skip=()):
        for what, (name, data) in CHANGES.items():
            if what in skip:
                continue
            before = User.objects.values().get(), list(Authenticator.objects.values())
            reply = self.send(name, data)
            assert reply.status_code == 302, what
            assert reply["Location"].startswith(expected), (what, reply["Location"])
            assert (User.objects.values().get(), list(Authenticator.objects.values())) == before
            assert EmailAddress.objects.get().email == OLD
            assert not mail.outbox, what

    def test_with_a_password(self):
        prove(self.client, self.person, seconds_ago=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1)
        skip = {"password", "second factor off", "recovery codes", "seeing recovery codes"}
        self.refused(reverse("account_reauthenticate"), skip=skip)
        # who has a password types it where a new one is chosen
        for old in ("", "wrong", NEW):
            self.client.post(
                reverse("account_change_password"),
                {"oldpassword": old, "password1": PASSWORD, "password2": PASSWORD},
            )
        self.person.refresh_from_db()
        assert self.person.check_password("pw")

    def test_without_a_password(self):
        self.without_password()
        prove(
            self.client,
            self.person,
            "code",
            seconds_ago=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1,
        )
        skip = {"second factor off", "recovery codes", "seeing recovery codes"}
        code_page = reverse("accounts:reauthenticate-code")
        self.refused(code_page, skip=skip)
        reply = self.client.get(reverse("account_set_password"))
        assert reply["Location"].startswith(code_page)
        self.person.refresh_from_db()
        assert not self.person.has_usable_password()

    def test_with_a_second_factor_a_password_is_not_enough(self):
        self.with_factor()
        Authenticator.objects.create(
            user=self.person, type="recovery_codes", data={"seed": "a", "used_mask": 0}
        )
        prove(self.client, self.person, "password")
        self.refused(reverse("mfa_reauthenticate"), skip={"password", "second factor"})
        reply = self.client.post(reverse("account_reauthenticate"), {"password": "pw"})
        assert reply["Location"].startswith(reverse("mfa_reauthenticate"))
        self.refused(reverse("mfa_reauthenticate"), skip={"password", "second factor"})

    def test_nothing_typed_is_stored_while_the_proof_is_missing(self):
        self.without_password()
        self.send(*CHANGES["password"])
        assert PASSWORD not in str(dict(self.client.session))

    def test_a_proof_of_just_now_opens_and_an_older_one_does_not(self):
        for age, status in ((0, 200), (299, 200), (301, 302)):
            client = Client()
            client.force_login(self.person)
            prove(client, self.person, seconds_ago=age)
            assert client.get(reverse("account-delete")).status_code == status, age

    def test_somebody_else_s_proof_in_the_same_browser_counts_for_nobody(self):
        prove(self.client, make_user())
        assert self.client.get(reverse("account-delete")).status_code == 302

    def test_a_sign_in_of_just_now_is_a_proof(self):
        client = Client()
        client.post(reverse("account_login"), {"login": OLD, "password": "pw"})
        assert client.get(reverse("account-delete")).status_code == 200


class WholePathTests(Case):
    """From the change to the proof and back, by forms alone."""

    def test_export_with_a_password_is_one_click_and_the_proof(self):
        page = self.client.get(reverse("accounts:settings"))
        assert f'href="{reverse("account-export")}"' in page.content.decode()
        reply = self.client.get(reverse("account-export"), follow=True)
        assert reply.request["PATH_INFO"] == reverse("account_reauthenticate")
        form = {"password": "pw", "next": reverse("account-export")}
        reply = self.client.post(reverse("account_reauthenticate"), form, follow=True)
        assert reply["Content-Type"] == "application/zip"

    def test_a_wrong_password_opens_nothing(self):
        form = {"password": "wrong", "next": reverse("account-export")}
        page = self.client.post(reverse("account_reauthenticate"), form)
        self.assertContains(page, "not your password")
        assert self.client.get(reverse("account-export")).status_code == 302

    def test_without_a_password_a_code_to_the_present_address(self):
        self.without_password()
        reply = self.client.get(reverse("account-export"))
        url = reply["Location"]
        page = self.client.get(url)
        assert mail.outbox == [], "looking at the page mails nothing"
        assert OLD in page.content.decode()
        assert reverse("account-export") in page.content.decode()
        reply = self.client.post(url, {"action": "send", "next": reverse("account-export")})
        assert [message.to for message in mail.outbox] == [[OLD]]
        page = self.client.get(reply["Location"])
        self.assertContains(page, mailed_code())
        form = {"code": mailed_code(), "next": reverse("account-export")}
        reply = self.client.post(reply["Location"], form, follow=True)
        assert reply["Content-Type"] == "application/zip"

    def test_the_page_keeps_the_code_to_itself_where_mail_goes_out(self):
        self.without_password()
        url = reverse("accounts:reauthenticate-code")
        with override_settings(SHOWS_CODES=False):
            self.client.post(url, {"action": "send"})
            self.assertNotContains(self.client.get(url), mailed_code())

    def test_three_wrong_codes_and_the_right_one_is_void(self):
        self.without_password()
        url = reverse("accounts:reauthenticate-code")
        self.client.post(url, {"action": "send"})
        right = mailed_code()
        for _ in range(3):
            self.client.post(url, {"code": "AAAA-AAAA"})
        self.client.post(url, {"code": right})
        assert self.client.get(reverse("account-delete")).status_code == 302

    def test_a_code_for_the_address_from_before_is_void(self):
        self.without_password()
        url = reverse("accounts:reauthenticate-code")
        self.client.post(url, {"action": "send"})
        User.objects.filter(pk=self.person.pk).update(email=NEW)
        self.client.post(url, {"code": mailed_code()})
        assert self.client.get(reverse("account-delete")).status_code == 302

    def test_a_code_is_good_for_three_minutes(self):
        self.without_password()
        url = reverse("accounts:reauthenticate-code")
        self.client.post(url, {"action": "send"})
        session = self.client.session
        session["reauthentication_code"]["at"] -= 181
        session.save()
        self.client.post(url, {"code": mailed_code()})
        assert self.client.get(reverse("account-delete")).status_code == 302

    def test_who_has_a_password_is_not_offered_the_weaker_way(self):
        reply = self.client.get(reverse("accounts:reauthenticate-code"))
        assert reply["Location"] == reverse("account_reauthenticate")
        reply = self.client.post(reverse("accounts:reauthenticate-code"), {"action": "send"})
        assert reply["Location"] == reverse("account_reauthenticate")
        assert mail.outbox == []

    def test_the_address_changes_after_the_proof_and_the_code_to_the_new_one(self):
        reply = self.client.post(reverse("account_email"), {"action_add": "", "email": NEW})
        form = {"password": "pw", "next": reverse("account_email")}
        reply = self.client.post(reply["Location"], form)
        assert mail.outbox[-1].to == [NEW]
        self.client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
        self.person.refresh_from_db()
        assert self.person.email == NEW
        assert mail.outbox[-1].to == [OLD]

    def test_deleting_after_the_proof(self):
        self.client.post(reverse("account_reauthenticate"), {"password": "pw"})
        self.client.post(reverse("account-delete"), {"email": OLD})
        assert not User.objects.exists()

    def test_a_lost_proof_between_page_and_button_is_asked_for_and_the_button_counts(self):
        reply = self.client.post(reverse("account-delete"), {"email": OLD})
        form = {"password": "pw", "next": reverse("account-delete")}
        self.client.post(reply["Location"], form)
        assert not User.objects.exists()

    def test_second_factor_by_its_code(self):
        self.with_factor()
        reply = self.client.get(reverse("account-delete"))
        form = {"code": totp_code(), "next": reverse("account-delete")}
        reply = self.client.post(reply["Location"], form)
        assert reply["Location"] == reverse("account-delete")
        assert self.client.get(reply["Location"]).status_code == 200

    def test_other_sites_are_never_returned_to(self):
        form = {"password": "pw", "next": "https://thief.example.org/"}
        reply = self.client.post(reverse("account_reauthenticate"), form)
        assert "thief" not in reply["Location"]


@pytest.mark.parametrize("language", ["en", "ko", "vi"])
@pytest.mark.parametrize("name", ["accounts:reauthenticate-code", "account_reauthenticate"])
def test_the_pages_speak_every_language_and_need_no_script(client, db, language, name):
    person = make_user(OLD, language=language)
    if name == "accounts:reauthenticate-code":
        person.set_unusable_password()
        person.save()
    client.force_login(person)
    page = client.get(reverse(name)).content.decode()
    assert f'lang="{language}"' in page
    main = page.partition("<main")[2]
    assert "hx-" not in main
    assert main.count("<button") >= 1


class NoticeTests(Case):
    """Every change of credentials is told to the address that was valid before it."""

    def setUp(self):
        super().setUp()
        User.objects.filter(pk=self.person.pk).update(language="vi", time_zone="Asia/Ho_Chi_Minh")
        self.person.refresh_from_db()
        self.client = self.visitor()
        self.client.force_login(self.person)

    def visitor(self):
        """Another language than the person's: whoever sits there chose it."""
        visitor = Client(headers={"user-agent": "Firefox on the kitchen tablet"})
        visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return visitor

    def notices_of(self, prefix):
        """The one notice, to the old address, in Vietnamese, with time and device."""
        from django.template.loader import render_to_string
        from django.utils import translation

        message = mail.outbox[-1]
        assert message.to == [OLD]
        with translation.override("vi"):
            subject = render_to_string(f"{prefix}_subject.txt").strip()
        assert message.subject == subject
        assert "tháng" in message.body, "the month, as it is written in Vietnamese"
        assert "Firefox on the kitchen tablet" in message.body
        assert "+07" in message.body or "Asia/Ho_Chi_Minh" in message.body
        mail.outbox.clear()

    def run_on_commit(self, name, data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(reverse(name), data)

    def test_password_changed(self):
        self.run_on_commit(
            "account_change_password",
            {"oldpassword": "pw", "password1": PASSWORD, "password2": PASSWORD},
        )
        self.notices_of("account/email/password_changed")

    def test_password_set(self):
        self.without_password()
        prove(self.client, self.person, "code")
        self.run_on_commit("account_set_password", CHANGES["password"][1])
        self.notices_of("account/email/password_set")

    def test_password_reset(self):
        visitor = self.client = self.visitor()
        reply = visitor.post(reverse("account_reset_password"), {"email": OLD})
        reply = visitor.post(reply["Location"], {"code": mailed_code()})
        visitor.post(reply["Location"], {"password1": PASSWORD, "password2": PASSWORD})
        self.notices_of("account/email/password_reset")

    def test_address_changed(self):
        prove(self.client, self.person)
        self.run_on_commit("account_email", CHANGES["address"][1])
        self.run_on_commit("account_email_verification_sent", {"code": mailed_code()})
        assert NEW in mail.outbox[-1].body
        self.notices_of("account/email/email_changed")

    def test_second_factor_on_new_codes_and_off(self):
        prove(self.client, self.person)
        page = self.client.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        self.run_on_commit("mfa_activate_totp", {"code": totp_code(secret)})
        assert Authenticator.objects.count() == 2
        self.notices_of("mfa/email/totp_activated")
        prove(self.client, self.person, "mfa")
        self.run_on_commit("mfa_generate_recovery_codes", {})
        self.notices_of("mfa/email/recovery_codes_generated")
        self.run_on_commit("mfa_deactivate_totp", {})
        assert Authenticator.objects.count() == 0
        self.notices_of("mfa/email/totp_deactivated")


def test_every_notice_of_the_library_is_in_our_own_words():
    """A release of the library with a new notice makes this fail: write it in three languages."""
    from pathlib import Path

    import allauth

    theirs = Path(allauth.__file__).parent / "templates"
    ours = settings.BASE_DIR / "templates"
    notices = [
        path.relative_to(theirs)
        for folder in ("account/email", "mfa/email")
        for path in sorted((theirs / folder).glob("*_message.txt"))
        if "base_notification.txt" in path.read_text() and "webauthn" not in path.name
    ]
    assert len(notices) >= 7
    for path in notices:
        subject = str(path).replace("_message", "_subject")
        assert (ours / path).exists(), path
        assert (ours / subject).exists(), subject
