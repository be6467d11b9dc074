"""Every event of the table in the operations page is caused here, through the real views, and finds
exactly one line: with its fields, and with nothing of the person in it.
"""

import re
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.models import User
from accounts.security.log import Event, hash_of
from tests.accounts.security.cases import IP, LINE, fresh_counts, listening
from tests.accounts.test_sign_in import code_in_mail
from tests.factories import make_prompt, make_user

EMAIL, PASSWORD, NAME = "zebra@example.org", "a long enough pass phrase", "Zebra Kim"


SECRET = "JBSWY3DPEHPK3PXP"


def totp_code(secret: str = SECRET) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


class SecurityLogTests(TestCase):
    """One method an event, named after it: the table and these are held against each other."""

    def setUp(self):
        self.person = self.make(EMAIL, name=NAME)
        self.client = Client(REMOTE_ADDR=IP)
        counts = fresh_counts()
        counts.__enter__()
        self.addCleanup(counts.__exit__, None, None, None)
        lines = listening()
        self.lines = lines.__enter__()
        self.addCleanup(lines.__exit__, None, None, None)

    def make(self, email, **fields):
        person = make_user(email, **fields)
        person.set_password(PASSWORD)
        person.save()
        person.emailaddress_set.create(email=email, verified=True, primary=True)
        return person

    def one(self, event, person=None, *, how=None, address=None):
        """The only line of this event, after a look for what must not be in any line."""
        text = "\n".join(self.lines)
        for private in (EMAIL, "zebra", NAME, PASSWORD, IP, SECRET, "other@example.org"):
            assert private.lower() not in text.lower(), private
        for cookie in self.client.cookies.values():
            assert not cookie.value or cookie.value not in text
        parsed = [LINE.match(line) for line in self.lines]
        assert all(parsed), self.lines
        mine = [line for line in parsed if line["event"] == event.value]
        assert len(mine) == 1, self.lines
        line = mine[0]
        assert line["user"] == (str(person.pk) if person else "-")
        # a test's commit comes after the request; in the product it is within
        is_after = event in {Event.FACTOR_ADDED, Event.FACTOR_RESET}
        assert is_after or re.fullmatch(r"[0-9a-f]{12}", line["request"])
        assert line["client"] == f"203.0.113.0/24#{hash_of('client', IP)}"
        if address is not None:
            assert line["address"] == (hash_of("address", address) or "-")
        if how is not None:
            assert line["how"] == how
        return line

    def sign_in(self, password=PASSWORD, email=EMAIL):
        return self.client.post(
            reverse("account_login"), {"login": email, "password": password}, follow=True
        )

    def proved(self, person, method="password"):
        """The library's own record of a proof just given."""
        session = self.client.session
        record = {"method": method, "at": time.time(), "reauthenticated": True}
        methods = session.get("account_authentication_methods", [])
        session["account_authentication_methods"] = [*methods, record]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()

    def with_factor(self, person=None):
        TOTP.activate(person or self.person, SECRET)

    def test_signed_up(self):
        fields = {"email": "other@example.org", "password1": PASSWORD}
        self.client.post(reverse("account_signup"), fields)
        made = User.objects.get(email="other@example.org")
        self.one(Event.SIGNED_UP, made, address="other@example.org")

    def test_sign_in(self):
        self.sign_in()
        self.one(Event.SIGN_IN, self.person, how="password", address=EMAIL)

    def test_sign_in_by_code_and_with_a_factor_say_so(self):
        self.client.post(reverse("account_request_login_code"), {"email": EMAIL})
        self.client.post(reverse("account_confirm_login_code"), {"code": code_in_mail()})
        self.one(Event.SIGN_IN, self.person, how="code")
        self.client.logout()
        self.lines.clear()
        self.with_factor()
        self.sign_in()
        assert not self.lines
        self.client.post(reverse("mfa_authenticate"), {"code": totp_code()})
        self.one(Event.SIGN_IN, self.person, how="password+mfa")

    def test_sign_in_failed(self):
        self.sign_in("wrong")
        self.one(Event.SIGN_IN_FAILED, address=EMAIL, how="password")

    def test_sign_in_failed_of_an_unknown_address_looks_the_same(self):
        self.sign_in("wrong", "other@example.org")
        self.one(Event.SIGN_IN_FAILED, address="other@example.org", how="password")

    def test_sign_in_limited(self):
        with override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "1/m/key"}):
            self.sign_in("wrong")
            self.sign_in("wrong")
        self.one(Event.SIGN_IN_LIMITED, address=EMAIL)
        self.one(Event.SIGN_IN_FAILED)

    def test_sign_out(self):
        self.sign_in()
        self.client.post(reverse("account_logout"))
        self.one(Event.SIGN_OUT, self.person)

    def test_code_rejected(self):
        self.client.post(reverse("account_request_login_code"), {"email": EMAIL})
        self.client.post(reverse("account_confirm_login_code"), {"code": "AAAA-AAAA"})
        self.one(Event.CODE_REJECTED, self.person, how="sign_in")

    def test_code_rejected_of_a_reset_and_of_an_address(self):
        reply = self.client.post(reverse("account_reset_password"), {"email": EMAIL})
        self.client.post(reply["Location"], {"code": "AAAA-AAAA"})
        self.one(Event.CODE_REJECTED, self.person, how="password_reset")

    def test_second_factor_failed(self):
        self.with_factor()
        self.sign_in()
        self.client.post(reverse("mfa_authenticate"), {"code": "000000"})
        self.one(Event.SECOND_FACTOR_FAILED, self.person, how="mfa")

    def test_reauthentication_failed(self):
        self.sign_in()
        self.client.post(reverse("account_reauthenticate"), {"password": "wrong"})
        self.one(Event.REAUTHENTICATION_FAILED, self.person, how="password")
        assert not [line for line in self.lines if line.startswith("sign_in_failed")]

    def test_factor_added(self):
        self.sign_in()
        self.proved(self.person)
        self.client.get(reverse("mfa_activate_totp"))
        secret = self.client.session["mfa.totp.secret"]
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
        assert secret not in "\n".join(self.lines)
        added = [line for line in self.lines if line.startswith("factor_added")]
        assert sorted(line.rpartition("=")[2] for line in added) == ["recovery_codes", "totp"]
        self.lines[:] = [line for line in self.lines if not line.endswith("recovery_codes")]
        self.one(Event.FACTOR_ADDED, self.person, how="totp")

    def signed_in_with_factor(self, person=None):
        person = person or self.person
        self.with_factor(person)
        self.sign_in(email=person.email)
        self.client.post(reverse("mfa_authenticate"), {"code": totp_code()})
        self.proved(person, "mfa")
        self.lines.clear()

    def test_factor_removed(self):
        self.signed_in_with_factor()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("mfa_deactivate_totp"))
        assert not Authenticator.objects.exists()
        self.one(Event.FACTOR_REMOVED, self.person, how="totp")

    def test_factor_reset(self):
        self.signed_in_with_factor()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("mfa_generate_recovery_codes"))
        self.one(Event.FACTOR_RESET, self.person, how="recovery_codes")

    def test_password_changed(self):
        self.sign_in()
        fields = {"oldpassword": PASSWORD, "password1": PASSWORD + "!"}
        self.client.post(reverse("account_change_password"), {**fields, "password2": PASSWORD})
        self.client.post(
            reverse("account_change_password"), {**fields, "password2": fields["password1"]}
        )
        self.one(Event.PASSWORD_CHANGED, self.person)

    def test_password_reset(self):
        reply = self.client.post(reverse("account_reset_password"), {"email": EMAIL})
        reply = self.client.post(reply["Location"], {"code": code_in_mail()})
        fields = {"password1": PASSWORD + "!", "password2": PASSWORD + "!"}
        self.client.post(reply["Location"], fields)
        self.one(Event.PASSWORD_RESET, self.person)

    def test_address_changed(self):
        self.sign_in()
        fields = {"email": "other@example.org", "action_add": ""}
        reply = self.client.post(reverse("account_email"), fields)
        code = next(
            match.group(1)
            for message in reversed(mail.outbox)
            if message.to == ["other@example.org"]
            and (match := re.search(r"^\s*([A-Z0-9]{3,5}-[A-Z0-9]{3,5})\s*$", message.body, re.M))
        )
        self.client.post(reply["Location"], {"code": code})
        line = self.one(Event.ADDRESS_CHANGED, self.person, address=EMAIL)
        assert line["how"] == hash_of("address", "other@example.org")

    def test_session_ended(self):
        self.sign_in()
        there = Client()
        there.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
        self.lines.clear()
        self.client.post(reverse("usersessions_list"))
        self.one(Event.SESSION_ENDED, self.person)

    def test_consent_withdrawn(self):
        self.sign_in()
        fields = {"kind": "recording", "erase": "nothing"}
        self.client.post(reverse("consent-withdraw"), fields)
        self.one(Event.CONSENT_WITHDRAWN, self.person, how="recording")
        assert not [line for line in self.lines if line.startswith("data_erased")]

    def test_data_erased(self):
        self.sign_in()
        fields = {"kind": "recording", "erase": "recordings"}
        self.client.post(reverse("consent-withdraw"), fields)
        self.one(Event.DATA_ERASED, self.person, how="recordings")

    def test_exported(self):
        self.sign_in()
        b"".join(self.client.get(reverse("account-export")).streaming_content)
        self.one(Event.EXPORTED, self.person)

    def test_account_deleted(self):
        self.sign_in()
        person = User.objects.get(pk=self.person.pk)
        self.client.post(reverse("account-delete"), {"email": EMAIL})
        assert not User.objects.exists()
        self.one(Event.ACCOUNT_DELETED, person, address=EMAIL)

    def staff(self, *names, **fields):
        staff = self.make("staff@example.org", is_staff=True, **fields)
        staff.user_permissions.add(*Permission.objects.filter(codename__in=names))
        self.signed_in_with_factor(staff)
        return staff

    def test_admin_refused(self):
        self.sign_in()
        self.client.get(reverse("admin:index"))
        self.one(Event.ADMIN_REFUSED, self.person, how="GET:/admin/")

    def test_admin_refused_to_staff_without_the_permission(self):
        staff = self.staff()
        url = reverse("admin:accounts_user_changelist")
        assert self.client.get(url).status_code == 403
        self.one(Event.ADMIN_REFUSED, staff, how=f"GET:{url}")

    def test_who_is_let_in_or_signed_out_is_not_refused(self):
        self.client.get(reverse("admin:index"))
        self.staff()
        assert self.client.get(reverse("admin:index")).status_code == 200
        assert not self.lines

    def test_admin_write(self):
        staff = self.staff("view_user", "change_user")
        url = reverse("admin:accounts_user_change", args=[self.person.pk])
        fields = {"email": EMAIL, "name": "New name", "language": "ko", "time_zone": "Asia/Seoul"}
        reply = self.client.post(url, {**fields, "is_active": "on"})
        assert reply.status_code == 302, reply.content
        line = self.one(Event.ADMIN_WRITE, staff)
        assert line["how"].startswith(f"change:accounts.user/{self.person.pk}:")
        assert "language" in line["how"]
        assert "new" not in line["how"].lower()

    def test_admin_write_in_bulk_has_a_line_for_each(self):
        staff = self.staff(is_superuser=True)
        others = [
            User.objects.create_user(f"bulk{number}@example.org", PASSWORD) for number in range(3)
        ]
        url = reverse("admin:accounts_user_changelist")
        chosen = {
            "action": "delete_selected",
            "_selected_action": [str(one.pk) for one in others],
            "post": "yes",
        }
        self.client.post(url, chosen)
        assert User.objects.filter(email__startswith="bulk").count() == 0
        lines = [LINE.match(line) for line in self.lines if line.startswith("admin_write")]
        assert {line["user"] for line in lines} == {str(staff.pk)}
        whats = {line["how"] for line in lines}
        assert whats == {f"delete:accounts.user/{one.pk}" for one in others}
        assert "bulk" not in "\n".join(self.lines)

    def test_ticket_refused(self):
        prompt = make_prompt()
        url = reverse("practice:take-create", args=[prompt.pk, 1])
        reply = self.client.post(url, {"manifest": "{}"}, headers={"X-Upload-Token": "a:b:zebra"})
        assert reply.status_code == 401
        self.one(Event.TICKET_REFUSED, how=url)

    def test_csrf_refused(self):
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=IP)
        self.client.force_login(self.person)
        self.lines.clear()
        url = reverse("accounts:settings")
        assert self.client.post(url, {"name": NAME}).status_code == 403
        self.one(Event.CSRF_REFUSED, self.person, how=url)


def documented() -> set[str]:
    text = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    table = text.partition("## Security log")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.M))


def test_the_table_the_events_and_the_tests_are_the_same_list():
    tested = {name.removeprefix("test_") for name in dir(SecurityLogTests)}
    codes = {event.value for event in Event}
    assert documented() == codes
    assert codes <= tested, codes - tested


def test_every_event_is_written_somewhere():
    """A code that nothing writes is a promise that nobody keeps."""
    sources = "\n".join(
        path.read_text()
        for package in ("accounts", "opic", "scoring", "exams", "practice")
        for path in (settings.BASE_DIR / package).rglob("*.py")
        if path.name != "security_log.py"
    )
    for event in Event:
        assert f"Event.{event.name}" in sources, event
